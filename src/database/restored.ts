import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CompiledQuery } from 'kysely'
import { statementsOf } from './migrate.ts'
import type { Database } from './open.ts'

const file = join(import.meta.dirname, '../../db/after-restore.sql')

/**
 * Of a database that may know less than the CRM: orders that it holds as not delivered are looked for there before they
 * are sent. Nobody is signed in any more.
 * @param now unix ms
 */
export async function doubtUnfinished({ unhurried }: Pick<Database, 'unhurried'>, now: number) {
  const statements = statementsOf(await readFile(file, 'utf8'))
  const seconds = String(Math.floor(now / 1000))
  // They read all messages there are.
  await unhurried((db) =>
    db.transaction().execute(async (transaction) => {
      for (const statement of statements)
        await transaction.executeQuery(CompiledQuery.raw(statement.replaceAll('UNIX_TIMESTAMP()', seconds)))
    }),
  )
}
