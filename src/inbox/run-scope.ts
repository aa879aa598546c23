import { createHash } from 'node:crypto'
import type { Kysely, Selectable } from 'kysely'
import type { MessageState, Tables } from '../database/tables.ts'
import { isAcceptable } from './accept-refused.ts'
import { causeOf } from './cause.ts'
import type { Filter } from './filter.ts'
import type { Listed, Page } from './list.ts'
import { closedReasons } from './message.ts'

/** Which orders are meant: those that were ticked, those that failed in another run, or all that match. */
export type Scope = (
  | { ids: string[] }
  | { failedOf: string }
  /** `cause`: of those that match, the ones with this detail of their cause. */
  | { filter: Filter; cause?: string | undefined }
) & {
  /** The source that refused requests shall belong to which came by none. */
  acceptAs?: string | undefined
}

/** Why an order is not sent. */
export const skips = [
  'delivered',
  'unknown_outcome',
  'conflict',
  'in_queue',
  'at_work',
  'not_acceptable',
  'known',
  'gone',
] as const
export type Skip = (typeof skips)[number]

export function digestOf(account: string, scope: Scope) {
  return createHash('sha256')
    .update(JSON.stringify([account, scope]))
    .digest('base64url')
}

const fateColumns = [
  'id',
  'account',
  'state',
  'reason',
  'attempts',
  'lease_until',
  'next_attempt_at',
  'truncated',
] as const
export type Fated = Pick<Selectable<Tables['messages']>, (typeof fateColumns)[number]>

export async function readFated(db: Kysely<Tables>, account: string, ids: string[]): Promise<Fated[]> {
  if (ids.length === 0) return []
  const rows = await db.selectFrom('messages').select(fateColumns).where('id', 'in', ids).execute()
  return rows.filter((row) => row.account === account)
}

/** Whether an order can be sent again, and if not, why. What only a person can decide is left to him. */
export function skipOf(message: Fated | undefined, now: number): Skip | null {
  if (!message) return 'gone'
  const { state, reason, lease_until, next_attempt_at } = message
  if (state === 'delivered') return 'delivered'
  if (state === 'rejected') return isAcceptable(message) ? null : 'not_acceptable'
  if (reason === 'unknown_outcome' || reason === 'conflict') return reason
  if (lease_until !== null) return 'at_work'
  return state === 'pending' && (next_attempt_at ?? 0) <= now ? 'in_queue' : null
}

/** Where the search for the orders of a run goes on; null at its end. */
export interface Position {
  /** Of the filters that the scope consists of. */
  lane: number
  cursor?: string | undefined
}

interface Finding {
  db: Kysely<Tables>
  account: string
  list: (page: Page) => Promise<Listed>
  scope: Scope
  /** Unix ms; later ones are not meant. */
  before: number
}

/** The next ids of a scope, all of them of messages of the account, and where to go on. */
export async function findMeant(finding: Finding, position: Position, limit: number) {
  const { scope } = finding
  if ('ids' in scope) return { ids: idsOf(await readFated(finding.db, finding.account, scope.ids)), next: null }
  return 'failedOf' in scope
    ? findFailed(finding.db, scope.failedOf, position, limit)
    : findMatching(finding, scope, position, limit)
}

async function findFailed(db: Kysely<Tables>, run: string, { lane, cursor }: Position, limit: number) {
  const failed = db
    .selectFrom('run_items')
    .select('message_id')
    .where('run_id', '=', run)
    .where('outcome', '=', 'failed')
  const rows = await (cursor ? failed.where('message_id', '>', cursor) : failed)
    .orderBy('message_id')
    .limit(limit)
    .execute()
  const ids = rows.map(({ message_id }) => message_id)
  return { ids, next: ids.length < limit ? null : { lane, cursor: ids.at(-1) } }
}

async function findMatching(
  { db, account, list, before }: Finding,
  { filter, cause }: { filter: Filter; cause?: string | undefined },
  { lane, cursor }: Position,
  limit: number,
): Promise<{ ids: string[]; next: Position | null }> {
  const lanes = lanesOf(filter)
  const narrowed = lanes[lane]
  if (!narrowed) return { ids: [], next: null }
  const until = Math.min(filter.until ?? before, before)
  const { messages, next } = await list({ ...narrowed, until, order: 'oldest', cursor, limit })
  const ids = await thoseOf(db, account, idsOf(messages), cause)
  const after = next === null ? { lane: lane + 1 } : { lane, cursor: next }
  return { ids, next: after.lane < lanes.length ? after : null }
}

async function thoseOf(db: Kysely<Tables>, account: string, ids: string[], cause: string | undefined) {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('messages')
    .select(['id', 'reason', 'error'])
    .where('id', 'in', ids)
    .where('account', '=', account)
    .execute()
  const isMeant = ({ reason, error }: (typeof rows)[number]) =>
    cause === undefined || (causeOf(reason ?? '', error).detail ?? '') === cause
  return idsOf(rows.filter(isMeant))
}

/** Orders that failed; refused requests where they are asked for. What is delivered or new is not even looked at. */
export function lanesOf(filter: Filter): Filter[] {
  const isRefusal = closedReasons.some((reason) => reason === filter.reason)
  const asked: MessageState[] = filter.state ? [filter.state] : isRefusal ? ['rejected'] : ['dead', 'held', 'pending']
  return asked.flatMap((state) => {
    if (state === 'delivered' || (filter.retrying && state !== 'pending')) return []
    return [{ ...filter, state, ...(state === 'pending' && { retrying: true as const }) }]
  })
}

function idsOf(rows: { id: string }[]) {
  return rows.map(({ id }) => id)
}
