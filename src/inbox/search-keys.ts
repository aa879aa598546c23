import type { Insertable, Kysely } from 'kysely'
import type { Tables } from '../database/tables.ts'

/** What is known of an order that it may be searched by. */
export interface Searchable {
  order_number?: string | null
  partner_id?: string | null
  phone_digits?: string | null
  email?: string | null
  lead_id?: number | null
}

type Key = Insertable<Tables['search_keys']>

/** Characters; the longest that MySQL keeps in this column. */
const longestKey = 190
/** Digits of a phone number without the prefix of its country, which not everybody writes. */
export const phoneLength = 10
/** Fewer are no phone number. */
const shortestPhone = 7

const keysAtOnce = 1000
/** Characters of a statement are what both databases have plenty of; terms of a condition are not. */
const keysDeletedAtOnce = 100

/** Case and blanks count for nothing. */
export function normalKey(text: string) {
  const known = text.normalize().trim().replace(/\s+/g, ' ').toLowerCase()
  return known.slice(0, longestKey).toWellFormed()
}

/** Adds the words by which messages are found; those that are there already stay. */
export async function writeKeys(db: Kysely<Tables>, searchables: ({ id: string } & Searchable)[]) {
  const keys = searchables.flatMap(keysOf)
  for (let from = 0; from < keys.length; from += keysAtOnce) {
    const some = keys.slice(from, from + keysAtOnce)
    await db.insertInto('search_keys').ignore().values(some).execute()
  }
}

/** Takes away the words of these alone. */
export async function deleteKeys(db: Kysely<Tables>, searchables: ({ id: string } & Searchable)[]) {
  const keys = searchables.flatMap(keysOf)
  for (let from = 0; from < keys.length; from += keysDeletedAtOnce) {
    const some = keys.slice(from, from + keysDeletedAtOnce)
    await db
      .deleteFrom('search_keys')
      .where(({ or, and }) => or(some.map((key) => and(key))))
      .execute()
  }
}

function keysOf({ id, order_number, partner_id, phone_digits, email, lead_id }: { id: string } & Searchable): Key[] {
  const values: Record<string, string | null | undefined> = {
    order: order_number,
    partner: partner_id,
    phone: phone_digits?.slice(-phoneLength),
    email,
    lead: lead_id?.toString(),
  }
  return Object.entries(values).flatMap(([kind, text]) => {
    const value = normalKey(text ?? '')
    return value === '' ? [] : [{ value, kind, message_id: id }]
  })
}

export interface Wanted {
  /** Beginnings of keys. */
  words: string[]
  /** Beginning of the message's own id. */
  id: string | null
}

/** What is meant by a text that somebody typed: `8 (916) 123-45-67` and `+7 916 1234567` are the same phone. */
export function wantedBy(text: string): Wanted {
  const word = normalKey(text)
  const id = /^[0-9a-f]{8}-[0-9a-f]{4}(-[0-9a-f-]*)?$/.test(word) ? word : null
  return { words: [...new Set([word, ...numberIn(word), ...phonesIn(word)])], id }
}

/** Of `№ 10512`. */
function numberIn(word: string) {
  const [, number] = /^(?:№|#|no) ?(\d.*)$/.exec(word) ?? []
  return number ? [number] : []
}

function phonesIn(word: string) {
  // Those that show nothing come along where it is copied from a page.
  const written = word.replace(/^tel:|\p{Cf}/gu, '')
  const digits = written.replace(/\D/g, '')
  if (digits.length < shortestPhone || !/^[\d\s+().\p{Pd}\u2212]+$/u.test(written)) return []
  // One that is not typed to its end yet begins with the prefix all the same.
  const isBegun = digits.length <= phoneLength && /^(\+7|8)/.test(written)
  return [digits.slice(-phoneLength), ...(isBegun ? [digits.slice(1)] : [])]
}
