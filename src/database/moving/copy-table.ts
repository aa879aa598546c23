import { type Database, isUniqueViolation } from '../open.ts'
import {
  countRows,
  deleteRows,
  digestOf,
  insertRows,
  keyOf,
  readAfter,
  readKeysAfter,
  readKeysWith,
  readWith,
} from './rows.ts'
import { query, quote, type Row, type Table } from './table.ts'

interface Copying {
  from: Database
  to: Database
  /** Whether nobody writes to `from` any more. */
  isStill: boolean
  /** Of text and bytes that one statement carries. */
  mostBytes: number
  /** Is told how many rows more are done. */
  tell: (rows: number) => void
}

export interface Copied {
  table: string
  /** Rows that were written, and that were taken away because they are no longer so. */
  written: number
  removed: number
  /** Rows that were read from both and found equal. */
  equal: number
  /** The sum of the digests of those; it does not depend on their order. */
  digest: string
}

/** The database of the copy does not hold what it was given; the message says where. */
export class CopyError extends Error {
  override name = 'CopyError'
}

/** What belongs to the processes of one database: they take it themselves, or lose it when they stop. */
const left: ReadonlySet<string> = new Set(['instances', 'duties'])
const blanks: Record<string, readonly string[]> = {
  connections: ['lease_owner', 'lease_until', 'delivery_owner', 'delivery_until', 'people_until'],
  runs: ['lease_owner', 'lease_until'],
  mirror_lists: ['filling_until'],
}

export const isLeft = (table: Table) => left.has(table.name)

/**
 * Makes a table the same as it is in the other database, whatever of it is there already; every row is read back.
 * Throws CopyError.
 */
export async function copyTable(copying: Copying, table: Table): Promise<Copied> {
  const sum = createSum()
  const copied = { written: 0, removed: await removeOthers(copying, table, sum) }
  copied.written = await addMissing(copying, table, sum)
  if (copying.isStill) await compareCounts(copying, table, sum.rows())
  await continueKeys(copying, table)
  return { table: table.name, ...copied, equal: sum.rows(), digest: sum.text() }
}

/** First what is in the way: a value that may be there but once may have gone over to another row. */
async function removeOthers({ from, to, mostBytes, tell }: Copying, table: Table, sum: Sum) {
  const blank = blanks[table.name] ?? []
  let removed = 0
  for (let after: Row | null = null; ; ) {
    const there: Row[] = await readAfter(to, table, { after, mostBytes })
    const last = there.at(-1)
    if (!last) return removed
    const keys = there.map((row) => keyOf(table, row))
    const wanted = new Set((await readWith(from, table, keys, blank)).map(digestOf))
    const digests = there.map(digestOf)
    const others = keys.filter((_, index) => !wanted.has(digests[index] ?? ''))
    if (others.length > 0) await deleteRows(to, table, others)
    const equal = digests.filter((digest) => wanted.has(digest))
    sum.add(equal)
    tell(equal.length)
    removed += others.length
    after = keyOf(table, last)
  }
}

async function addMissing(copying: Copying, table: Table, sum: Sum) {
  const { to, mostBytes, tell } = copying
  const isEmpty = sum.rows() === 0
  let written = 0
  for (let after: Row | null = null; ; ) {
    const { missing, last }: Missing = await readMissing(copying, table, { after, isEmpty })
    if (!last) return written
    for (const rows of inBatches(missing, mostBytes)) {
      const kept = await insertAll(copying, table, rows)
      sum.add(await readBack(to, table, kept))
      written += kept.length
      tell(kept.length)
    }
    after = last
  }
}

interface Missing {
  missing: Row[]
  /** The key up to which all are known; none where there are no more. */
  last: Row | undefined
}

async function readMissing(
  { from, to, mostBytes }: Copying,
  table: Table,
  { after, isEmpty }: { after: Row | null; isEmpty: boolean },
): Promise<Missing> {
  const blank = blanks[table.name] ?? []
  const keys = isEmpty ? [] : await readKeysAfter(from, table, after)
  const known = new Set(keys.length > 0 ? (await readKeysWith(to, table, keys)).map(digestOf) : [])
  if (known.size === 0) {
    const missing = await readAfter(from, table, { after, mostBytes, blank })
    const last = missing.at(-1)
    return { missing, last: last && keyOf(table, last) }
  }
  const lacking = keys.filter((key) => !known.has(digestOf(key)))
  const missing: Row[] = []
  // How long they are is not known.
  for (let first = 0; first < lacking.length; first += fewRows)
    missing.push(...(await readWith(from, table, lacking.slice(first, first + fewRows), blank)))
  return { missing, last: keys.at(-1) }
}

const fewRows = 20

/** While others write, a value that may be there but once can have gone over to a row that comes later: it is left to the next time. */
async function insertAll({ to, isStill }: Copying, table: Table, rows: Row[]): Promise<Row[]> {
  try {
    await insertRows(to, table, rows)
    return rows
  } catch (error) {
    if (isStill || !isUniqueViolation(error)) throw named(error, table, rows)
    if (rows.length === 1) return []
  }
  const kept: Row[] = []
  for (const row of rows) kept.push(...(await insertAll({ to, isStill } as Copying, table, [row])))
  return kept
}

function named(error: unknown, table: Table, rows: Row[]) {
  const [first = []] = rows
  const message = error instanceof Error ? error.message : String(error)
  return new CopyError(`${table.name}, ${keyOf(table, first).join(' ')}…: ${message}`, { cause: error })
}

async function readBack(to: Database, table: Table, rows: Row[]) {
  if (rows.length === 0) return []
  const keys = rows.map((row) => keyOf(table, row))
  const stored = new Set((await readWith(to, table, keys)).map(digestOf))
  const digests = rows.map(digestOf)
  const altered = rows.find((_, index) => !stored.has(digests[index] ?? ''))
  if (altered) throw new CopyError(`${table.name}, ${keyOf(table, altered).join(' ')}: the copy differs`)
  return digests
}

function inBatches(rows: Row[], mostBytes: number) {
  const batches: Row[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const row of rows) {
    const size = row.reduce<number>((sum, value) => sum + sizeOf(value), 0)
    if (bytes + size > mostBytes) {
      batches.push([])
      bytes = 0
    }
    batches.at(-1)?.push(row)
    bytes += size
  }
  return batches
}

function sizeOf(value: Row[number]) {
  return typeof value === 'string' || value instanceof Uint8Array ? value.length : 8
}

async function compareCounts({ from, to }: Copying, table: Table, equal: number) {
  const counts = [await countRows(from, table), await countRows(to, table), equal]
  if (new Set(counts).size > 1)
    throw new CopyError(`${table.name}: ${counts[0]} rows there, ${counts[1]} here, ${counts[2]} compared`)
}

/** A key that was given once is not given again, not even where its row is gone. */
async function continueKeys({ from, to }: Copying, table: Table) {
  if (!table.counts) return
  const next = await nextKey(from, table)
  if (to.dialect === 'mysql') {
    await query(to, `ALTER TABLE ${quote(to, table.name)} AUTO_INCREMENT = ${next}`)
    return
  }
  await query(to, 'DELETE FROM sqlite_sequence WHERE name = ?', [table.name])
  await query(to, 'INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)', [table.name, next - 1n])
}

async function nextKey(database: Database, { name }: Table): Promise<bigint> {
  if (database.dialect === 'sqlite') {
    const [row] = await query<{ seq: string }>(
      database,
      'SELECT CAST(seq AS TEXT) AS seq FROM sqlite_sequence WHERE name = ?',
      [name],
    )
    return BigInt(row?.seq ?? 0) + 1n
  }
  // information_schema may be a day behind.
  const [row] = await query<Record<string, string>>(database, `SHOW CREATE TABLE ${quote(database, name)}`)
  const [, next = '1'] = / AUTO_INCREMENT=(\d+)/.exec(row?.['Create Table'] ?? '') ?? []
  return BigInt(next)
}

type Sum = ReturnType<typeof createSum>

function createSum() {
  let rows = 0
  let sum = 0n
  return {
    add(digests: string[]) {
      rows += digests.length
      for (const digest of digests) sum = (sum + BigInt(`0x${digest}`)) % 2n ** 128n
    },
    rows: () => rows,
    text: () => sum.toString(16).padStart(32, '0'),
  }
}
