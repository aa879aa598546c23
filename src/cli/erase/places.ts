import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import type { Tables } from '../../database/tables.ts'
import { concealed, type Matcher } from './buyer.ts'

interface Place {
  table: 'runs' | 'audit' | 'alert_messages' | 'alerts' | 'checkups' | 'saved_views'
  key: string[]
  /** What a text becomes out of which the buyer cannot be taken. */
  columns: Record<string, string | null>
}

/** Texts in which somebody may have named the buyer; of JSON what is left is JSON. */
const places: Place[] = [
  // The filter of a run that goes on is what it goes by.
  { table: 'runs', key: ['id'], columns: { name: concealed, scope: '{"ids":[]}' } },
  { table: 'audit', key: ['id'], columns: { target: null, was: null, became: null } },
  { table: 'alert_messages', key: ['id'], columns: { details: null, error: null } },
  { table: 'alerts', key: ['account', 'rule'], columns: { details: null } },
  { table: 'checkups', key: ['account'], columns: { report: null, trouble: null } },
  { table: 'saved_views', key: ['id'], columns: { name: concealed, query: '' } },
]

type Values = Record<string, string | null>

export interface PlaceTrace {
  table: Place['table']
  key: Values
  changes: Values
}

/** Where else somebody or something has written the buyer down. */
export async function findPlaces(db: Kysely<Tables>, matcher: Matcher): Promise<PlaceTrace[]> {
  const traces: PlaceTrace[] = []
  for (const place of places)
    for await (const row of rowsOf(db, place)) {
      const found = Object.entries(place.columns).filter(([column]) => matcher.isIn(row[column] ?? null))
      if (found.length === 0) continue
      const changes = found.map(([column, instead]) => [column, matcher.conceal(row[column] ?? '') ?? instead])
      const key = place.key.map((column) => [column, row[column] ?? ''])
      traces.push({ table: place.table, key: Object.fromEntries(key), changes: Object.fromEntries(changes) })
    }
  return traces
}

const atOnce = 500

async function* rowsOf(db: Kysely<Tables>, { table, key, columns }: Place): AsyncGenerator<Values> {
  const [first = '', ...more] = key
  const names = sql.join([...key, ...Object.keys(columns)].map((column) => sql.ref(column)))
  let after = ''
  for (;;) {
    const { rows } = await sql<Values>`
      SELECT ${names} FROM ${sql.table(table)} WHERE ${sql.ref(first)} > ${after}
      ORDER BY ${sql.ref(first)} LIMIT ${sql.lit(more.length > 0 ? 1_000_000 : atOnce)}`.execute(db)
    yield* rows
    if (more.length > 0 || rows.length < atOnce) return
    after = rows.at(-1)?.[first] ?? ''
  }
}

export async function concealIn(db: Kysely<Tables>, { table, key, changes }: PlaceTrace) {
  const assigned = sql.join(Object.entries(changes).map(([column, value]) => sql`${sql.ref(column)} = ${value}`))
  const isMeant = sql.join(
    Object.entries(key).map(([column, value]) => sql`${sql.ref(column)} = ${value}`),
    sql` AND `,
  )
  await sql`UPDATE ${sql.table(table)} SET ${assigned} WHERE ${isMeant}`.execute(db)
}
