import { closeSync, existsSync, linkSync, openSync, readSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { backupSqlite, faultsOf, stampOf, syncFile } from './backup.ts'
import { migrate, schemaStanding } from './migrate.ts'
import { isOpenElsewhere } from './moving/in-use.ts'
import { type Database, openDatabase } from './open.ts'
import { doubtUnfinished } from './restored.ts'

type RestoreFault = 'missing' | 'no_database' | 'broken' | 'not_parom' | 'newer' | 'used' | 'same'

/** Why nothing was restored; everything is as it was. */
export class RestoreRefusal extends Error {
  override name = 'RestoreRefusal'
  fault: RestoreFault
  constructor(fault: RestoreFault, message: string = fault) {
    super(message)
    this.fault = fault
  }
}

export interface Restored {
  /** Where the database is that was there before; null: there was none. */
  kept: string | null
  messages: number
  /** Of them those that are looked for in the CRM before they are sent. */
  unfinished: number
  /** Unix ms of the last order. */
  lastReceivedAt: number | null
}

/**
 * Puts a backup in the place of a SQLite database, which is kept under another name. Throws RestoreRefusal.
 * @param now unix ms, of which that name tells
 */
export async function restoreSqlite(backupFile: string, file: string, now: number): Promise<Restored> {
  if (!existsSync(backupFile)) throw new RestoreRefusal('missing')
  if (existsSync(file) && isSameFile(backupFile, file)) throw new RestoreRefusal('same')
  if (isInUse(file)) throw new RestoreRefusal('used')
  checkFile(backupFile)
  const fresh = `${file}.restoring`
  removeAll(fresh)
  try {
    await backupSqlite(backupFile, fresh)
    const facts = await prepare(fresh, now)
    // What it took while this went on would be gone.
    if (isInUse(file)) throw new RestoreRefusal('used')
    return { kept: takePlace(fresh, file, stampOf(new Date(now))), ...facts }
  } finally {
    removeAll(fresh)
  }
}

/** One that is damaged is nobody's. Where it is no database any more, to ask whose it is would lose the log of it. */
function isInUse(file: string) {
  if (!existsSync(file) || readStart(file) !== magic) return false
  try {
    return isOpenElsewhere(file)
  } catch {
    return false
  }
}

function isSameFile(one: string, other: string) {
  const [first, second] = [statSync(one), statSync(other)]
  return first.dev === second.dev && first.ino === second.ino
}

function checkFile(file: string) {
  if (readStart(file) !== magic) throw new RestoreRefusal('no_database')
  const sqlite = new DatabaseSync(file, { readOnly: true })
  try {
    const faults = faultsOf(sqlite)
    if (faults !== null) throw new RestoreRefusal('broken', faults)
  } catch (error) {
    throw error instanceof RestoreRefusal ? error : new RestoreRefusal('broken', String(error))
  } finally {
    sqlite.close()
  }
}

const magic = 'SQLite format 3\0'

function readStart(file: string) {
  const handle = openSync(file, 'r')
  const bytes = Buffer.alloc(16)
  const count = readSync(handle, bytes)
  closeSync(handle)
  return bytes.toString('latin1', 0, count)
}

async function prepare(file: string, now: number) {
  const database = openDatabase(`sqlite:${file}`)
  try {
    const standing = await schemaStanding(database)
    if (standing === 'none') throw new RestoreRefusal('not_parom')
    if (standing === 'foreign') throw new RestoreRefusal('newer')
    await migrate(database)
    await doubtUnfinished(database, now)
    return await readFacts(database)
  } finally {
    await database.close()
    // Ends its log of changes: the file is all there is of it.
    isOpenElsewhere(file)
    syncFile(file)
  }
}

export async function readFacts({ unhurried }: Pick<Database, 'unhurried'>) {
  return unhurried(async (db) => {
    const count = db.selectFrom('messages').select(({ fn }) => fn.countAll<number | string>().as('count'))
    const all = await count.executeTakeFirstOrThrow()
    const open = await count.where('state', 'in', ['pending', 'held', 'dead']).executeTakeFirstOrThrow()
    const newest = await db
      .selectFrom('messages')
      .select('received_at')
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst()
    return {
      messages: Number(all.count),
      unfinished: Number(open.count),
      lastReceivedAt: newest?.received_at ?? null,
    }
  })
}

/** Gives the name that the database before has now. At no moment is there none. */
function takePlace(fresh: string, file: string, stamp: string) {
  if (!existsSync(file)) {
    removeAll(file)
    renameSync(fresh, file)
    syncFile(dirname(file))
    return null
  }
  const kept = `${file}.before-restore-${stamp}`
  linkSync(file, kept)
  // Of one that is broken: its log would be taken for that of the new one.
  for (const rest of beside) if (existsSync(`${file}${rest}`)) renameSync(`${file}${rest}`, `${kept}${rest}`)
  renameSync(fresh, file)
  syncFile(dirname(file))
  return kept
}

const beside = ['-wal', '-shm', '-journal']

function removeAll(file: string) {
  for (const rest of ['', ...beside]) rmSync(`${file}${rest}`, { force: true })
}
