/**
 * What became of a statement that failed:
 * - overtaken: it lost against another one, and nothing of it was done; anew it may succeed. Databases that work together
 *   certify what is written at its commit, and say there that it has lost, of a single statement, too;
 * - turned_away: this node cannot serve, or only reads, and did nothing; another one may;
 * - lost: the connection is gone or stands still. What was to be written may be written or not: nobody knows;
 * - failed: for what it says.
 */
export type Fate = 'overtaken' | 'turned_away' | 'lost' | 'failed'

/** A server, or the pool before it, that does not answer. */
export class NoAnswerError extends Error {
  override name = 'NoAnswerError'
  readonly code = 'NO_ANSWER'
}

/** Deadlock, lock wait, record changed since last read; and TiDB's: write conflict, to be tried again, tables changed. */
const overtaken: ReadonlySet<unknown> = new Set([1213, 1205, 1020, 9007, 8022, 8028])
/** No part of its cluster at present, read-only mode, refused by the group's hook. */
const turnedAway: ReadonlySet<unknown> = new Set([1047, 1836, 1792, 3100])
/** Read-only, or one of several things that have nothing to do with it. */
const optionPrevents = 1290
/** The node was cut off from its cluster in the middle of a commit, shut down, connection killed, packets out of order or not read or written, idle for too long. */
const lost: ReadonlySet<unknown> = new Set([1180, 1053, 1927, 1156, 1157, 1158, 1159, 1160, 1161, 4031])

/** Of a statement larger than the server takes. */
export const tooLarge = 'ER_NET_PACKET_TOO_LARGE'

export function fateOf(error: unknown): Fate {
  if (!(error instanceof Error)) return 'failed'
  const { errno, fatal, message } = error as Error & { errno?: number; fatal?: boolean }
  if (overtaken.has(errno)) return 'overtaken'
  if (turnedAway.has(errno) || (errno === optionPrevents && /read.only/i.test(message))) return 'turned_away'
  return fatal || lost.has(errno) || error instanceof NoAnswerError ? 'lost' : 'failed'
}

/** For how long (ms), and how often at most, who was overtaken tries again. */
export const whenOvertaken = { patience: 10_000, mostTries: 30 }

/** Ms that who was overtaken waits before he tries once more: nodes that all try again at once only overtake each other. */
export function pauseAfter(tries: number) {
  return Math.random() * Math.min(200, 5 * 2 ** tries)
}

const undone = new WeakSet<Error>()

/** Of a transaction of which nothing can have been committed, because it had not come to that. */
export function markUndone(error: unknown) {
  if (error instanceof Error) undone.add(error)
}

export function isUndone(error: unknown) {
  return error instanceof Error && undone.has(error)
}

/** Whether the server cannot be reached, or does not let anybody in, and not because of what it was asked. */
export function isMysqlOut(error: unknown) {
  const fate = fateOf(error)
  if (fate === 'lost' || fate === 'turned_away') return true
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && outOfReach.test(code)
}

const outOfReach =
  /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_|EHOST|ENET|POOL_CLOSED|PROTOCOL_|ER_CON_COUNT|ER_TOO_MANY_USER|ER_ACCESS_DENIED|ER_BAD_DB|ER_HOST_|NODE_NOT_READY)/
