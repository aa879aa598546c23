import { stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { sql } from 'kysely'
import type { Database } from './open.ts'
import { sqliteFile } from './sqlite-file.ts'

/** Bytes of the database, and those that are left on its disk: null where that is another machine's. */
export interface DatabaseSize {
  used: number
  free: number | null
}

/** @param url as `openDatabase` takes it */
export async function readSize({ db, dialect }: Database, url: string): Promise<DatabaseSize> {
  if (dialect === 'sqlite') return sizeOfFile(sqliteFile(url))
  const { rows } = await sql<{ used: number | string | null }>`
    SELECT SUM(data_length + index_length) AS used FROM information_schema.tables WHERE table_schema = DATABASE()`.execute(
    db,
  )
  return { used: Number(rows[0]?.used ?? 0), free: null }
}

async function sizeOfFile(file: string | null): Promise<DatabaseSize> {
  if (file === null) return { used: 0, free: null }
  const sizes = [file, `${file}-wal`].map((each) =>
    stat(each).then(
      ({ size }) => size,
      () => 0,
    ),
  )
  const { bavail, bsize } = await statfs(dirname(file))
  return { used: (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0), free: bavail * bsize }
}
