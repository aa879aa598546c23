import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'

interface BackupFacts {
  /** Rows of each table. */
  counts: Record<string, number>
  bytes: number
}

/** What was written is not what it should be; nothing of it is left. */
class BackupError extends Error {
  override name = 'BackupError'
}

/** Pages of 4 KiB that are copied at a time. */
const pagesAtOnce = 500

/**
 * Copies a SQLite database as it stands at one moment, whoever writes to it meanwhile, into a file that only its owner
 * reads. The file has its name once it is found whole. Throws BackupError.
 */
export async function backupSqlite(
  from: string,
  into: string,
  tell: (progress: { total: number; done: number }) => void = () => {},
): Promise<BackupFacts> {
  if (!existsSync(from)) throw new BackupError(`${from}: no such file`)
  mkdirSync(dirname(into), { recursive: true, mode: 0o700 })
  const partial = `${into}.partial`
  rmSync(partial, { force: true })
  closeSync(openSync(partial, 'wx', 0o600))
  const source = new DatabaseSync(from, { timeout: 5000 })
  try {
    // Without it the copy would begin anew with every write of another process, and would never be done under load.
    source.exec('BEGIN')
    const counts = countAll(source)
    await backup(source, partial, {
      rate: pagesAtOnce,
      progress: ({ totalPages, remainingPages }) => tell({ total: totalPages, done: totalPages - remainingPages }),
    })
    const bytes = makeWhole(partial)
    const copied = readCounts(partial)
    if (JSON.stringify(copied) !== JSON.stringify(counts)) throw new BackupError('the copy has not all rows')
    chmodSync(partial, 0o600)
    renameSync(partial, into)
    syncFile(dirname(into))
    return { counts, bytes }
  } catch (error) {
    for (const rest of ['', '-journal', '-wal', '-shm']) rmSync(`${partial}${rest}`, { force: true })
    throw error
  } finally {
    source.close()
  }
}

/** One file that can be carried elsewhere, with nothing beside it; it is on the disk. */
function makeWhole(file: string) {
  const sqlite = new DatabaseSync(file)
  try {
    sqlite.exec('PRAGMA journal_mode = DELETE')
    const faults = faultsOf(sqlite)
    if (faults !== null) throw new BackupError(faults)
    const { bytes } = sqlite
      .prepare('SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size')
      .get() as { bytes: number }
    return bytes
  } finally {
    sqlite.close()
    syncFile(file)
  }
}

/** What is broken in a database; null: nothing is. */
export function faultsOf(sqlite: DatabaseSync) {
  const [row] = sqlite.prepare('PRAGMA integrity_check(3)').all() as { integrity_check: string }[]
  return row?.integrity_check === 'ok' ? null : (row?.integrity_check ?? 'integrity_check says nothing')
}

export function readCounts(file: string) {
  const sqlite = new DatabaseSync(file, { readOnly: true })
  try {
    return countAll(sqlite)
  } finally {
    sqlite.close()
  }
}

function countAll(sqlite: DatabaseSync): Record<string, number> {
  const tables = sqlite
    .prepare(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    )
    .all() as { name: string }[]
  return Object.fromEntries(
    tables.map(({ name }) => {
      const { count } = sqlite.prepare(`SELECT COUNT(*) AS count FROM "${name}"`).get() as { count: number }
      return [name, count]
    }),
  )
}

export function syncFile(file: string) {
  if (!existsSync(file)) return
  const handle = openSync(file, 'r')
  fsyncSync(handle)
  closeSync(handle)
}

/** Where backups of a SQLite database are that nobody has named another place for. */
export function backupFolder(file: string) {
  return join(dirname(file), 'backups')
}

export function backupName(env: string, time: Date) {
  return `${env}-${stampOf(time)}.db`
}

/** Of one second; it sorts by time. */
export function stampOf(time: Date) {
  return `${time.toISOString().slice(0, 19).replaceAll(':', '-')}Z`
}

/** Names of those of our own naming, the oldest first. */
export function backupsIn(folder: string, env: string) {
  return ownIn(folder, env, '\\.db')
}

/** Names of what is left of those that were broken off an hour ago or earlier. @param now unix ms */
export function brokenOffIn(folder: string, env: string, now: number) {
  const isOld = (name: string) =>
    (statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? now) < now - hourMs
  return ownIn(folder, env, '\\.db\\.partial(-journal|-wal|-shm)?').filter(isOld)
}

const hourMs = 60 * 60_000

function ownIn(folder: string, env: string, ending: string) {
  if (!existsSync(folder)) return []
  const own = new RegExp(`^${env}-\\d{4}-\\d\\d-\\d\\dT\\d\\d-\\d\\d-\\d\\dZ${ending}$`)
  return readdirSync(folder)
    .filter((name) => own.test(name))
    .sort()
}

/** Unix ms of the last of those; null where there is none. */
export function lastBackupAt(folder: string, env: string) {
  const [, day, time] = /(\d{4}-\d\d-\d\d)T([\d-]{8})Z\.db$/.exec(backupsIn(folder, env).at(-1) ?? '') ?? []
  return day && time ? Date.parse(`${day}T${time.replaceAll('-', ':')}Z`) : null
}
