import type { PoolConnection, RowDataPacket } from 'mysql2'
import { NoAnswerError } from './mysql-faults.ts'

/** A server that is too old; it is never spoken to. */
export class UnsupportedServerError extends Error {
  override name = 'UnsupportedServerError'
  readonly found: string

  constructor(found: string) {
    super(`the database is ${found}, needed is ${needed}`)
    this.found = found
  }
}

export const needed = 'MySQL ≥ 8.0.1 / MariaDB ≥ 10.6'

/** What the server says of itself, by the names of its variables; what it does not know is absent. */
export type Server = ReadonlyMap<string, string>

/** Ms. */
const patience = 3000

/**
 * Nothing that Parom relies on is left to the server's own settings. Each is set where the server knows it.
 * @param statementMs after which the server gives a statement up; null: never
 */
function settingsOf(statementMs: number | null) {
  return {
    // Without it a single statement would never be committed.
    autocommit: '1',
    completion_type: "'NO_CHAIN'",
    sql_safe_updates: '0',
    sql_mode: "'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ENGINE_SUBSTITUTION'",
    time_zone: "'+00:00'",
    // The first is MariaDB's name for it, the second MySQL's.
    tx_isolation: "'READ-COMMITTED'",
    transaction_isolation: "'READ-COMMITTED'",
    innodb_lock_wait_timeout: '5',
    // Who falls asleep in a transaction keeps its locks for seconds only.
    idle_transaction_timeout: '3',
    // Of a cluster: what another node has committed is read, and changed, here. 1 is for reading, 2 for UPDATE and DELETE;
    // INSERT (4) does not wait, its keys are certified anyhow.
    wsrep_sync_wait: '3',
    // MariaDB's in seconds for everything, MySQL's in ms for SELECT.
    max_statement_time: String((statementMs ?? 0) / 1000),
    max_execution_time: String(statementMs ?? 0),
  }
}

const asked = [
  ...['version', 'version_comment', 'read_only', 'super_read_only', 'wsrep_on'],
  ...['innodb_flush_log_at_trx_commit', 'sync_binlog', 'log_bin', 'max_allowed_packet'],
  ...Object.keys(settingsOf(null)),
]
const question = `SHOW GLOBAL VARIABLES WHERE Variable_name IN (${asked.map((name) => `'${name}'`).join(', ')})`

/**
 * Makes a new connection fit to be used.
 * @param isOneOfSeveral whether another node may be better
 */
export async function prepareSession(
  connection: PoolConnection,
  { statementMs, isOneOfSeveral }: { statementMs: number | null; isOneOfSeveral: boolean },
): Promise<Server> {
  const server = await askServer(connection, question)
  ensureSupported(server)
  if (isOneOfSeveral) await ensureServes(connection, server)
  const settings = Object.entries(settingsOf(statementMs)).filter(([name]) => server.has(name))
  await ask(connection, `SET SESSION ${settings.map(([name, value]) => `${name} = ${value}`).join(', ')}`)
  return server
}

function ensureSupported(server: Server) {
  const version = server.get('version') ?? ''
  const isMariadb = /mariadb/i.test(`${version} ${server.get('version_comment') ?? ''}`)
  const [, ...numbers] = /^(?:5\.5\.5-)?(\d+)\.(\d+)\.(\d+)/.exec(version) ?? []
  const [major = 0, minor = 0, patch = 0] = numbers.map(Number)
  const number = (major * 1000 + minor) * 1000 + patch
  const name = `${isMariadb && !/mariadb/i.test(version) ? 'MariaDB' : isMariadb ? '' : 'MySQL'} ${version}`.trim()
  if (number < (isMariadb ? 10_006_000 : 8_000_001)) throw new UnsupportedServerError(name)
}

/** Of a cluster, a node may be there and yet take no part; of a primary and its replicas, all but one are only read. */
async function ensureServes(connection: PoolConnection, server: Server) {
  const isOn = (name: string) => !['OFF', '0', undefined].includes(server.get(name))
  if (isOn('read_only') || isOn('super_read_only')) throw notReady('is read-only')
  if (!isOn('wsrep_on')) return
  const status = await askServer(connection, "SHOW GLOBAL STATUS LIKE 'wsrep_ready'")
  if (status.get('wsrep_ready') !== 'ON') throw notReady('takes no part in its cluster')
}

function notReady(why: string) {
  return Object.assign(new Error(`the node of the database ${why}`), { code: 'NODE_NOT_READY' })
}

async function askServer(connection: PoolConnection, statement: string): Promise<Server> {
  const rows = (await ask(connection, statement)) as RowDataPacket[]
  return new Map(rows.map((row) => [String(row['Variable_name']).toLowerCase(), String(row['Value'])]))
}

function ask(connection: PoolConnection, statement: string) {
  return new Promise<unknown>((resolve, reject) => {
    const tooLate = setTimeout(
      () => reject(new NoAnswerError(`the database did not answer within ${patience} ms`)),
      patience,
    )
    connection.query(statement, (error, rows) => {
      clearTimeout(tooLate)
      if (error) reject(error)
      else resolve(rows)
    })
  })
}

/** Something in the server's settings by which orders may be lost or refused. */
export type ServerTrouble =
  /** What was committed may be gone after the machine went down. */
  | { kind: 'not_durable'; setting: string; value: string; wanted: string }
  /** An order may be larger than the server takes, in bytes. */
  | { kind: 'packet_small'; value: string; wanted: string }

/** @param bodyLimit bytes that an order may have */
export function troublesOf(server: Server, bodyLimit: number): ServerTrouble[] {
  const durable = ['innodb_flush_log_at_trx_commit', ...(server.get('log_bin') === 'ON' ? ['sync_binlog'] : [])]
  const troubles: ServerTrouble[] = durable.flatMap((setting) => {
    const value = server.get(setting) ?? '1'
    return value === '1' ? [] : [{ kind: 'not_durable' as const, setting, value, wanted: '1' }]
  })
  // As text, in which a byte takes two characters, and some room for the rest.
  const wanted = 2 * bodyLimit + 64 * 1024
  const value = Number(server.get('max_allowed_packet') ?? wanted)
  return value >= wanted ? troubles : [...troubles, { kind: 'packet_small', value: `${value}`, wanted: `${wanted}` }]
}
