import { setImmediate } from 'node:timers/promises'
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import type { Kysely, Selectable } from 'kysely'
import type { MessageState, Tables } from '../../database/tables.ts'
import { normalKey } from '../../inbox/search-keys.ts'
import type { Buyer, Matcher } from './buyer.ts'

export interface MessageTrace {
  id: string
  state: MessageState
  phone_digits: string | null
  email: string | null
  lead_id: number | null
  contact_id: number | null
  company_id: number | null
  /** Whether its own fields name the buyer, and not only something else in it. */
  isBuyers: boolean
  /** Whether nothing is left of it but requests to the CRM. */
  isErased: boolean
  /** What stays of other orders, where it names this buyer. */
  naming: Partial<Record<(typeof lasting)[number], string>>
}

const lasting = ['order_number', 'partner_id'] as const

export interface ContactTrace {
  listId: number
  id: number
  /** Its own copy is needed by the orders of this partner. */
  isPartner: boolean
  isCompany: boolean
}

const atOnce = 200
/** Bytes. */
const longestBody = 16 * 1024 * 1024

const columns = [
  'id',
  'state',
  'reason',
  'headers',
  'body',
  'error',
  'warnings',
  'order_number',
  'partner_id',
  'phone_digits',
  'email',
  'lead_id',
  'contact_id',
  'company_id',
  'erased_at',
] as const
type Row = Pick<Selectable<Tables['messages']>, (typeof columns)[number]>

/** All messages that name the buyer anywhere, also in what was asked and answered for them. Reads everything there is. */
export async function findMessages(
  db: Kysely<Tables>,
  buyer: Buyer,
  matcher: Matcher,
  seen: (count: number) => void,
): Promise<MessageTrace[]> {
  const traces: MessageTrace[] = []
  let after = ''
  for (let count = 0; ; ) {
    const rows: Row[] = await db
      .selectFrom('messages')
      .select(columns)
      .where('id', '>', after)
      .orderBy('id')
      .limit(atOnce)
      .execute()
    const last = rows.at(-1)
    if (!last) return traces
    const told = await findInStories(db, rows, matcher)
    for (const row of rows) {
      const isBuyers = isOwn(row, buyer)
      if (isBuyers || told.has(row.id) || textsOf(row).some(matcher.isIn)) traces.push(traceOf(row, isBuyers, matcher))
    }
    count += rows.length
    seen(count)
    after = last.id
    await setImmediate()
  }
}

/** Those that bear this number, or are called by this id. */
export async function findByOrder(db: Kysely<Tables>, order: string, matcher: Matcher): Promise<MessageTrace[]> {
  const keys = await db
    .selectFrom('search_keys')
    .select('message_id')
    .where('value', '=', normalKey(order))
    .where('kind', '=', 'order')
    .execute()
  const id = order.trim().toLowerCase()
  // The column holds ASCII alone.
  const ids = [...(/^[\da-f-]+$/.test(id) ? [id] : []), ...keys.map(({ message_id }) => message_id)]
  if (ids.length === 0) return []
  const rows = await db.selectFrom('messages').select(columns).where('id', 'in', ids).execute()
  return rows.map((row) => traceOf(row, true, matcher))
}

function traceOf(row: Row, isBuyers: boolean, matcher: Matcher): MessageTrace {
  const { id, state, phone_digits, email, lead_id, contact_id, company_id, erased_at } = row
  const own = { id, state, phone_digits, email, lead_id, contact_id, company_id }
  const naming = lasting.flatMap((name) => (matcher.isIn(row[name]) ? [[name, row[name]]] : []))
  return { ...own, isBuyers, isErased: erased_at !== null, naming: Object.fromEntries(naming) }
}

function isOwn({ phone_digits, email }: Row, buyer: Buyer) {
  const isPhone = buyer.phone !== undefined && phone_digits?.slice(-buyer.phone.length) === buyer.phone
  return isPhone || (buyer.email !== undefined && email?.toLowerCase() === buyer.email)
}

function textsOf(row: Row) {
  const { headers, error, warnings, order_number, partner_id } = row
  return [...bodiesOf(row), headers, error, warnings, order_number, partner_id]
}

/** A refused request is kept as it travelled. */
function bodiesOf({ state, headers, body }: Row) {
  const bytes = Buffer.from(body)
  const text = bytes.toString('utf8')
  if (state !== 'rejected' || !/"content-encoding"/i.test(headers)) return [text]
  const options = { maxOutputLength: longestBody }
  const inflated = [gunzipSync, inflateSync, brotliDecompressSync].flatMap((inflate) => {
    try {
      return inflate(bytes, options).toString('utf8')
    } catch {
      return []
    }
  })
  return [text, ...inflated]
}

async function findInStories(db: Kysely<Tables>, rows: Row[], matcher: Matcher) {
  const ids = rows.map(({ id }) => id)
  const steps = await db
    .selectFrom('steps')
    .select(['message_id', 'request', 'answer'])
    .where('message_id', 'in', ids)
    .execute()
  const attempts = await db
    .selectFrom('attempts')
    .select(['message_id', 'error'])
    .where('message_id', 'in', ids)
    .where('error', 'is not', null)
    .execute()
  return new Set([
    ...steps.filter(({ request, answer }) => matcher.isIn(request) || matcher.isIn(answer)).map(messageOf),
    ...attempts.filter(({ error }) => matcher.isIn(error)).map(messageOf),
  ])
}

function messageOf({ message_id }: { message_id: string }) {
  return message_id
}

/** Our copies of contacts and companies of amoCRM. */
export async function findContacts(db: Kysely<Tables>, matcher: Matcher): Promise<ContactTrace[]> {
  const lists = await db
    .selectFrom('mirror_lists')
    .select(['id', 'list'])
    .where('list', 'in', ['contacts', 'companies'])
    .execute()
  const traces: ContactTrace[] = []
  for (const list of lists) {
    let after = 0
    for (;;) {
      const items = await db
        .selectFrom('mirror_items')
        .select(['id', 'data'])
        .where('list_id', '=', list.id)
        .where('id', '>', after)
        .orderBy('id')
        .limit(5 * atOnce)
        .execute()
      const last = items.at(-1)
      if (!last) break
      for (const { id, data } of items)
        if (matcher.isIn(data)) {
          const isPartner = /"kind":"partner"/.test(data ?? '')
          traces.push({ listId: list.id, id, isPartner, isCompany: list.list === 'companies' })
        }
      after = last.id
      await setImmediate()
    }
  }
  return traces
}
