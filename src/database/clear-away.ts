import { type Kysely, sql } from 'kysely'
import type { Tables } from './tables.ts'
import { inTransaction } from './transaction.ts'

/** Rows. */
const most = 50

/** Rows that are over from some time on; that has an index. */
const over = {
  sessions: { key: 'id', end: 'expires_at' },
  tries: { key: 'name', end: 'until' },
} as const

/**
 * Deletes some of what is over. To be called for each row that is added: more go than come, and nobody has to wait
 * until all of them are gone.
 * @param now unix ms
 */
export async function clearAway(db: Kysely<Tables>, table: keyof typeof over, now: number) {
  const [name, key, end] = [sql.table(table), sql.ref(over[table].key), sql.ref(over[table].end)]
  const found = sql<{
    found: string
  }>`SELECT ${key} AS found FROM ${name} WHERE ${end} <= ${now} ORDER BY ${end} LIMIT ${sql.lit(most)}`
  const { rows } = await found.execute(db)
  if (rows.length === 0) return
  const keys = sql.join(rows.map(({ found }) => found))
  await inTransaction(db, (transaction) =>
    sql`DELETE FROM ${name} WHERE ${key} IN (${keys}) AND ${end} <= ${now}`.execute(transaction),
  )
}
