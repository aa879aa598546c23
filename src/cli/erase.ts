import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import type { Config } from '../config/load.ts'
import type { Translate } from '../config/translate.ts'
import type { Database } from '../database/open.ts'
import { CommandError, readArguments, UsageError } from './command-line.ts'
import { type Buyer, createMatcher, maskedEmail, maskedPhone, readEmail, readPhone } from './erase/buyer.ts'
import { findPlaces } from './erase/places.ts'
import { beginProof, crmOf } from './erase/proof.ts'
import { emptyLog, isUnfinished, removeTraces, type Traces } from './erase/remove.ts'
import { findByOrder, findContacts, findMessages } from './erase/traces.ts'
import { withDatabase } from './with-account.ts'

export const eraseUsage =
  'npx parom erase [--phone <phone>] [--email <address>] [--order <number | id>] [--dry-run] [--yes] [--unfinished] [--proof <folder>]'

const exitCodes = { fine: 0, failed: 1 }
/** Lines of one kind that a terminal is shown. */
const mostShown = 20

/** Erases one buyer from the database, whether the server runs or not, and writes a proof of it. */
export async function erase(args: string[]) {
  const wanted = readOptions(args)
  return withDatabase((opened) => eraseIn(opened, wanted))
}

interface Opened {
  config: Config
  database: Database
  translate: Translate
}

async function eraseIn({ config, database, translate }: Opened, wanted: Wanted) {
  const buyer = buyerOf(wanted, translate)
  const say = (key: string, params = {}) => console.log(translate(key, params))
  say('cli.erase.looked_for', { what: [...masked(buyer), wanted.order].filter(Boolean).join(', ') })
  const traces = await findAll(database, buyer, wanted, translate)
  describe(traces, { buyer, config, database, translate })
  const isNothing = traces.messages.length + traces.contacts.length + traces.places.length === 0
  if (wanted.isDry) {
    say('cli.erase.dry')
    return exitCodes.fine
  }
  if (traces.messages.some(isUnfinished)) {
    if (!wanted.isUnfinished) throw new CommandError(translate('cli.erase.refuses'))
    say('cli.erase.closes')
  }
  if (!isNothing && !wanted.isSure && !(await isConfirmed(translate))) {
    say('cli.erase.cancelled')
    return exitCodes.failed
  }
  const folder = wanted.folder ?? join(config.stateFolder, 'erased')
  const { order } = wanted
  const at = Date.now()
  const erasing = { buyer, order, traces, appKey: config.app.app_key, folder, at }
  const proof = await beginProof(erasing).catch((error: Error) => {
    throw new CommandError(translate('cli.erase.no_folder', { folder, error: error.message }))
  })
  const left = await removeTraces(database.db, traces, buyer, at)
  const isLogEmpty = await emptyLog(database)
  await proof.end(database.db, { left, isLogEmpty })
  say('cli.erase.done', { file: proof.file })
  if (left.length > 0) console.error(translate('cli.erase.left', { ids: left.map(({ id }) => id).join(', ') }))
  if (!isLogEmpty) console.error(translate('cli.erase.file_left'))
  return left.length > 0 || !isLogEmpty ? exitCodes.failed : exitCodes.fine
}

async function findAll({ db }: Database, buyer: Buyer, { order }: Wanted, translate: Translate): Promise<Traces> {
  const matcher = createMatcher(buyer)
  const byOrder = order === undefined ? [] : await findByOrder(db, order, matcher)
  if (order !== undefined && byOrder.length === 0) throw new CommandError(translate('cli.erase.no_order', { order }))
  if (!buyer.phone && !buyer.email) return { messages: byOrder, contacts: [], places: [] }
  const byBuyer = await findMessages(db, buyer, matcher, showProgress)
  const messages = [...new Map([...byBuyer, ...byOrder].map((trace) => [trace.id, trace])).values()]
  return { messages, contacts: await findContacts(db, matcher), places: await findPlaces(db, matcher) }
}

function showProgress(count: number) {
  if (process.stderr.isTTY && count % 10_000 === 0) process.stderr.write(`\r${count}\r`)
}

/** What was found and what stays, in words; nothing that names the buyer. */
function describe(traces: Traces, { buyer, config, database, translate }: Opened & { buyer: Buyer }) {
  const { messages, contacts, places } = traces
  const say = (key: string, params = {}) => console.log(translate(key, params))
  const list = (key: string, ids: (string | number)[]) => {
    if (ids.length === 0) return
    say(key, { count: ids.length })
    for (const id of ids.slice(0, mostShown)) console.log(`  ${id}`)
    if (ids.length > mostShown) console.log('  …')
  }
  const idsOf = (isMeant: (trace: (typeof messages)[number]) => boolean) =>
    messages.filter(isMeant).map(({ id, lead_id }) => (lead_id === null ? id : `${id} → ${lead_id}`))
  if (messages.length + contacts.length + places.length === 0) say('cli.erase.nothing')
  list(
    'cli.erase.orders',
    idsOf(({ state }) => state === 'delivered'),
  )
  list('cli.erase.unfinished', idsOf(isUnfinished))
  list(
    'cli.erase.refused',
    idsOf(({ state }) => state === 'rejected'),
  )
  const mentioned = messages.filter(({ isBuyers, state }) => !isBuyers && state !== 'rejected').length
  if (mentioned > 0) say('cli.erase.mentioned', { count: mentioned })
  const partners = contacts.filter(({ isPartner }) => isPartner).map(({ id }) => id)
  if (contacts.length > partners.length) say('cli.erase.contacts', { count: contacts.length - partners.length })
  if (partners.length > 0) say('cli.erase.partners', { ids: partners.join(', ') })
  for (const [place, alike] of Map.groupBy(places, ({ table }) => table))
    say('cli.erase.place', { place, count: alike.length })
  const others = othersOf(traces, buyer)
  if (others.length > 0) say('cli.erase.others', { what: others.join(', ') })
  const crmUrl = config.amo.startSandbox ? config.sandbox.baseUrl : config.amo.baseUrl
  const crm = Object.entries(crmOf(traces)).flatMap(([kind, ids]) =>
    ids.map((id) => `  ${crmUrl}/${kind}/detail/${id}`),
  )
  if (crm.length > 0) console.log([translate('cli.erase.crm'), ...crm].join('\n'))
  say('cli.erase.beyond')
  if (database.dialect === 'mysql') say('cli.erase.beyond.mysql')
}

/** By which else the orders of this buyer are known, masked. */
function othersOf({ messages }: Traces, buyer: Buyer) {
  const own = messages.filter(({ isBuyers }) => isBuyers)
  const phones = own.flatMap(({ phone_digits }) => readPhone(phone_digits ?? '') ?? [])
  const emails = own.flatMap(({ email }) => email?.toLowerCase() ?? [])
  return [
    ...new Set([
      ...phones.filter((phone) => phone !== buyer.phone).map(maskedPhone),
      ...emails.filter((email) => email !== buyer.email).map(maskedEmail),
    ]),
  ]
}

function masked({ phone, email }: Buyer) {
  return [...(phone ? [maskedPhone(phone)] : []), ...(email ? [maskedEmail(email)] : [])]
}

async function isConfirmed(translate: Translate) {
  const word = translate('cli.erase.word')
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')))
  const typed = await Promise.race([lines.question(translate('cli.erase.ask', { word })), ended])
  lines.close()
  return typed.trim().toLowerCase() === word
}

interface Wanted {
  phone?: string | undefined
  email?: string | undefined
  order?: string | undefined
  isDry: boolean
  isSure: boolean
  isUnfinished: boolean
  /** For the proof; null for the usual one. */
  folder: string | null
}

function buyerOf({ phone, email }: Wanted, translate: Translate): Buyer {
  const buyer = {
    phone: phone === undefined ? undefined : readPhone(phone),
    email: email === undefined ? undefined : readEmail(email),
  }
  if (buyer.phone === null) throw new CommandError(translate('cli.erase.unfit_phone'))
  if (buyer.email === null) throw new CommandError(translate('cli.erase.unfit_email'))
  return { phone: buyer.phone, email: buyer.email }
}

const options = {
  phone: { type: 'string' },
  email: { type: 'string' },
  order: { type: 'string' },
  'dry-run': { type: 'boolean' },
  yes: { type: 'boolean' },
  unfinished: { type: 'boolean' },
  proof: { type: 'string' },
} as const

function readOptions(args: string[]): Wanted {
  const { values } = readArguments({ args, options })
  const { phone, email, order, yes = false, unfinished = false, proof = null } = values
  if ([phone, email, order].every((value) => value === undefined || value.trim() === '')) throw new UsageError()
  const isDry = values['dry-run'] ?? false
  return { phone, email, order, isDry, isSure: yes, isUnfinished: unfinished, folder: proof }
}
