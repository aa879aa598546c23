import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { liveHosts } from '../instances.ts'
import { isLocked } from '../node-sqlite.ts'
import type { Database } from '../open.ts'
import { sqliteFile } from '../sqlite-file.ts'

/**
 * Whether another process has the file open. Only who is alone can end its log of changes; what it holds then stands
 * in the file itself.
 */
export function isOpenElsewhere(file: string) {
  if (!existsSync(file)) return false
  const sqlite = new DatabaseSync(file, { timeout: 200 })
  try {
    const { journal_mode } = sqlite.prepare('PRAGMA journal_mode = DELETE').get() as { journal_mode: string }
    return journal_mode !== 'delete'
  } catch (error) {
    if (isLocked(error)) return true
    throw error
  } finally {
    sqlite.close()
  }
}

/** Whether a server works with it. With MySQL one that was killed counts for 45 s more. */
export async function isServed(database: Database, url: string, now: number) {
  const file = sqliteFile(url)
  if (file !== null) return isOpenElsewhere(file)
  return (await liveHosts(database.db, now)).length > 0
}
