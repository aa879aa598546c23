import type { Kysely, Transaction } from 'kysely'
import { isUniqueViolation } from '../database/open.ts'
import type { Tables } from '../database/tables.ts'
import { inTransaction } from '../database/transaction.ts'
import { type Admitting, admit } from './accept-refused.ts'
import { chunkSize } from './hold.ts'
import type { Listed, Page } from './list.ts'
import { redeliverSome } from './redelivery.ts'
import {
  becameOf,
  type Counts,
  counted,
  grouped,
  itemsAmong,
  readFollowed,
  type StoredRun,
  tally,
  waitingOf,
  writeItems,
} from './run-items.ts'
import { type Fated, findMeant, type Position, readFated, type Scope, type Skip, skipOf } from './run-scope.ts'

/** Of one run at once, so that a pause and a cancel mean something. */
const mostQueued = 200
/** Of one run, with those that are tried again later: an amoCRM that is out of order is not sent thousands in vain. */
const mostUnsettled = 1000
/** Ms. Who works on a run is followed by another when nothing has come of it for so long. */
const leaseMs = 10_000
/** Ms that are counted as work between two changes, at most. */
const longestWork = 10_000

interface StepsOptions {
  db: Kysely<Tables>
  /** Of this process. */
  owner: string
  list: (page: Page) => Promise<Listed>
  admitting: Admitting
  announceQueued: () => void
  /** Unix ms. */
  now: () => number
}

/** What is done for a run, one transaction at a time; each gives whether it has changed anything. */
export function createRunSteps({ db, owner, list, admitting, announceQueued, now }: StepsOptions) {
  /** Of each run, up to where those that are tried again later were last looked at. */
  const looked = new Map<string, string>()

  async function step(id: string): Promise<boolean> {
    const run = await db.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst()
    if (!run || isAnothers(run)) return false
    try {
      if (await follow(run)) return true
      const isLookedFor = run.position !== null && (run.state === 'running' || run.state === 'paused')
      if (isLookedFor) return await collect(run)
      return run.state === 'running' && ((await send(run)) || (await finish(run)))
    } catch (error) {
      // Somebody was quicker: with the run, with one of its orders, or with the same order under another id.
      if (error instanceof OvertakenError || isUniqueViolation(error)) return false
      throw error
    }
  }

  function isAnothers({ lease_owner, lease_until }: StoredRun) {
    const at = now()
    // A time far ahead is a wrong clock's.
    return lease_owner !== owner && lease_until !== null && lease_until > at && lease_until <= at + 2 * leaseMs
  }

  /** Changes the run as it was read, and with it whatever `write` writes; nothing when it has changed meanwhile. */
  function change(
    run: StoredRun,
    write: (transaction: Transaction<Tables>) => Promise<{ counts?: Counts; found?: number; position?: string | null }>,
    ending: Partial<StoredRun> = {},
  ) {
    return inTransaction(db, async (transaction) => {
      const at = now()
      const { numUpdatedRows } = await transaction
        .updateTable('runs')
        .set({ version: run.version + 1, lease_owner: owner, lease_until: at + leaseMs, ...ending })
        .where('id', '=', run.id)
        .where('version', '=', run.version)
        .executeTakeFirstOrThrow()
      if (numUpdatedRows !== 1n) throw new OvertakenError()
      const { counts = {}, found = 0, position } = await write(transaction)
      await transaction
        .updateTable('runs')
        .set({
          ...counted(run, counts),
          total: run.total + found,
          ...(position !== undefined && { position }),
          worked_ms: run.worked_ms + Math.min(longestWork, Math.max(0, at - (run.moved_at ?? at))),
          moved_at: at,
        })
        .where('id', '=', run.id)
        .execute()
    })
  }

  /** Writes down what has become of those that were queued. */
  async function follow(run: StoredRun) {
    const queued = run.queued > 0 ? await readFollowed(db, run.id, 'queued', '', chunkSize) : []
    const retrying = run.retrying > 0 ? await nextRetrying(run.id) : []
    const changes = [...queued, ...retrying].flatMap((item) => {
      const became = becameOf(item, now())
      return became && became.outcome !== item.outcome ? [{ ...item, became }] : []
    })
    if (changes.length === 0) return false
    await change(run, async (transaction) => {
      for (const [, alike] of grouped(changes, ({ became }) => `${became.outcome} ${became.detail}`)) {
        const [first] = alike
        if (first)
          await writeItems(
            transaction,
            run.id,
            alike.map((item) => item.message_id),
            first.became,
          )
      }
      return { counts: tally(changes.map(({ outcome, became }) => ({ from: outcome, to: became.outcome }))) }
    })
    return true
  }

  /** Some of them each time, one after another. */
  async function nextRetrying(run: string) {
    const items = await readFollowed(db, run, 'retrying', looked.get(run) ?? '', mostQueued)
    looked.set(run, items.length < mostQueued ? '' : (items.at(-1)?.message_id ?? ''))
    return items
  }

  /** Finds more of its orders, before any of them is sent. */
  async function collect(run: StoredRun) {
    const scope: Scope = JSON.parse(run.scope)
    const from: Position = JSON.parse(run.position ?? '{}')
    const finding = { db, account: run.account, list, scope, before: run.created_at + 1 }
    const { ids, next } = await findMeant(finding, from, chunkSize)
    await change(run, async (transaction) => {
      const known = ids.length === 0 ? [] : await itemsAmong(transaction, run.id, ids)
      const fresh = ids.filter((id) => !known.includes(id))
      if (fresh.length > 0) {
        const items = fresh.map((id) => ({ run_id: run.id, message_id: id, outcome: 'waiting' as const }))
        await transaction.insertInto('run_items').values(items).execute()
      }
      return { found: fresh.length, position: next && JSON.stringify(next) }
    })
    return true
  }

  /** Sends as many as may wait in the queue at once. */
  async function send(run: StoredRun) {
    const room = Math.min(mostQueued - run.queued, mostUnsettled - run.queued - run.retrying, waitingOf(run))
    if (room <= 0) return false
    const items = await db
      .selectFrom('run_items')
      .select('message_id')
      .where('run_id', '=', run.id)
      .where('outcome', '=', 'waiting')
      .orderBy('message_id')
      .limit(room)
      .execute()
    const ids = items.map(({ message_id }) => message_id)
    if (ids.length === 0) return false
    let queued = 0
    await change(run, async (transaction) => {
      const fates = await sendAll(transaction, run, ids)
      const alike = grouped(fates, ({ skip, attempt }) => `${skip} ${attempt}`)
      for (const [, [first, ...others]] of alike) {
        if (!first) continue
        const { skip, attempt } = first
        const became = { outcome: skip ? ('skipped' as const) : ('queued' as const), detail: skip, attempt }
        await writeItems(
          transaction,
          run.id,
          [first, ...others].map(({ id }) => id),
          became,
        )
      }
      queued = fates.filter(({ skip }) => skip === null).length
      return { counts: { queued, skipped: fates.length - queued } }
    })
    if (queued > 0) announceQueued()
    return true
  }

  async function sendAll(transaction: Transaction<Tables>, run: StoredRun, ids: string[]) {
    const { acceptAs }: Scope = JSON.parse(run.scope)
    const found = new Map((await readFated(transaction, run.account, ids)).map((row) => [row.id, row]))
    const at = now()
    const fates: { id: string; skip: Skip | null; attempt: number }[] = []
    const again: string[] = []
    for (const id of ids) {
      const message = found.get(id)
      let skip = skipOf(message, at)
      if (skip === null && message?.state === 'rejected') skip = await accept(transaction, message, acceptAs)
      else if (skip === null) again.push(id)
      fates.push({ id, skip, attempt: message?.attempts ?? 0 })
    }
    // The delivery or a person has just taken one of them.
    if (again.length > 0 && (await redeliverSome(transaction, again, at)) !== again.length) throw new OvertakenError()
    return fates
  }

  /** Makes an order of a refused request; why not, when it cannot be. */
  async function accept(transaction: Transaction<Tables>, { id }: Fated, acceptAs?: string): Promise<Skip | null> {
    const refused = await transaction.selectFrom('messages').selectAll().where('id', '=', id).executeTakeFirst()
    if (!refused) return 'gone'
    const admission = admitting.read(refused, admitting.sources.includes(refused.source) ? refused.source : acceptAs)
    if (!admission) return 'not_acceptable'
    const { kind } = await admit(transaction, refused, admission, false)
    return kind === 'accepted' ? null : kind
  }

  /** Ends it once something is known of each of its orders. */
  async function finish(run: StoredRun) {
    if (run.queued > 0 || waitingOf(run) > 0) return false
    await change(run, async () => ({}), { state: 'done', ended_at: now(), unfinished: null })
    return true
  }

  return { step }
}

class OvertakenError extends Error {
  override name = 'OvertakenError'
}
