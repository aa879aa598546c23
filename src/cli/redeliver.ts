import { parseArgs } from 'node:util'
import type { Translate } from '../config/translate.ts'
import { createInbox, type Inbox } from '../inbox/inbox.ts'
import { reasons } from '../inbox/message.ts'
import { waitingStates } from '../inbox/redelivery.ts'
import { CommandError, withDatabase } from './with-account.ts'

export const redeliverUsage = 'npx parom redeliver <id>… | --state dead|held|pending [--reason <reason>]'

const exitCodes = { fine: 0, failed: 1, usage: 2 }

/** Puts orders at the head of the queue; the server, where one runs, sends them within a second. */
export async function redeliver(args: string[]) {
  const wanted = readOptions(args)
  if (!wanted) {
    console.error(redeliverUsage)
    return exitCodes.usage
  }
  try {
    return await withDatabase(async ({ config, database, translate }) => {
      const inbox = createInbox(database.db, Date.now)
      const { state, reason, ids } = wanted
      const faults: string[] = []
      let queued = 0
      if (state) queued = await inbox.redeliverWaiting({ account: config.amo.domain, state, reason })
      for (const id of ids) {
        if (await inbox.redeliver(id)) queued += 1
        else faults.push(await whyNot(inbox, id, translate))
      }
      for (const fault of faults) console.error(fault)
      console.log(translate('cli.redeliver.queued', { count: queued }))
      return faults.length > 0 ? exitCodes.failed : exitCodes.fine
    })
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    console.error(error.message)
    return exitCodes.failed
  }
}

async function whyNot(inbox: Inbox, id: string, translate: Translate) {
  const message = await inbox.find(id)
  if (!message) return translate('cli.redeliver.missing', { id })
  if (message.state === 'delivered') return translate('cli.redeliver.delivered', { id })
  if (message.reason === 'unknown_outcome') return translate('cli.redeliver.unknown_outcome', { id })
  return translate('cli.redeliver.at_work', { id })
}

function readOptions(args: string[]) {
  const options = { state: { type: 'string' }, reason: { type: 'string' } } as const
  try {
    const { values, positionals: ids } = parseArgs({ args, options, allowPositionals: true })
    const state = waitingStates.find((each) => each === values.state)
    const reason = reasons.find((each) => each === values.reason)
    const isUnderstood = state === values.state && reason === values.reason
    const isOneWay = state ? ids.length === 0 : ids.length > 0 && !reason
    return isUnderstood && isOneWay ? { state, reason, ids } : null
  } catch {
    return null
  }
}
