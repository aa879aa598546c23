import type { ExpressionBuilder, Kysely, Selectable, Transaction } from 'kysely'
import type { Tables } from '../database/tables.ts'
import { inTransaction } from '../database/transaction.ts'
import { erasePayloads, eraseStories } from './erase.ts'
import { earliestId } from './message-id.ts'

export const orderTasks = ['payloads', 'attempts'] as const
export const retentionTasks = [...orderTasks, 'rejected', 'audit', 'runs', 'tallies'] as const
type OrderTask = (typeof orderTasks)[number]
export type RetentionTask = (typeof retentionTasks)[number]

/** One small transaction; gives how many rows are gone, and whether there may be more. */
export type Sweep = (limit: number) => Promise<{ removed: number; isMore: boolean }>

/**
 * Sweeps that delete what is older. Each finds its rows by a range of an index that is there anyway, and never
 * touches an order that is not delivered.
 * @param before unix ms: of what came, or was delivered, earlier
 * @param now unix ms
 */
export function sweepOf(db: Kysely<Tables>, task: RetentionTask, before: number, now: number): Sweep[] {
  if (task === 'payloads' || task === 'attempts') {
    const order = { db, task, before, now }
    const later = { after: '' }
    return [(limit) => sweepDelivered(order, limit), (limit) => sweepLater(order, later, limit)]
  }
  const sweeps = { rejected: sweepRejected, audit: sweepAudit, runs: sweepRuns, tallies: sweepTallies }
  return [(limit) => sweeps[task](db, before, limit)]
}

interface OrderSweep {
  db: Kysely<Tables>
  task: OrderTask
  before: number
  now: number
}

const columns = ['id', 'delivered_at', 'erased_at'] as const

/** In the order in which they were delivered, from where the last one ended. */
async function sweepDelivered(order: OrderSweep, limit: number) {
  const { db, task, before } = order
  const { reached_at, reached_id } = (await readRow(db, task)) ?? {}
  const from = reached_at ?? 0
  const rows = await db
    .selectFrom('messages')
    .select(columns)
    .where('delivered_at', '>=', from)
    .where('delivered_at', '<', before)
    .where(({ or, eb }) => or([eb('delivered_at', '>', from), eb('id', '>', reached_id ?? '')]))
    .orderBy('delivered_at')
    .orderBy('id')
    .limit(limit)
    .execute()
  const last = rows.at(-1)
  if (!last) return { removed: 0, isMore: false }
  return inTransaction(db, async (transaction) => {
    const later = await notedForLater(transaction, task, idsOf(rows))
    const due = rows.filter(({ id }) => !later.has(id))
    const { removed, left } = await eraseSome(transaction, order, due)
    await rememberForLater(transaction, left, [task])
    await moveTo(transaction, task, { reached_at: last.delivered_at, reached_id: last.id })
    return { removed, isMore: rows.length === limit }
  })
}

/** Those that were sent again: when that was is not told by when they were first delivered. */
async function notedForLater(db: Kysely<Tables>, task: OrderTask, ids: string[]) {
  const noted = db.selectFrom('retention_later').select('message_id').where('task', '=', task)
  const rows = await noted.where('message_id', 'in', ids).execute()
  return new Set(rows.map(({ message_id }) => message_id))
}

/** Those that were sent again meanwhile, once they are delivered again and that is old, too. */
async function sweepLater(order: OrderSweep, place: { after: string }, limit: number) {
  const { db, task, before } = order
  const noted = await db
    .selectFrom('retention_later')
    .select('message_id')
    .where('task', '=', task)
    .where('message_id', '>', place.after)
    .orderBy('message_id')
    .limit(limit)
    .execute()
  const ids = noted.map(({ message_id }) => message_id)
  if (ids.length === 0) return { removed: 0, isMore: false }
  place.after = ids.at(-1) ?? ''
  const rows = await db.selectFrom('messages').select(columns).where('id', 'in', ids).execute()
  const tries = await db
    .selectFrom('attempts')
    .select(['message_id', 'started_at'])
    .where('message_id', 'in', ids)
    .execute()
  const recent = new Set(tries.filter(({ started_at }) => started_at >= before).map(({ message_id }) => message_id))
  const due = rows.filter(({ id, delivered_at }) => !recent.has(id) && (delivered_at ?? 0) < before)
  const there = new Set(rows.map(({ id }) => id))
  return inTransaction(db, async (transaction) => {
    const { removed, left } = await eraseSome(transaction, order, due)
    const isOver = (id: string) => !there.has(id) || due.some((row) => row.id === id && !left.includes(id))
    const over = ids.filter(isOver)
    if (over.length > 0)
      await transaction.deleteFrom('retention_later').where('task', '=', task).where('message_id', 'in', over).execute()
    return { removed, isMore: noted.length === limit }
  })
}

type OrderRow = Pick<Selectable<Tables['messages']>, (typeof columns)[number]>

/** Of these, `left` are not delivered, or not any more. */
async function eraseSome(db: Transaction<Tables>, { task, now }: OrderSweep, rows: OrderRow[]) {
  if (task === 'payloads') {
    const whole = rows.filter(({ erased_at }) => erased_at === null)
    const erased = await erasePayloads(db, idsOf(whole), { why: 'age', now, state: 'delivered' })
    return { removed: erased.size, left: idsOf(whole).filter((id) => !erased.has(id)) }
  }
  const delivered = await holdDelivered(db, idsOf(rows))
  await eraseStories(db, delivered)
  return { removed: delivered.length, left: idsOf(rows).filter((id) => !delivered.includes(id)) }
}

function idsOf(rows: { id: string }[]) {
  return rows.map(({ id }) => id)
}

/** Those that nobody has sent again since they were read, nor sends again before this transaction ends. */
async function holdDelivered(db: Transaction<Tables>, ids: string[]) {
  if (ids.length === 0) return []
  const isMeant = ({ and, eb }: ExpressionBuilder<Tables, 'messages'>) =>
    and([eb('id', 'in', ids), eb('state', '=', 'delivered')])
  // Changes nothing, and keeps others from it.
  await db
    .updateTable('messages')
    .set(({ ref }) => ({ duplicates: ref('duplicates') }))
    .where(isMeant)
    .execute()
  const held = await db.selectFrom('messages').select('id').where(isMeant).execute()
  return held.map(({ id }) => id)
}

/** They are sent again although it may have been their turn before. */
export async function rememberForLater(
  db: Kysely<Tables>,
  ids: string[],
  tasks: readonly OrderTask[] = orderTasks,
): Promise<void> {
  const rows = ids.flatMap((message_id) => tasks.map((task) => ({ task, message_id })))
  if (rows.length > 0) await db.insertInto('retention_later').ignore().values(rows).execute()
}

/** What is an order whose buyer was erased stays, with its key. */
async function sweepRejected(db: Kysely<Tables>, before: number, limit: number) {
  const rows = await db
    .selectFrom('messages')
    .select('id')
    .where('state', '=', 'rejected')
    .where('id', '<', earliestId(before))
    .where(({ or, eb }) => or([eb('reason', 'is', null), eb('reason', '!=', 'erased')]))
    .orderBy('id')
    .limit(limit)
    .execute()
  const ids = rows.map(({ id }) => id)
  if (ids.length === 0) return { removed: 0, isMore: false }
  const { numDeletedRows } = await db
    .deleteFrom('messages')
    .where('id', 'in', ids)
    .where('state', '=', 'rejected')
    .executeTakeFirstOrThrow()
  return { removed: Number(numDeletedRows), isMore: ids.length === limit }
}

async function sweepAudit(db: Kysely<Tables>, before: number, limit: number) {
  const rows = await db
    .selectFrom('audit')
    .select('id')
    .where('id', '<', earliestId(before))
    .orderBy('id')
    .limit(limit)
    .execute()
  const ids = rows.map(({ id }) => id)
  if (ids.length > 0) await db.deleteFrom('audit').where('id', 'in', ids).execute()
  return { removed: ids.length, isMore: ids.length === limit }
}

/** With its orders; of a long one some of them each time, itself at last. */
async function sweepRuns(db: Kysely<Tables>, before: number, limit: number) {
  return inTransaction(db, async (transaction) => {
    const run = await transaction
      .selectFrom('runs')
      .select('id')
      .where('state', 'in', ['done', 'cancelled'])
      .where('ended_at', '<', before)
      .orderBy('id')
      .limit(1)
      .executeTakeFirst()
    if (!run) return { removed: 0, isMore: false }
    const items = await transaction
      .selectFrom('run_items')
      .select('message_id')
      .where('run_id', '=', run.id)
      .limit(limit)
      .execute()
    const ids = items.map(({ message_id }) => message_id)
    if (ids.length > 0)
      await transaction.deleteFrom('run_items').where('run_id', '=', run.id).where('message_id', 'in', ids).execute()
    if (ids.length === limit) return { removed: 0, isMore: true }
    await transaction.deleteFrom('runs').where('id', '=', run.id).execute()
    return { removed: 1, isMore: true }
  })
}

async function sweepTallies(db: Kysely<Tables>, before: number, limit: number) {
  const rows = await db
    .selectFrom('tallies')
    .select('slot_at')
    .where('slot_at', '<', before)
    .orderBy('slot_at')
    .limit(limit)
    .execute()
  const slots = rows.map(({ slot_at }) => slot_at)
  if (slots.length > 0) await db.deleteFrom('tallies').where('slot_at', 'in', slots).execute()
  return { removed: slots.length, isMore: slots.length === limit }
}

export function readRow(db: Kysely<Tables>, task: RetentionTask | 'clock') {
  return db.selectFrom('retention').selectAll().where('task', '=', task).executeTakeFirst()
}

export async function moveTo(
  db: Kysely<Tables>,
  task: RetentionTask | 'clock',
  place: Partial<Omit<Selectable<Tables['retention']>, 'task'>>,
) {
  await db.insertInto('retention').ignore().values({ task }).execute()
  await db.updateTable('retention').set(place).where('task', '=', task).execute()
}
