import { setTimeout as sleep } from 'node:timers/promises'
import type { MysqlPool, MysqlPoolConnection, MysqlQueryResult } from 'kysely'
import type { PoolConnection } from 'mysql2'
import { type Fate, fateOf, markUndone, NoAnswerError, pauseAfter, tooLarge, whenOvertaken } from './mysql-faults.ts'
import type { Lent, NodePool } from './mysql-pool.ts'
import type { Server } from './mysql-session.ts'

/** Ms that anybody waits for a free connection. */
const acquirePatience = 10_000
const mostTries = 5

/**
 * What holds when a statement fails, here and for whoever calls:
 *
 * - In a transaction that has lost, or whose connection has gone before its COMMIT was sent, nothing has been done:
 *   `inTransaction` runs it anew, on another connection and perhaps another node.
 * - A single statement that was overtaken or turned away has done nothing: it is run anew here. So is one that only reads,
 *   or begins a transaction, when its connection was lost.
 * - What came of a COMMIT, or of a single statement that writes, whose connection was lost is unknown, and nothing here
 *   repeats it. Who called has the error, and his own fence decides: the claim's number of attempts, a lease that lapses,
 *   a unique key, the marker of a lead. Only `write` repeats, because all that it writes bears a key of its own.
 *
 * @param patience ms that a statement may take; null: as many as it likes
 */
export function createKyselyPool(pool: NodePool, patience: number | null): MysqlPool {
  return {
    getConnection(callback) {
      pool.acquire(acquirePatience).then(
        (lent) => callback(null, shape(createConnection(pool, lent, patience))),
        (error: unknown) => callback(error, undefined as never),
      )
    },
    end: (callback) => void pool.close().then(() => callback(null), callback),
  }
}

type Connection = ReturnType<typeof createConnection>

/** As Kysely's dialect asks for it. */
function shape(connection: Connection): MysqlPoolConnection {
  function query(sql: string, values: unknown[], callback?: (error: unknown, result: MysqlQueryResult) => void) {
    if (!callback) return connection.stream(sql, values)
    connection.run(sql, values).then(
      (result) => callback(null, result as MysqlQueryResult),
      (error: unknown) => callback(error, undefined as never),
    )
  }
  return { query: query as MysqlPoolConnection['query'], release: connection.release }
}

function createConnection(pool: NodePool, first: Lent, patience: number | null) {
  let lent: Lent | null = first
  let isInTransaction = false

  async function run(sql: string, values: unknown[]) {
    if (isInTransaction) return runInTransaction(sql, values)
    const deadline = performance.now() + whenOvertaken.patience
    for (let tries = 1; ; tries++) {
      lent ??= await pool.acquire(acquirePatience)
      try {
        const result = await send(lent, sql, values)
        isInTransaction = begins.test(sql)
        return result
      } catch (error) {
        const fate = fateOf(error)
        giveUpAfter(fate, error)
        const most = fate === 'overtaken' ? whenOvertaken.mostTries : mostTries
        if (tries >= most || performance.now() > deadline || !mayBeRepeated(sql, fate, error)) throw error
        if (fate === 'overtaken') await sleep(pauseAfter(tries))
      }
    }
  }

  async function runInTransaction(sql: string, values: unknown[]) {
    const isOver = ends.test(sql)
    if (!lent) {
      // Nobody commits any more what was written on a connection that is gone.
      if (rollsBack.test(sql)) {
        isInTransaction = false
        return []
      }
      throw new NoAnswerError('the connection was lost in the middle of a transaction')
    }
    try {
      const result = await send(lent, sql, values)
      if (isOver) isInTransaction = false
      return result
    } catch (error) {
      const fate = fateOf(error)
      giveUpAfter(rollsBack.test(sql) ? 'lost' : fate, error)
      if (rollsBack.test(sql)) {
        isInTransaction = false
        return []
      }
      const isUndone = fate === 'turned_away' || (fate === 'lost' && !commits.test(sql))
      if (isUndone && !(error instanceof NoAnswerError)) markUndone(error)
      throw error
    }
  }

  function send(to: Lent, sql: string, values: unknown[]) {
    return within(pool, to, patience, (raw, done) => {
      ensureFits(values, to.server, 2)
      raw.query(sql, values, done)
    })
  }

  function giveUpAfter(fate: Fate, error: unknown) {
    if (!lent || fate === 'overtaken' || fate === 'failed') return
    // One connection that is lost says nothing of the node: the next one will find out.
    if (fate === 'turned_away' || error instanceof NoAnswerError) pool.leave(lent)
    pool.discard(lent)
    lent = null
  }

  return {
    run,
    stream(sql: string, values: unknown[]) {
      if (!lent) throw new NoAnswerError('the connection was lost')
      return lent.raw.query(sql, values)
    },
    release() {
      if (lent && isInTransaction) pool.discard(lent)
      else if (lent) pool.release(lent)
      lent = null
    },
  }
}

const begins = /^\s*(begin|start\s+transaction)\b/i
const commits = /^\s*commit\b/i
const rollsBack = /^\s*rollback\s*$/i
const ends = /^\s*(commit|rollback)\s*$/i
const changesNothing = /^[\s(]*(select|with|show|begin|start\s+transaction)\b/i

function mayBeRepeated(sql: string, fate: Fate, error: unknown) {
  if (fate === 'lost') return changesNothing.test(sql) && !(error instanceof NoAnswerError)
  return fate === 'overtaken' || fate === 'turned_away'
}

type Start = (raw: PoolConnection, done: (error: unknown, result: unknown) => void) => void

/** The answer of one that was given up may come yet, and would be taken for the next one's: its connection has to go. */
function within({ underWay }: NodePool, { raw }: Lent, ms: number | null, start: Start) {
  return new Promise<unknown>((resolve, reject) => {
    const giveUp = () => {
      settle()
      reject(new NoAnswerError(`the database did not answer within ${ms} ms`))
      raw.destroy()
    }
    const tooLate = ms === null ? undefined : setTimeout(giveUp, ms)
    underWay.add(giveUp)
    const settle = () => {
      clearTimeout(tooLate)
      underWay.delete(giveUp)
    }
    const done = (error: unknown, result: unknown) => {
      settle()
      if (error) reject(error)
      else resolve(result)
    }
    try {
      start(raw, done)
    } catch (error) {
      // Of a value that it cannot send, and nobody else would catch it.
      done(error, null)
    }
  })
}

/**
 * A server that is sent more than it takes hangs up, and nobody knows why.
 * @param width bytes that one of a value takes
 */
function ensureFits(values: unknown[], server: Server, width: number) {
  const most = Number(server.get('max_allowed_packet') ?? Number.POSITIVE_INFINITY)
  let bytes = 0
  for (const value of values) if (typeof value === 'string' || value instanceof Buffer) bytes += value.length * width
  if (bytes < most) return
  const message = `${bytes} bytes are more than the max_allowed_packet of the database, ${most}`
  throw Object.assign(new Error(message), { code: tooLarge })
}

/**
 * Writes on connections of its own, so that orders wait for nobody else, and with the values apart from the text: quoting
 * them costs more than all the rest. When it is not known whether it was written it is written anew: every row has to bear
 * a key of its own, whose violation says that it was.
 * @param patience ms, for all tries together
 * @param each ms, for one try
 */
export function createMysqlWriter(pool: NodePool, { patience, each }: { patience: number; each: number }) {
  async function write(statement: string, values: unknown[]) {
    const deadline = performance.now() + patience
    for (let tries = 1; ; tries++) {
      const lent = await pool.acquire(deadline - performance.now())
      const ms = Math.min(each, deadline - performance.now())
      try {
        await within(pool, lent, ms, (raw, done) => {
          ensureFits(values, lent.server, 1)
          raw.execute(statement, values as string[], done)
        })
        return pool.release(lent)
      } catch (error) {
        const fate = fateOf(error)
        if (fate === 'turned_away' || error instanceof NoAnswerError) pool.leave(lent)
        if (fate === 'lost' || fate === 'turned_away') pool.discard(lent)
        else pool.release(lent)
        if (fate === 'failed' || tries >= mostTries || performance.now() >= deadline - leastTime) throw error
      }
    }
  }

  return { write, close: pool.close, abandon: pool.abandon }
}

/** Ms below which no further try is worth it. */
const leastTime = 100
