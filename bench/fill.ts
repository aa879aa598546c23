import { createHash } from 'node:crypto'
import { type Insertable, type Kysely, sql, type Transaction } from 'kysely'
import { v7 as uuidv7 } from 'uuid'
import type { Tables } from '../src/database/tables.ts'
import { mostKept } from '../src/inbox/refused.ts'
import { sampleOrder } from '../test/support/orders.ts'

type Message = Insertable<Tables['messages']>

const rowsPerInsert = 500
const rowsPerTransaction = 20_000
const day = 24 * 60 * 60_000

/** Each so-manieth delivered message has its attempt and steps: those of all would take too long to write. */
const withHistory = 20
const steps = ['lead', 'products', 'note']

/**
 * Fills the tables with messages that were delivered during the last 90 days and with others that wait since yesterday.
 * @param end unix ms, by when all were received
 */
export async function fill(db: Kysely<Tables>, { account, delivered, waiting, end }: FillOptions) {
  await inTransactions(db, delivered, (index) => {
    const receivedAt = end - day - Math.floor(((delivered - index) / delivered) * 90 * day)
    return deliveredMessage(account, index, receivedAt)
  })
  await inTransactions(db, waiting, (index) => waitingMessage(account, index, end - day + index))
}

/** Refused requests of the last two days, as many as are kept, and orders with a number that was used before. */
export async function fillRefused(db: Kysely<Tables>, { account, end }: Pick<FillOptions, 'account' | 'end'>) {
  await inTransactions(db, 2 * mostKept, (index) => {
    const refused = received(account, `refused ${index}`, end - 2 * day + index * 80_000, Buffer.from(sampleOrder))
    const source = index % 2 ? 'lk' : 'unknown'
    const reason = index % 3 ? 'unauthorized' : 'rate_limited'
    return { ...refused, source, state: 'rejected', reason, dedupe_key: `rejected:${refused.id}` }
  })
  const first = await db.selectFrom('messages').select('id').where('source', '=', 'lk').limit(500).execute()
  await inTransactions(db, first.length, (index) => {
    const second = received(account, `conflict ${index}`, end - day + index, Buffer.from('order_id=1'))
    return { ...second, state: 'dead', reason: 'conflict', original_id: first[index]?.id ?? null }
  })
}

/** Orders that were given up during the last 30 days, for several reasons. */
export async function fillDead(
  db: Kysely<Tables>,
  { account, dead, end }: { account: string; dead: number; end: number },
) {
  await inTransactions(db, dead, (index) => {
    const receivedAt = end - Math.floor(((dead - index) / dead) * 30 * day)
    const message = deliveredMessage(account, index * 7, receivedAt)
    const reason = deadFor[index % deadFor.length] ?? 'internal'
    const nothing = { lead_id: null, products_linked_at: null, note_id: null, delivered_at: null }
    return { ...message, ...nothing, dedupe_key: `dead ${index}`, state: 'dead', reason, error: 'refused' }
  })
}

const deadFor = ['crm_rejected', 'unknown_outcome', 'order_unreadable', 'internal']

/** The words by which all these are found; sorted, for a table that is filled at random takes far longer. */
export async function fillSearchKeys(db: Kysely<Tables>) {
  const columns = { order: 'order_number', partner: 'partner_id', email: 'email', lead: 'lead_id' } as const
  for (const [kind, column] of Object.entries(columns)) {
    const value = sql`lower(concat(${sql.ref(column)}))`
    await sql`insert into search_keys (value, message_id, kind) select ${value}, id, ${kind} from messages where ${sql.ref(column)} is not null order by 1, 2`.execute(
      db,
    )
  }
  await sql`insert into search_keys (value, message_id, kind) select substr(phone_digits, -10), id, 'phone' from messages where phone_digits is not null order by 1, 2`.execute(
    db,
  )
}

interface FillOptions {
  account: string
  delivered: number
  waiting: number
  end: number
}

async function inTransactions(db: Kysely<Tables>, count: number, messageOf: (index: number) => Message) {
  for (let from = 0; from < count; from += rowsPerTransaction) {
    const size = Math.min(rowsPerTransaction, count - from)
    const messages = Array.from({ length: size }, (_, offset) => messageOf(from + offset))
    await db.transaction().execute((transaction) => insertAll(transaction, messages))
  }
}

async function insertAll(transaction: Transaction<Tables>, messages: Message[]) {
  const remembered = messages.filter(({ attempts, state }, index) =>
    state === 'delivered' ? index % withHistory === 0 : attempts,
  )
  for (const part of partsOf(messages)) await transaction.insertInto('messages').values(part).execute()
  for (const part of partsOf(remembered.map(attemptOf))) await transaction.insertInto('attempts').values(part).execute()
  for (const part of partsOf(remembered.flatMap(stepsOf))) await transaction.insertInto('steps').values(part).execute()
}

function* partsOf<Row>(rows: Row[]) {
  for (let from = 0; from < rows.length; from += rowsPerInsert) yield rows.slice(from, from + rowsPerInsert)
}

/** Its body is short, for the same reason. */
function deliveredMessage(account: string, index: number, receivedAt: number): Message {
  return {
    ...received(account, `delivered ${index}`, receivedAt, Buffer.from(`order_id=${index}`)),
    source: sourceOf(index),
    state: 'delivered',
    attempts: 1,
    next_attempt_at: null,
    lead_request_at: receivedAt + 20,
    lead_id: 20_000_000 + index,
    products_linked_at: receivedAt + 400,
    note_id: 40_000_000 + index,
    warnings: index % 10 === 0 ? '[{"code":"products_unknown","params":{"names":"«Бак»"}}]' : '[]',
    form: index % 25 === 0 ? 'metform' : index % 40_000 === 1 ? 'rare' : 'default',
    delivered_at: receivedAt + 600,
    total: (index % 90_000) + 0.5,
    order_number: String(index),
    partner_id: `P${index % 1000}`,
    phone_digits: `79${String((index * 7919) % 1_000_000_000).padStart(9, '0')}`,
    email: index % 3 === 0 ? null : `buyer${(index * 31) % 300_000}@mail.example`,
  }
}

/** Most come from one source, few from another, and next to none from the third. */
function sourceOf(index: number) {
  if (index % 50_000 === 7) return 'rare'
  return index % 20 === 0 ? 'site' : 'lk'
}

/** As after a failure of the CRM: of a hundred one is new, ten will be due tomorrow, the others are due again. */
function waitingMessage(account: string, index: number, receivedAt: number): Message {
  const body = Buffer.from(`${sampleOrder}&order_id=${index}`)
  const message: Message = {
    ...received(account, `waiting ${index}`, receivedAt, body),
    state: 'pending',
    attempts: 0,
    next_attempt_at: 0,
  }
  if (index % 100 === 0) return message
  const dueAt = receivedAt + (index % 10 === 9 ? 2 * day : day / 2)
  return {
    ...message,
    attempts: 1,
    next_attempt_at: dueAt,
    reason: 'crm_unavailable',
    error: 'POST /leads: connect ECONNREFUSED',
  }
}

/** In the same columns for all, as a statement of many rows needs it. */
function received(account: string, name: string, receivedAt: number, body: Buffer) {
  return {
    id: uuidv7({ msecs: receivedAt }),
    account,
    source: 'lk',
    received_at: receivedAt,
    dedupe_key: `body:${createHash('sha256').update(name).digest('base64url')}`,
    content_type: 'application/x-www-form-urlencoded',
    headers: JSON.stringify({ host: 'orders.shop.example', 'user-agent': 'GuzzleHttp/7', 'x-request-id': name }),
    body,
    reason: null,
    error: null,
  }
}

function attemptOf({ id, state, received_at, reason, error }: Message) {
  const outcome = state === 'delivered' ? 'delivered' : 'retry'
  const times = { started_at: received_at + 10, finished_at: received_at + 600 }
  return { message_id: id, number: 1, ...times, outcome, reason: reason ?? null, error: error ?? null }
}

function stepsOf({ id, state, received_at }: Message): Insertable<Tables['steps']>[] {
  const request = JSON.stringify({ method: 'POST', path: '/api/v4/leads', body: [{ name: 'Бак'.repeat(60) }] })
  const names = state === 'delivered' ? steps : steps.slice(0, 1)
  return names.map((name, index) => ({
    message_id: id,
    attempt: 1,
    ordinal: index + 1,
    name,
    state: state === 'delivered' ? 'confirmed' : 'failed',
    started_at: received_at + 20 + index * 200,
    finished_at: received_at + 200 + index * 200,
    http_status: state === 'delivered' ? 200 : null,
    request,
    answer: state === 'delivered' ? '{"_embedded":{"leads":[{"id":20000000,"request_id":"0"}]}}' : null,
  }))
}
