import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import { needed, UnsupportedServerError } from './mysql-session.ts'
import { isLocked } from './node-sqlite.ts'
import type { Database } from './open.ts'

const migrationsRoot = join(import.meta.dirname, '../../db/migrations')
const lockSeconds = 60
const lockEnd = sql`UTC_TIMESTAMP() + INTERVAL ${sql.lit(lockSeconds)} SECOND`

/**
 * Applies the `.sql` files of the dialect that have not been applied yet, in the order of their numbers.
 * Any number of processes may call it at once: one applies, the others wait for it.
 * Throws MigrationError, also when a file was changed after it had been applied.
 */
export async function migrate({ db, dialect, unhurried }: Database) {
  const files = await readMigrations(join(migrationsRoot, dialect))
  try {
    if (dialect === 'sqlite') {
      await retryWhileLocked(() => db.transaction().execute((transaction) => applyMissing(transaction, files)))
    } else {
      await unhurried((patient) => withMysqlLock(patient, () => applyMissing(patient, files)))
    }
  } catch (error) {
    throw new MigrationError(error)
  }
}

/**
 * How the tables of a database stand to those of this program. `older` ones, `migrate` brings up to date; `none`: it has none.
 * `foreign` is what another version, later or altered, has made.
 */
export async function schemaStanding({ db, dialect }: Database): Promise<'none' | 'older' | 'current' | 'foreign'> {
  const files = await readMigrations(join(migrationsRoot, dialect))
  const { rows } = await sql<{ name: string; checksum: string }>`SELECT name, checksum FROM schema_migrations`
    .execute(db)
    .catch((error: Error) => {
      if (/no such table|doesn't exist/.test(error.message)) return { rows: [] }
      throw error
    })
  if (rows.length === 0) return 'none'
  const isKnown = ({ name, checksum }: { name: string; checksum: string }) =>
    files.some((file) => file.name === name && file.checksum === checksum)
  if (!rows.every(isKnown)) return 'foreign'
  return rows.length === files.length ? 'current' : 'older'
}

/** The tables could not be made; the message is the database's own. */
export class MigrationError extends Error {
  override name = 'MigrationError'

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
  }

  /** In words for whoever has started it. */
  describe(translate: (key: string, values: Record<string, string>) => string) {
    if (!(this.cause instanceof UnsupportedServerError)) return translate('start.database', { message: this.message })
    return translate('start.database_version', { found: this.cause.found, needed })
  }
}

export function mysqlMigrations() {
  return readMigrations(join(migrationsRoot, 'mysql'))
}

interface Migration {
  name: string
  text: string
  checksum: string
  statements: string[]
}

/** A statement ends with a semicolon at the end of a line; everything after `--` is a comment. */
export function statementsOf(text: string) {
  return text
    .replace(/(^|\s)--.*$/gm, '')
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter(Boolean)
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{4}-.+\.sql$/.test(name)).sort()
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(folder, name), 'utf8')
      return { name, text, checksum: createHash('sha256').update(text).digest('hex'), statements: statementsOf(text) }
    }),
  )
}

async function applyMissing<Tables>(db: Kysely<Tables>, files: Migration[]) {
  await sql`CREATE TABLE IF NOT EXISTS schema_migrations (name VARCHAR(190) NOT NULL PRIMARY KEY, checksum CHAR(64) NOT NULL)`.execute(
    db,
  )
  const { rows } = await sql<{ name: string; checksum: string }>`SELECT name, checksum FROM schema_migrations`.execute(
    db,
  )
  for (const { name, checksum, statements } of files) {
    const applied = rows.find((row) => row.name === name)
    if (applied && applied.checksum !== checksum)
      throw new Error(`migration ${name} was changed after it had been applied`)
    if (applied) continue
    for (const statement of statements) await sql.raw(statement).execute(db).catch(throwUnlessDone)
    await sql`INSERT INTO schema_migrations (name, checksum) VALUES (${name}, ${checksum})`.execute(db)
  }
}

/** DDL commits by itself in MySQL: after a crash it may be done and nobody has written it down. */
function throwUnlessDone(error: unknown) {
  if (!(error instanceof Error && 'code' in error && doneAlready.has(error.code))) throw error
}

const doneAlready: ReadonlySet<unknown> = new Set(['ER_DUP_FIELDNAME', 'ER_CANT_DROP_FIELD_OR_KEY'])

async function retryWhileLocked(work: () => Promise<void>) {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (tries >= 40 || !isLocked(error)) throw error
      await sleep(100)
    }
  }
}

/**
 * DDL commits by itself in MySQL, so a row stands for the lock; a process that died is waited for until its lock lapses.
 * GET_LOCK is not used because a Galera cluster does not share it.
 */
async function withMysqlLock<Tables>(db: Kysely<Tables>, work: () => Promise<void>) {
  const holder = randomUUID()
  await sql`CREATE TABLE IF NOT EXISTS schema_lock (id INT NOT NULL PRIMARY KEY, holder CHAR(36) NULL, held_until DATETIME NULL)`.execute(
    db,
  )
  await sql`INSERT IGNORE INTO schema_lock (id) VALUES (1)`.execute(db)
  while (!(await takeLock(db, holder))) await sleep(200)
  const renewal = setInterval(() => void renewLock(db, holder), (lockSeconds * 1000) / 4)
  try {
    await work()
  } finally {
    clearInterval(renewal)
    await sql`UPDATE schema_lock SET holder = NULL, held_until = NULL WHERE id = 1 AND holder = ${holder}`.execute(db)
  }
}

async function renewLock<Tables>(db: Kysely<Tables>, holder: string) {
  await sql`UPDATE schema_lock SET held_until = ${lockEnd} WHERE id = 1 AND holder = ${holder}`
    .execute(db)
    .catch(() => {})
}

async function takeLock<Tables>(db: Kysely<Tables>, holder: string) {
  const { numAffectedRows } = await sql`
    UPDATE schema_lock SET holder = ${holder}, held_until = ${lockEnd}
    WHERE id = 1 AND (holder IS NULL OR held_until < UTC_TIMESTAMP())`.execute(db)
  return numAffectedRows === 1n
}
