import type { Kysely } from 'kysely'
import type { MessageState, Tables } from '../database/tables.ts'
import { timeOfId } from './message-id.ts'
import { countSlice, durationsOf, slotMs, slotOf, type Tally } from './tally.ts'

/** Beyond this, the pages say "more than". */
export const mostFigured = 10_000
/** Rows, of what has come since it was last counted. */
const mostRecent = 20_000
/** Ms. Whoever counts is that far behind only at the start. */
const longestRecent = 2 * slotMs

export interface Figures {
  /** Of what is neither delivered nor left to a person: when it was received (unix ms), and its id. */
  oldest: { id: string; receivedAt: number } | null
  /** None beyond `mostFigured`. */
  pending: number
  held: number
  dead: number
  /** In the order of time; slots in which nothing happened are missing. */
  tallies: Tally[]
  /** Whether not all is counted yet. */
  isPartial: boolean
  /** Which order of a shop was the first; null: none has come. */
  first: string | null
}

/** What the overview tells, without looking at more than some thousand rows. @param since unix ms, from when on it counts */
export async function readFigures(db: Kysely<Tables>, since: number, now: number): Promise<Figures> {
  const waiting = await countWaitingStates(db, mostFigured + 1)
  const [oldest, first, counted] = await Promise.all([
    oldestOf(db, ['pending', 'held']),
    oldestOf(db, ['pending', 'held', 'dead', 'delivered'], true),
    readTallies(db, since, now),
  ])
  return {
    oldest: oldest === null ? null : { id: oldest, receivedAt: timeOfId(oldest) },
    ...waiting,
    first,
    ...counted,
  }
}

/** How many orders are not delivered, by their state; each counted no further than `most`. */
export async function countWaitingStates(db: Kysely<Tables>, most: number) {
  const [pending, held, dead] = await Promise.all([
    countState(db, 'pending', most),
    countState(db, 'held', most),
    countState(db, 'dead', most),
  ])
  return { pending, held, dead }
}

/** How many orders wait for the CRM to let us in, counted no further than `most`. */
export async function countKept(db: Kysely<Tables>, most: number) {
  const held = await countState(db, 'held', most)
  return Math.min(most, held + (await countState(db, 'pending', most)))
}

async function countState(db: Kysely<Tables>, state: MessageState, most: number) {
  const { count } = await db
    .selectFrom(db.selectFrom('messages').select('id').where('state', '=', state).limit(most).as('counted'))
    .select(({ fn }) => fn.countAll<number | string>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** The first id of each state stands at the head of the index. */
async function oldestOf(db: Kysely<Tables>, states: MessageState[], isFromShop = false) {
  const firsts = states.map((state) =>
    db
      .selectFrom('messages')
      .select('id')
      .where('state', '=', state)
      .$if(isFromShop, (messages) => messages.where('test', 'is', null))
      .orderBy('id')
      .limit(1)
      .executeTakeFirst(),
  )
  const ids = (await Promise.all(firsts)).flatMap((row) => row?.id ?? [])
  return ids.toSorted()[0] ?? null
}

/** What is counted already, and up to when: of one moment, or another process might count a slice in between. */
async function readTallies(db: Kysely<Tables>, since: number, now: number) {
  const rows = await db
    .selectFrom('tally_mark')
    .leftJoin('tallies', (join) => join.on('slot_at', '>=', slotOf(since)))
    .select(['counted_until', 'slot_at', 'received', 'delivered', 'failed', 'times'])
    .orderBy('slot_at')
    .execute()
  const tallies = rows.flatMap(({ slot_at, received, delivered, failed, times }): Tally[] =>
    slot_at === null
      ? []
      : [
          {
            slotAt: slot_at,
            received: received ?? 0,
            delivered: delivered ?? 0,
            failed: failed ?? 0,
            durations: durationsOf(times),
          },
        ],
  )
  const recent = await countRecent(db, rows[0]?.counted_until ?? 0, now)
  return { tallies: [...tallies, ...recent.tallies], isPartial: recent.isPartial }
}

/** What has come since it was last counted; nothing where there is too much of it, as right after the start. */
async function countRecent(db: Kysely<Tables>, mark: number, now: number) {
  if (now - mark > longestRecent) return { tallies: [], isPartial: true }
  const tallies = []
  for (let from = mark; from <= now; from = slotOf(from) + slotMs)
    tallies.push(await countSlice(db, from, Math.min(slotOf(from) + slotMs, now + 1), mostRecent))
  return { tallies, isPartial: tallies.some(({ isCut }) => isCut) }
}
