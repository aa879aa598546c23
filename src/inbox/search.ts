import type { Kysely, SelectQueryBuilder } from 'kysely'
import type { Tables } from '../database/tables.ts'
import type { Direction, Filter, Span } from './filter.ts'
import { normalKey, wantedBy } from './search-keys.ts'
import { senderKeys } from './sender-key.ts'

interface Found {
  ids: string[]
  /** Whether more begin with the text than were looked at. */
  isCut: boolean
}

/** Where to look, and for how many. */
export interface Place {
  span: Span
  direction: Direction
  limit: number
}

/** Of the words that begin with a text, so many are looked at. */
const mostBeginnings = 10_000
/** Behind all that begins with what stands before it. */
const highest = '\u{10ffff}'

type Ids = SelectQueryBuilder<Tables, keyof Tables, { id: string }>

/** Ids of the messages that a text finds, in their order. */
export async function findByText(
  db: Kysely<Tables>,
  { text = '', isMasked }: Pick<Filter, 'text' | 'isMasked'>,
  place: Place,
): Promise<Found> {
  const { words, id } = wantedBy(text)
  const longer = (word: string) => longerThan(db, word, isMasked ? ['phone', 'email'] : [])
  const queries = words.flatMap((word) => [beingExactly(db, word, place), among(db, longer(word), place)])
  if (id) queries.push(withIdLike(db, id, place))
  const [first, ...rest] = queries.map((query, index) => db.selectFrom(query.as(`part${index}`)).select('id'))
  if (!first) return { ids: [], isCut: false }
  const rows = await rest
    .reduce((all, part) => all.union(part), first)
    .orderBy('id', place.direction)
    .limit(place.limit)
    .execute()
  if (rows.length === 0) return { ids: await findByRequest(db, text, place.span), isCut: false }
  const cut = await Promise.all(words.map((word) => areTooMany(longer(word))))
  return { ids: rows.map((row) => row.id), isCut: cut.includes(true) }
}

/** By what the sender has called it in a header, such as `webhook-id`. */
async function findByRequest(db: Kysely<Tables>, text: string, span: Span) {
  const sources = await findSources(db)
  if (sources.length === 0) return []
  const rows = await db
    .selectFrom('messages')
    .select('id')
    .where('source', 'in', sources)
    .where('dedupe_key', 'in', senderKeys(text.trim()))
    .execute()
  return rows.map(({ id }) => id).filter((id) => id >= span.floor && id < span.ceiling)
}

/** Whoever sent something, each by one look into an index. */
async function findSources(db: Kysely<Tables>) {
  const sources: string[] = []
  for (;;) {
    const { next } = await db
      .selectFrom('messages')
      .select(({ fn }) => fn.min<string | null>('source').as('next'))
      .where('source', '>', sources.at(-1) ?? '')
      .executeTakeFirstOrThrow()
    if (next === null) return sources
    sources.push(next)
  }
}

export async function findByPartner(db: Kysely<Tables>, partner: string, place: Place): Promise<Found> {
  const rows = await beingExactly(db, normalKey(partner), place, 'partner').execute()
  return { ids: rows.map((row) => row.id), isCut: false }
}

function beingExactly(db: Kysely<Tables>, word: string, { span, direction, limit }: Place, kind?: string): Ids {
  const query = db
    .selectFrom('search_keys')
    .select('message_id as id')
    .distinct()
    .where('value', '=', word)
    .where('message_id', '>=', span.floor)
    .where('message_id', '<', span.ceiling)
    .orderBy('message_id', direction)
    .limit(limit)
  return (kind ? query.where('kind', '=', kind) : query) as Ids
}

type Keys = ReturnType<typeof longerThan>

function among(db: Kysely<Tables>, keys: Keys, { span, direction, limit }: Place): Ids {
  return db
    .selectFrom(keys.select('message_id as id').limit(mostBeginnings).as('beginnings'))
    .select('id')
    .distinct()
    .where('id', '>=', span.floor)
    .where('id', '<', span.ceiling)
    .orderBy('id', direction)
    .limit(limit) as unknown as Ids
}

async function areTooMany(keys: Keys) {
  return (await keys.select('kind').offset(mostBeginnings).limit(1).execute()).length > 0
}

function longerThan(db: Kysely<Tables>, word: string, exceptKinds: string[]) {
  const keys = db.selectFrom('search_keys').where('value', '>', word).where('value', '<', `${word}${highest}`)
  return exceptKinds.length > 0 ? keys.where('kind', 'not in', exceptKinds) : keys
}

function withIdLike(db: Kysely<Tables>, id: string, { span, direction, limit }: Place): Ids {
  return db
    .selectFrom('messages')
    .select('id')
    .where('id', '>=', id)
    .where('id', '<', `${id}~`)
    .where('id', '>=', span.floor)
    .where('id', '<', span.ceiling)
    .orderBy('id', direction)
    .limit(limit) as Ids
}
