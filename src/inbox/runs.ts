import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import { isUniqueViolation } from '../database/open.ts'
import type { RunOutcome, RunState, Tables } from '../database/tables.ts'
import type { Admitting } from './accept-refused.ts'
import type { Inbox } from './inbox.ts'
import { type StoredRun, waitingOf } from './run-items.ts'
import { previewOf } from './run-preview.ts'
import { digestOf, type Scope } from './run-scope.ts'
import { createRunSteps } from './run-steps.ts'

export type Runs = ReturnType<typeof createRuns>

/** Many orders that are sent again in one go. */
export interface Run extends Omit<StoredRun, 'scope' | 'position' | 'unfinished'> {
  scope: Scope
  /** Whether it still looks for its orders, so that there may be more than `total`. */
  isCollecting: boolean
  /** Those that nothing was done with yet. */
  waiting: number
}

interface RunsOptions {
  db: Kysely<Tables>
  inbox: Pick<Inbox, 'list' | 'count' | 'announceQueued'>
  /** The amoCRM account whose orders they are. */
  account: string
  admitting: Admitting
  /** Unix ms. */
  now: () => number
}

interface Start {
  /** UUID, given with the form: two clicks start one run. */
  id: string
  name: string
  /** Login. */
  by: string
  scope: Scope
}

const longestName = 100

/** People start runs, stop them and look at them; `step` and `open` are for who carries them out. */
export function createRuns({ db, inbox, account, admitting, now }: RunsOptions) {
  const { list, count, announceQueued } = inbox
  const listeners: (() => void)[] = []
  const { step } = createRunSteps({ db, owner: randomUUID(), list, admitting, announceQueued, now })

  /** Gives the id of the run: another one where the same orders are being sent already. */
  async function start({ id, name, by, scope }: Start): Promise<{ id: string; isNew: boolean }> {
    const digest = digestOf(account, scope)
    try {
      await db
        .insertInto('runs')
        .values({
          ...{ id, account, scope: JSON.stringify(scope), unfinished: digest, state: 'running' },
          ...{ name: name.slice(0, longestName), created_by: by, created_at: now() },
          position: JSON.stringify({ lane: 0 }),
        })
        .execute()
    } catch (error) {
      if (!isUniqueViolation(error)) throw error
      const other = await db
        .selectFrom('runs')
        .select('id')
        .where(({ or, eb }) => or([eb('id', '=', id), eb('unfinished', '=', digest)]))
        .executeTakeFirst()
      // It has just ended.
      return other ? { id: other.id, isNew: false } : start({ id, name, by, scope })
    }
    announce()
    return { id, isNew: true }
  }

  function announce() {
    for (const listener of listeners) listener()
  }

  /** False when it is in none of these states any more. Whoever works on it sees it before he sends anything. */
  async function turn(id: string, from: RunState[], to: Pick<StoredRun, 'state'> & Partial<StoredRun>) {
    const { numUpdatedRows } = await db
      .updateTable('runs')
      .set((row) => ({ ...to, version: row('version', '+', 1) }))
      .where('id', '=', id)
      .where('account', '=', account)
      .where('state', 'in', from)
      .executeTakeFirstOrThrow()
    if (numUpdatedRows === 1n) announce()
    return numUpdatedRows === 1n
  }

  const ours = () => db.selectFrom('runs').selectAll().where('account', '=', account)

  return {
    start,
    /** What is in the queue already goes out all the same. */
    pause: (id: string) => turn(id, ['running'], { state: 'paused' }),
    /** The time of the pause was no work. */
    resume: (id: string) => turn(id, ['paused'], { state: 'running', moved_at: now() }),
    cancel: (id: string) => turn(id, ['running', 'paused'], { state: 'cancelled', ended_at: now(), unfinished: null }),

    /** What a run would do now. */
    preview: (scope: Scope) => previewOf({ db, account, list, count, admitting, now: now() }, scope),

    async find(id: string) {
      const run = await ours().where('id', '=', id).executeTakeFirst()
      return run && read(run)
    },
    /** The latest first. */
    async list({ before, limit }: { before?: string | undefined; limit: number }) {
      const runs = ours().orderBy('id', 'desc').limit(limit)
      return (await (before ? runs.where('id', '<', before) : runs).execute()).map(read)
    },
    /** Orders of a run, as they are by now. */
    items: (id: string, outcome: RunOutcome, { after = '', limit }: { after?: string | undefined; limit: number }) =>
      db
        .selectFrom('run_items')
        .leftJoin('messages', 'messages.id', 'run_items.message_id')
        .select(['message_id', 'outcome', 'detail', 'received_at', 'state', 'reason', 'next_attempt_at'])
        .select(['order_number', 'partner_id', 'lead_id'])
        .where('run_id', '=', id)
        .where('outcome', '=', outcome)
        .where('message_id', '>', after)
        .orderBy('message_id')
        .limit(limit)
        .execute(),

    /** Called when there is something to do at once. */
    onChange: (listener: () => void) => listeners.push(listener),
    /** Ids of those that something may have to be done for. */
    async open() {
      const runs = await ours()
        .clearSelect()
        .select('id')
        .where(({ or, and, eb }) =>
          or([
            eb('state', '=', 'running'),
            and([eb('state', '=', 'paused'), eb('position', 'is not', null)]),
            eb('queued', '>', 0),
            eb('retrying', '>', 0),
          ]),
        )
        .orderBy('id')
        .execute()
      return runs.map(({ id }) => id)
    },
    step,
  }
}

function read(run: StoredRun): Run {
  const { scope, position, unfinished: _, ...rest } = run
  return { ...rest, scope: JSON.parse(scope), isCollecting: position !== null, waiting: waitingOf(run) }
}
