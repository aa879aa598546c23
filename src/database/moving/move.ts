import { existsSync, realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { migrate, schemaStanding } from '../migrate.ts'
import { type Database, openDatabase } from '../open.ts'
import { doubtUnfinished } from '../restored.ts'
import { sqliteFile } from '../sqlite-file.ts'
import { type Copied, copyTable, isLeft } from './copy-table.ts'
import { isOpenElsewhere, isServed } from './in-use.ts'
import { leaveFor, nameOf, readMark, removeMark, writeMark } from './mark.ts'
import { countRows } from './rows.ts'
import { namesOf, query, quote, readTables, type Table } from './table.ts'

/** Why nothing was moved: the last part of a key of the texts, and what is filled in there. */
export class MoveRefusal extends Error {
  override name = 'MoveRefusal'
  fault: string
  params: Record<string, string>
  constructor(fault: string, params: Record<string, string> = {}) {
    super(fault)
    this.fault = fault
    this.params = params
  }
}

export interface MoveProgress {
  /** How many rows there are to copy, as counted before. */
  total: (rows: number) => void
  table: (name: string) => void
  rows: (more: number) => void
}

interface MoveOptions {
  progress: MoveProgress
  /** Ends it between two statements. */
  stop: AbortSignal
  /** Unix ms. */
  now: () => number
  /** Of text and bytes that one statement carries. */
  mostBytes?: number
}

export interface Moved {
  /** False: a server works with the old database still, so this was but a first round. */
  isComplete: boolean
  tables: Copied[]
}

/**
 * Copies all that one database holds into another, which is made for it. While a server works with the first it is a
 * first round; the next one takes what has changed since, closes the old database and opens the new one.
 * May be broken off at any time and begun again. Throws MoveRefusal and CopyError.
 */
export async function moveDatabase(fromUrl: string, toUrl: string, options: MoveOptions): Promise<Moved> {
  if (isSame(fromUrl, toUrl)) throw new MoveRefusal('same')
  ensureThere(fromUrl)
  const target = sqliteFile(toUrl)
  if (target !== null && isOpenElsewhere(target)) throw new MoveRefusal('target_used', { to: nameOf(toUrl) })
  const closedAt = await closeToServers(fromUrl, toUrl, options.now())
  const isStill = closedAt !== null
  const from = openDatabase(fromUrl)
  const to = openDatabase(toUrl)
  try {
    const tables = await prepare({ from, to, fromUrl, toUrl, now: options.now })
    const copied = await copyAll({ from, to, isStill }, tables, options)
    if (!isStill) return { isComplete: false, tables: copied }
    // One that began to start before the mark was there.
    if (from.dialect === 'mysql' && (await isServed(from, fromUrl, options.now())))
      throw new MoveRefusal('served_again', { from: nameOf(fromUrl) })
    if (!(await leaveFor(from, closedAt))) throw new MoveRefusal('reopened', { from: nameOf(fromUrl) })
    await removeMark(to)
    return { isComplete: true, tables: copied }
  } catch (error) {
    const mark = await readMark(from).catch(() => null)
    if (mark?.state === 'leaving' && mark.at === closedAt) await removeMark(from).catch(() => {})
    throw error
  } finally {
    await Promise.all([from.close(), to.close()])
  }
}

/**
 * Makes a database that was left one to work with again. What the other one may have sent meanwhile is not known to it,
 * and is looked for. Throws MoveRefusal.
 * @param now unix ms
 */
export async function reopenDatabase(url: string, now: number) {
  ensureThere(url)
  const database = openDatabase(url)
  try {
    const mark = await readMark(database)
    if (!mark) throw new MoveRefusal('not_moved', { from: nameOf(url) })
    if (mark.state === 'filling') throw new MoveRefusal('not_whole', { from: nameOf(url), other: mark.other })
    // Until that is done, no server may begin to send.
    await doubtUnfinished(database, now)
    await removeMark(database)
  } finally {
    await database.close()
  }
}

/** SQLite makes files of mistyped names. */
function ensureThere(url: string) {
  const file = sqliteFile(url)
  if (file !== null && !existsSync(file)) throw new MoveRefusal('no_source', { from: nameOf(url) })
}

function isSame(one: string, other: string) {
  const others = placesOf(other)
  return placesOf(one).some((place) => others.includes(place))
}

/** Where a database is found: one that is a cluster's, in several places. */
function placesOf(url: string) {
  const file = sqliteFile(url)
  if (file !== null) return [existsSync(file) ? realpathSync(file) : resolve(file)]
  const [, hosts = '', name = ''] = /^mysql:\/\/(?:[^@/]*@)?([^/]*)\/([^?]*)/.exec(url) ?? []
  return hosts.split(',').map((host) => `${host.replace('localhost', '127.0.0.1').replace(/:3306$/, '')}/${name}`)
}

/** Null when one works with it. Else none starts with it from now on, until the mark of this time is taken away. */
async function closeToServers(url: string, other: string, now: number) {
  const file = sqliteFile(url)
  if (file !== null && isOpenElsewhere(file)) return null
  const database = openDatabase(url)
  let closedAt = now
  try {
    const mark = await readMark(database)
    if (mark?.state === 'filling') throw new MoveRefusal('not_whole', { from: nameOf(url), other: mark.other })
    if (mark && mark.other !== nameOf(other)) throw new MoveRefusal(mark.state, { from: nameOf(url), to: mark.other })
    const standing = await schemaStanding(database)
    if (standing !== 'current') throw new MoveRefusal(`source_${standing}`, { from: nameOf(url) })
    if (file === null && (await isServed(database, url, now))) return null
    if (mark?.state === 'left') closedAt = mark.at
    // Also in place of one that somebody else has left behind, or is at work by: of two, the later one goes on.
    else await writeMark(database, { state: 'leaving', other: nameOf(other), at: now })
  } finally {
    await database.close()
  }
  if (file === null || !isOpenElsewhere(file)) return closedAt
  const again = openDatabase(url)
  await removeMark(again).finally(() => again.close())
  return null
}

interface Pair {
  from: Database
  to: Database
  fromUrl: string
  toUrl: string
  now: () => number
}

/** Gives the tables that are to be copied. */
async function prepare({ from, to, fromUrl, toUrl, now }: Pair): Promise<Table[]> {
  const standing = await schemaStanding(from)
  if (standing !== 'current') throw new MoveRefusal(`source_${standing}`, { from: nameOf(fromUrl) })
  const tables = await readTables(from)
  const mark = await readMark(to)
  const isOurs = mark?.state === 'filling' && mark.other === nameOf(fromUrl)
  const isOver = (await readMark(from))?.state === 'left' && !isOurs
  if (isOver) throw new MoveRefusal('left', { from: nameOf(fromUrl), to: nameOf(toUrl) })
  if (!isOurs) {
    if (mark?.state === 'filling') throw new MoveRefusal('target_filling', { to: nameOf(toUrl) })
    const full = await tablesWithRows(to, tables)
    if (full.length > 0) throw new MoveRefusal('target_full', { to: nameOf(toUrl), tables: full.join(', ') })
    await writeMark(to, { state: 'filling', other: nameOf(fromUrl), at: now() })
  }
  await migrate(to)
  const shape = (each: Table[]) => JSON.stringify(each.map(shapeOf))
  if (shape(tables) !== shape(await readTables(to))) throw new Error('the tables of the two databases are not the same')
  return tables.filter((table) => !isLeft(table))
}

function shapeOf({ name, columns, key, counts }: Table) {
  const sorted = columns.map((column) => `${column.name} ${column.kind}`).sort()
  return { name, columns: sorted, key: [...key].sort(), counts }
}

async function tablesWithRows(to: Database, tables: Table[]) {
  const there = new Set(await namesOf(to))
  const full: string[] = []
  for (const { name } of tables) {
    if (!there.has(name)) continue
    if ((await query(to, `SELECT 1 AS one FROM ${quote(to, name)} LIMIT 1`)).length > 0) full.push(name)
  }
  return full
}

async function copyAll(
  databases: { from: Database; to: Database; isStill: boolean },
  tables: Table[],
  { progress, stop, mostBytes = 2 ** 21 }: MoveOptions,
): Promise<Copied[]> {
  let total = 0
  for (const table of tables) total += await countRows(databases.from, table)
  progress.total(total)
  const bytes = Math.min(mostBytes, await packetOf(databases.to))
  const tell = (rows: number) => {
    stop.throwIfAborted()
    progress.rows(rows)
  }
  const copied: Copied[] = []
  for (const table of tables) {
    progress.table(table.name)
    copied.push(await copyTable({ ...databases, mostBytes: bytes, tell }, table))
  }
  return copied
}

/** What is written in hexadecimal digits has to fit, with the rest of the statement. */
async function packetOf(to: Database) {
  if (to.dialect === 'sqlite') return Number.POSITIVE_INFINITY
  const [row] = await query<{ bytes: number | string }>(to, 'SELECT @@max_allowed_packet AS bytes')
  return Number(row?.bytes ?? 2 ** 22) / 4
}
