import { createPool, type Pool, type PoolConnection } from 'mysql2'
import { NoAnswerError } from './mysql-faults.ts'
import { prepareSession, type Server } from './mysql-session.ts'
import { nodesOf } from './mysql-url.ts'

/** Ms. */
const connectPatience = { alone: 3000, ofSeveral: 1500 }
/** Ms until the connections to a node that was left are closed, whoever still uses them. */
const farewell = 20_000
/** Ms. A server that stands still does not even say good-bye. */
const closePatience = 1000
const mostWaiting = 1000

type Nodes = ReturnType<typeof createNodes>

/** The nodes of a cluster, one of which is used as long as it is well: by all pools of this process. */
export function createNodes(url: string) {
  const urls = nodesOf(url)
  if (!urls) throw new Error('DATABASE_URL does not name a MySQL database')
  let at = 0
  let turn = 0
  return {
    count: urls.length,
    current: () => ({ url: urls[at] ?? urls[0], turn }),

    /** Gives up all connections made in this turn, for those to the next node. */
    leave(left: number) {
      if (left !== turn) return
      turn += 1
      at = (at + 1) % urls.length
    },
  }
}

interface MysqlPoolOptions {
  size: number
  /** Ms that the server may take for a statement; null: as many as it likes. */
  statementMs: number | null
  maxPreparedStatements?: number
}

/** What is lent out, with what its server has told of itself. */
export interface Lent {
  raw: PoolConnection
  server: Server
  turn: number
}

export type NodePool = ReturnType<typeof createNodePool>

/** Connections to the node that is used at present, ready for work. */
export function createNodePool(nodes: Nodes, { size, statementMs, ...options }: MysqlPoolOptions) {
  const servers = new WeakMap<PoolConnection, Server>()
  const open = new Set<PoolConnection>()
  const pools = new Set<Pool>()
  const underWay = new Set<() => void>()
  let used = start()
  let isClosed = false
  let closing: Promise<void> | null = null
  let waiting = 0
  let lent = 0

  function start() {
    const { url, turn } = nodes.current()
    const pool = createPool({ ...optionsOf(url, nodes.count), ...options, connectionLimit: size })
    pool.on('connection', (connection: PoolConnection) => {
      open.add(connection)
      for (const event of ['end', 'error']) connection.on(event, () => open.delete(connection))
    })
    pools.add(pool)
    return { pool, turn }
  }

  function current() {
    const { turn } = nodes.current()
    if (used.turn === turn) return used
    const { pool } = used
    setTimeout(() => pool.end(() => pools.delete(pool)), farewell).unref()
    used = start()
    return used
  }

  /** @param patience ms; who waits longer gets an error */
  async function acquire(patience: number): Promise<Lent> {
    const deadline = performance.now() + patience
    for (let left = nodes.count; ; left--) {
      if (isClosed) throw Object.assign(new Error('the database was closed'), { code: 'POOL_CLOSED' })
      const { pool, turn } = current()
      const raw = await take(pool, deadline).catch((error: unknown) => moveOn(error, turn, left))
      if (!raw) continue
      const server = await serverOf(raw).catch((error: unknown) => {
        destroy(raw)
        return moveOn(error, turn, left)
      })
      if (!server) continue
      lent += 1
      return { raw, server, turn }
    }
  }

  /** To the next node, unless this was the last one. */
  function moveOn(error: unknown, turn: number, left: number) {
    if (left <= 1 || isClosed || error instanceof WaitedInVainError) throw error
    nodes.leave(turn)
    return null
  }

  async function serverOf(raw: PoolConnection) {
    const known = servers.get(raw)
    if (known) return known
    const server = await prepareSession(raw, { statementMs, isOneOfSeveral: nodes.count > 1 })
    servers.set(raw, server)
    return server
  }

  function take(pool: Pool, deadline: number) {
    const ms = Math.max(0, deadline - performance.now())
    if (waiting >= mostWaiting) throw new WaitedInVainError(`${waiting} wait for a connection already`)
    waiting += 1
    return new Promise<PoolConnection>((resolve, reject) => {
      let isOver = false
      const tooLate = setTimeout(() => {
        isOver = true
        waiting -= 1
        reject(new WaitedInVainError(`no connection to the database was free within ${Math.round(ms)} ms`))
      }, ms)
      pool.getConnection((error, raw) => {
        if (isOver) return error ? undefined : raw.release()
        clearTimeout(tooLate)
        waiting -= 1
        if (error) reject(error)
        else resolve(raw)
      })
    })
  }

  function release({ raw, turn }: Lent) {
    lent -= 1
    if (turn === nodes.current().turn) raw.release()
    else destroy(raw)
  }

  function discard({ raw }: Lent) {
    lent -= 1
    destroy(raw)
  }

  function destroy(raw: PoolConnection) {
    open.delete(raw)
    raw.destroy()
  }

  return {
    acquire,
    release,
    /** Of one that is of no more use. */
    discard,
    leave: ({ turn }: Lent) => nodes.leave(turn),
    /** What is called when nobody is to wait any longer: a connection that is destroyed tells nobody. */
    underWay,
    figures: () => ({ size, open: open.size, busy: lent, waiting }),

    /** Cuts off whoever is still at work. */
    abandon() {
      isClosed = true
      for (const giveUp of [...underWay]) giveUp()
      for (const raw of open) destroy(raw)
    },

    close() {
      closing ??= closeAll()
      return closing
    },
  }

  async function closeAll() {
    isClosed = true
    const ended = [...pools].map((pool) => new Promise<void>((resolve) => pool.end(() => resolve())))
    let cut: NodeJS.Timeout | undefined
    const patience = new Promise<void>((resolve) => {
      cut = setTimeout(resolve, closePatience)
    })
    await Promise.race([Promise.all(ended), patience])
    clearTimeout(cut)
    for (const raw of open) raw.destroy()
  }
}

/** All are in use; that says nothing of the node. */
class WaitedInVainError extends NoAnswerError {}

function optionsOf(uri: string, count: number) {
  return {
    uri,
    connectTimeout: count > 1 ? connectPatience.ofSeveral : connectPatience.alone,
    // A connection that is gone without a word is found out.
    keepAliveInitialDelay: 10_000,
    // Of what is compared without a column; a column's own collation is a binary one, too, whatever the server's is.
    charset: 'UTF8MB4_BIN',
    timezone: 'Z',
    // Numbers up to 2^53 come as numbers; every BIGINT of ours is one.
    supportBigNumbers: true,
  }
}
