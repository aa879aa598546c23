import type { Kysely, Selectable } from 'kysely'
import type { RunOutcome, Tables } from '../database/tables.ts'

export type StoredRun = Selectable<Tables['runs']>
/** By how many each changes. */
export type Counts = Partial<Record<RunOutcome, number>>

/** Items of one outcome, with what has become of their orders. */
export function readFollowed(db: Kysely<Tables>, run: string, outcome: RunOutcome, after: string, limit: number) {
  return db
    .selectFrom('run_items')
    .leftJoin('messages', 'messages.id', 'run_items.message_id')
    .select(['message_id', 'outcome', 'attempt', 'state', 'reason', 'attempts', 'lease_until', 'next_attempt_at'])
    .where('run_id', '=', run)
    .where('outcome', '=', outcome)
    .where('message_id', '>', after)
    .orderBy('message_id')
    .limit(limit)
    .execute()
}

/** Those that nothing was done with yet. */
export function waitingOf({ total, queued, retrying, delivered, failed, skipped }: StoredRun) {
  return total - queued - retrying - delivered - failed - skipped
}

interface Followed {
  outcome: RunOutcome
  attempt: number | null
  state: string | null
  reason: string | null
  attempts: number | null
  lease_until: number | null
  next_attempt_at: number | null
}

interface Became {
  outcome: RunOutcome
  detail: string | null
  attempt?: number
}

/** What has become of an order since it was queued; null while nothing has. One that waits for the connection goes on by itself. */
export function becameOf(
  { attempt, state, reason, attempts, lease_until, next_attempt_at }: Followed,
  now: number,
): Became | null {
  // Refused: its buyer was erased meanwhile.
  if (state === null || state === 'rejected') return { outcome: 'skipped', detail: 'gone' }
  if (state === 'delivered') return { outcome: 'delivered', detail: null }
  if (state === 'dead') return { outcome: 'failed', detail: reason }
  const isTried = (attempts ?? 0) > (attempt ?? 0) && lease_until === null
  const isLater = state === 'pending' && (next_attempt_at ?? 0) > now
  return isTried && isLater ? { outcome: 'retrying', detail: reason } : null
}

export async function itemsAmong(db: Kysely<Tables>, run: string, ids: string[]) {
  const rows = await db
    .selectFrom('run_items')
    .select('message_id')
    .where('run_id', '=', run)
    .where('message_id', 'in', ids)
    .execute()
  return rows.map(({ message_id }) => message_id)
}

export async function writeItems(db: Kysely<Tables>, run: string, ids: string[], became: Became) {
  await db.updateTable('run_items').set(became).where('run_id', '=', run).where('message_id', 'in', ids).execute()
}

export function grouped<Item>(items: Item[], keyOf: (item: Item) => string) {
  const groups = new Map<string, Item[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return groups
}

export function tally(moves: { from: RunOutcome; to: RunOutcome }[]) {
  const counts: Counts = {}
  for (const { from, to } of moves) {
    counts[from] = (counts[from] ?? 0) - 1
    counts[to] = (counts[to] ?? 0) + 1
  }
  return counts
}

export function counted(run: StoredRun, { queued = 0, retrying = 0, delivered = 0, failed = 0, skipped = 0 }: Counts) {
  return {
    queued: run.queued + queued,
    retrying: run.retrying + retrying,
    delivered: run.delivered + delivered,
    failed: run.failed + failed,
    skipped: run.skipped + skipped,
  }
}
