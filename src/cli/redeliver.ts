import type { Translate } from '../config/translate.ts'
import { type Admitting, acceptableReasons, isAcceptable, type RefusedAlike } from '../inbox/accept-refused.ts'
import { createInbox, type Inbox } from '../inbox/inbox.ts'
import { reasons } from '../inbox/message.ts'
import { type Waiting, waitingStates } from '../inbox/redelivery.ts'
import { createRefusedReader } from '../intake/read-refused.ts'
import { readArguments, UsageError } from './command-line.ts'
import { withDatabase } from './with-account.ts'

const refusedUsage = `--state rejected --reason ${acceptableReasons.join('|')}`
export const redeliverUsage = `npx parom redeliver <id>… | --state dead|held|pending [--reason <reason>] | ${refusedUsage}`

const exitCodes = { fine: 0, failed: 1 }

/** Puts orders at the head of the queue; the server, where one runs, sends them within a second. */
export async function redeliver(args: string[]) {
  const wanted = readOptions(args)
  return withDatabase(async ({ config: { app, amo, sources }, database, translate }) => {
    const inbox = createInbox(database, Date.now)
    const admitting = createRefusedReader({
      sources,
      dedupeWindow: app.dedupe_window * 1000,
      bodyLimit: app.body_limit,
    })
    const account = amo.domain
    const faults: string[] = []
    let queued = 0
    if (wanted.refused) queued = await inbox.acceptAllRefused({ account, ...wanted.refused }, admitting)
    if (wanted.waiting) queued = await inbox.redeliverWaiting({ account, ...wanted.waiting })
    for (const id of wanted.ids) {
      const fault = await redeliverOne({ inbox, admitting, id, translate })
      if (fault === null) queued += 1
      else faults.push(fault)
    }
    for (const fault of faults) console.error(fault)
    console.log(translate('cli.redeliver.queued', { count: queued }))
    return faults.length > 0 ? exitCodes.failed : exitCodes.fine
  })
}

interface One {
  inbox: Inbox
  admitting: Admitting
  id: string
  translate: Translate
}

/** Why it could not be sent; null when it could. */
async function redeliverOne({ inbox, admitting, id, translate }: One): Promise<string | null> {
  if (await inbox.redeliver(id)) return null
  const message = await inbox.find(id)
  if (!message) return translate('cli.redeliver.missing', { id })
  if (message.erased_at !== null) return translate('cli.redeliver.erased', { id })
  if (message.state === 'rejected') {
    const admission = isAcceptable(message) ? admitting.read(message) : null
    if (!admission) return translate('cli.redeliver.rejected', { id })
    const acceptance = await inbox.acceptRefused(message, admission)
    if (acceptance.kind === 'known') return translate('cli.redeliver.known', { id, original: acceptance.original })
    if (acceptance.kind === 'accepted') return null
  }
  if (message.state === 'delivered') return translate('cli.redeliver.delivered', { id })
  if (message.reason === 'unknown_outcome') return translate('cli.redeliver.unknown_outcome', { id })
  return translate('cli.redeliver.at_work', { id })
}

interface Wanted {
  ids: string[]
  waiting?: Omit<Waiting, 'account'>
  refused?: Omit<RefusedAlike, 'account'>
}

function readOptions(args: string[]): Wanted {
  const options = { state: { type: 'string' }, reason: { type: 'string' } } as const
  const { values, positionals: ids } = readArguments({ args, options, allowPositionals: true })
  const wanted = values.state === undefined ? onesNamed(ids, values.reason) : allOf(values.state, values.reason)
  if (!wanted || (ids.length > 0 && values.state !== undefined)) throw new UsageError()
  return wanted
}

function onesNamed(ids: string[], reason: string | undefined) {
  return ids.length > 0 && reason === undefined ? { ids } : null
}

function allOf(state: string, reason: string | undefined) {
  if (state === 'rejected') {
    const acceptable = acceptableReasons.find((each) => each === reason)
    return acceptable ? { ids: [], refused: { reason: acceptable } } : null
  }
  const waiting = waitingStates.find((each) => each === state)
  const known = reasons.find((each) => each === reason)
  return waiting && known === reason ? { ids: [], waiting: { state: waiting, reason: known } } : null
}
