import { CompiledQuery, createQueryId, type Kysely, type KyselyPlugin } from 'kysely'
import type { Tables } from '../src/database/tables.ts'
import type { TestDatabase } from '../test/support/databases.ts'

/** The same database, and a list that grows by every statement that goes through it. */
export function recordStatements(db: Kysely<Tables>) {
  const statements: CompiledQuery[] = []
  const recorder: KyselyPlugin = {
    transformQuery({ node }) {
      statements.push(db.getExecutor().compileQuery(node, createQueryId()))
      return node
    },
    transformResult: async ({ result }) => result,
  }
  return { db: db.withPlugin(recorder), statements }
}

interface MysqlPlanRow {
  table: string
  type: string
  key: string | null
  rows: number
  Extra: string
}

/** What the database says of each of these statements by which rows are found; inserts have no plan. */
export async function showPlans(db: Kysely<Tables>, database: TestDatabase['name'], statements: CompiledQuery[]) {
  const different = new Map(statements.map((statement) => [statement.sql, statement]))
  for (const { sql, parameters } of different.values()) {
    if (/^insert/i.test(sql)) continue
    console.log(`  ${sql.length > 400 ? `${sql.slice(0, 400)}…` : sql}`)
    const explain = database === 'SQLite' ? 'explain query plan' : 'explain'
    const { rows } = await db.executeQuery(CompiledQuery.raw(`${explain} ${sql}`, [...parameters]))
    for (const row of rows) console.log(`    → ${describe(row as { detail: string } | MysqlPlanRow)}`)
  }
}

function describe(row: { detail: string } | MysqlPlanRow) {
  if ('detail' in row) return row.detail
  return [row.table, row.type, `key ${row.key}`, `${row.rows} rows`, row.Extra].filter(Boolean).join(', ')
}
