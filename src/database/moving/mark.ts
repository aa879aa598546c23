import { stripVTControlCharacters } from 'node:util'
import type { Instances } from '../instances.ts'
import type { Database } from '../open.ts'
import { namesOf, query } from './table.ts'

/** How a database stands that is moved, or that another one is moved into. */
interface Mark {
  /** `filling`: it is not whole yet. `leaving`: its rest is being copied. `left`: another one has taken its place. */
  state: 'filling' | 'leaving' | 'left'
  /** The other database, without its password. */
  other: string
  /** Unix ms. */
  at: number
}

/** The database is not to be worked with: it is moved, was moved, or is still being filled. */
export class MovedError extends Error {
  override name = 'MovedError'
  mark: Mark
  constructor(mark: Mark) {
    super(`the database is moved: ${mark.state}, ${mark.other}`)
    this.mark = mark
  }
}

/** Throws MovedError. Orders that two databases hold would be delivered twice. */
export async function ensureNotMoved(database: Database) {
  const mark = await readMark(database)
  if (mark) throw new MovedError(mark)
}

/**
 * The same for a server that works with it. Who stood still for long counted as gone; a move that is not over by now is
 * called off, for orders may have come in since. Throws MovedError.
 */
export async function ensureStillOurs(database: Database) {
  if ((await readMark(database))?.state === 'leaving')
    await query(database, "DELETE FROM moves WHERE state = 'leaving'")
  await ensureNotMoved(database)
}

/**
 * `ensureNotMoved` for a server that starts. Who moves the database marks it first and looks for servers then, so whichever
 * comes first, one of the two sees the other. Throws MovedError.
 */
export async function joinUnlessMoved(
  database: Database,
  instances: Pick<Instances, 'tellOfThisOne' | 'forgetThisOne'>,
) {
  await instances.tellOfThisOne()
  try {
    await ensureNotMoved(database)
  } catch (error) {
    await instances.forgetThisOne()
    throw error
  }
}

export async function readMark(database: Database): Promise<Mark | null> {
  if (!(await namesOf(database)).includes('moves')) return null
  const [row] = await query<Omit<Mark, 'at'> & { at: number | string }>(database, 'SELECT state, other, at FROM moves')
  return row ? { state: row.state, other: row.other, at: Number(row.at) } : null
}

export async function writeMark(database: Database, { state, other, at }: Mark) {
  await query(
    database,
    'CREATE TABLE IF NOT EXISTS moves (id INT NOT NULL PRIMARY KEY, state VARCHAR(16) NOT NULL, other VARCHAR(700) NOT NULL, at BIGINT NOT NULL)',
  )
  await query(database, 'DELETE FROM moves')
  await query(database, 'INSERT INTO moves (id, state, other, at) VALUES (1, ?, ?, ?)', [state, other, at])
}

/** Another database has taken its place. False when it was opened, or closed by another one, since `closedAt`. */
export async function leaveFor(database: Database, closedAt: number) {
  if ((await readMark(database))?.at !== closedAt) return false
  await query(database, "UPDATE moves SET state = 'left' WHERE at = ?", [closedAt])
  const mark = await readMark(database)
  return mark?.at === closedAt && mark.state === 'left'
}

export async function removeMark(database: Database) {
  await query(database, 'DROP TABLE IF EXISTS moves')
}

/** A database by its address, as it may be shown and written down. */
export function nameOf(url: string) {
  return stripVTControlCharacters(url.replace(/^(mysql:\/\/[^:@/]*):[^/?#]*@/, '$1@'))
}
