import fc from 'fast-check'
import type { Insertable } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { migrate } from '../../src/database/migrate.ts'
import { type Database, openDatabase } from '../../src/database/open.ts'
import { type MessageState, messageStates, type Tables } from '../../src/database/tables.ts'
import type { Filter } from '../../src/inbox/filter.ts'
import { createInbox, type Inbox } from '../../src/inbox/inbox.ts'
import { createMessageId } from '../../src/inbox/message-id.ts'
import { writeKeys } from '../../src/inbox/search-keys.ts'
import { onEachDatabase } from '../support/databases.ts'

const start = 1_800_000_000_000
const minute = 60_000
const sources = ['lk', 'site', 'rare']
const forms = ['default', 'metform']
const reasons = ['crm_unavailable', 'conflict'] as const
const partners = ['P1', 'p1', 'Партнёр', '12']

type Row = Insertable<Tables['messages']> & { state: MessageState }
type Words = 'source' | 'form' | 'order_number' | 'partner_id' | 'phone_digits' | 'email' | 'lead_id'
type Like = Pick<Row, 'state' | 'reason' | Words> & { at: number }

const optional = <Value>(values: readonly Value[]) => fc.constantFrom<Value | undefined>(undefined, ...values)

/** What a message may be like: of few values, so that many filters meet many of them. */
const anyMessage = fc.record({
  at: fc.integer({ min: 0, max: 300 }),
  state: fc.constantFrom(...messageStates),
  reason: fc.constantFrom(null, ...reasons),
  source: fc.constantFrom(...sources),
  form: fc.constantFrom(null, ...forms),
  order_number: fc.constantFrom(null, '12', '120', '1203', 'ТФ-12', '79161234567'),
  partner_id: fc.constantFrom(null, ...partners),
  phone_digits: fc.constantFrom(null, '79161234567', '4951203'),
  email: fc.constantFrom(null, 'olga@mail.example', '12@mail.example'),
  lead_id: fc.constantFrom(null, 120, 9_161_234),
})

const anyFilter: fc.Arbitrary<Filter> = fc.record({
  state: optional(messageStates),
  retrying: optional([true] as const),
  source: optional(sources),
  form: optional(forms),
  reason: optional(reasons),
  partner: optional(partners),
  text: optional(['12', '120', '8 (916) 123-45-67', '+7916123', 'тф-', 'OLGA@', 'olga@mail.example', 'п', ' ']),
  isMasked: optional([true] as const),
  waiting: optional([true] as const),
  from: optional([start + 50 * minute, start + 200 * minute]),
  until: optional([start + 150 * minute, start]),
})

function rowOf({ at, ...columns }: Like, number: number): Row {
  const receivedAt = start + at * minute
  // A refused request is no order that anybody has read.
  const words = { order_number: null, partner_id: null, phone_digits: null, email: null, lead_id: null, form: null }
  return {
    id: createMessageId(receivedAt),
    account: 'shop.amocrm.ru',
    received_at: receivedAt,
    dedupe_key: `row ${number}`,
    content_type: 'text/plain',
    headers: '{}',
    body: Buffer.from('x'),
    ...columns,
    ...(columns.state === 'rejected' ? words : {}),
  }
}

/** What a filter means, said once more and of one row. */
function isMeant(
  row: Row,
  { state, retrying, source, form, reason, partner, text, isMasked, waiting, from, until }: Filter,
) {
  const word = text?.trim().toLowerCase()
  return (
    (state === undefined || row.state === state) &&
    (!retrying || (row.state === 'pending' && row.reason !== null)) &&
    (!waiting || ['dead', 'held', 'pending'].includes(row.state)) &&
    (source === undefined || row.source === source) &&
    (form === undefined || row.form === form) &&
    (reason === undefined || row.reason === reason) &&
    (partner === undefined || row.partner_id?.toLowerCase() === partner.toLowerCase()) &&
    (from === undefined || row.received_at >= from) &&
    (until === undefined || row.received_at < until) &&
    (state !== undefined || reason !== undefined || Boolean(word) || row.state !== 'rejected') &&
    (!word || isFoundBy(row, word, isMasked))
  )
}

const phonesMeant: Record<string, string[]> = {
  '8 (916) 123-45-67': ['9161234567'],
  '+7916123': ['7916123', '916123'],
}

function isFoundBy({ order_number, partner_id, phone_digits, email, lead_id }: Row, word: string, isMasked = false) {
  const words = [word, ...(phonesMeant[word] ?? [])]
  const contacts = [phone_digits?.slice(-10), email]
  const beginnings = [order_number, partner_id, lead_id?.toString(), ...(isMasked ? [] : contacts)]
  return (
    contacts.some((key) => key && words.includes(key)) ||
    beginnings.some((key) => words.some((begin) => key?.toLowerCase().startsWith(begin)))
  )
}

onEachDatabase('the list', (database) => {
  let opened: Database
  let inbox: Inbox
  let rows: Row[]
  beforeAll(async () => {
    opened = openDatabase(await database.fresh())
    await migrate(opened)
    inbox = createInbox(opened, Date.now)
    rows = fc.sample(anyMessage, { numRuns: 400, seed: 7 }).map(rowOf)
    rows.sort((a, b) => (a.id < b.id ? -1 : 1))
    await insert(rows)
  })
  afterAll(() => opened.close())

  async function insert(some: Row[]) {
    for (let from = 0; from < some.length; from += 500)
      await opened.db
        .insertInto('messages')
        .values(some.slice(from, from + 500))
        .execute()
    await writeKeys(opened.db, some)
  }

  async function readAll(filter: Filter, limit: number, order: 'newest' | 'oldest') {
    const ids: string[] = []
    for (let cursor: string | null = '', pages = 0; cursor !== null; pages++) {
      if (pages > 1000) throw new Error('it never ends')
      const page = await inbox.list({ ...filter, limit, order, cursor: cursor || undefined })
      expect(page.messages.length).toBeLessThanOrEqual(limit)
      ids.push(...page.messages.map(({ id }) => id))
      cursor = page.next
    }
    return ids
  }

  it('shows exactly what is meant by any filters, page by page and in both orders, and counts it', async () => {
    await fc.assert(
      fc.asyncProperty(anyFilter, fc.integer({ min: 1, max: 60 }), fc.nat(399), async (filter, limit, index) => {
        const meant = rows.filter((row) => isMeant(row, filter)).map(({ id }) => id)
        expect(await readAll(filter, limit, 'oldest')).toEqual(meant)
        expect(await readAll(filter, limit, 'newest')).toEqual(meant.toReversed())
        expect(await inbox.count(filter, 1000)).toBe(meant.length)
        expect(await inbox.count(filter, 3)).toBe(Math.min(meant.length, 3))
        const last = rows[index]?.id ?? ''
        expect(await inbox.countNewer(filter, last, 1000)).toBe(meant.filter((id) => id > last).length)
      }),
      { numRuns: 150, seed: 11 },
    )
  })

  it('goes on where it gave up looking for what is rare among many, and finds all of it', async () => {
    const many = Array.from({ length: 25_000 }, (_, index) =>
      rowOf({ ...nothing, at: -60 * 24 * 60 + index, source: index % 9000 === 5 ? 'seldom' : 'often' }, 1000 + index),
    )
    await insert(many)
    const meant = many.filter(({ source }) => source === 'seldom').map(({ id }) => id)
    expect(meant).toHaveLength(3)
    expect(await readAll({ source: 'seldom' }, 50, 'newest')).toEqual(meant.toReversed())
    expect(await readAll({ source: 'seldom' }, 2, 'oldest')).toEqual(meant)
    expect(await readAll({ source: 'nobody' }, 50, 'newest')).toEqual([])
  })

  it('says that it has not looked at all that begins with what is searched for', async () => {
    const many = Array.from({ length: 21_000 }, (_, index) =>
      rowOf({ ...nothing, at: 400, order_number: `zz${index}`, source: 'zz' }, 50_000 + index),
    )
    await insert(many)
    expect(await inbox.list({ text: 'zz', limit: 5 })).toMatchObject({ isPartial: true, messages: { length: 5 } })
    const found = await inbox.list({ text: 'zz20999', limit: 5 })
    expect(found).toMatchObject({ messages: [{ id: many.at(-1)?.id }], next: null })
    expect(found).not.toHaveProperty('isPartial')
  })

  it('keeps its pages where they are while new orders come', async () => {
    const filter = { source: 'site', form: 'default' }
    const before = await readAll(filter, 100, 'newest')
    const first = await inbox.list({ ...filter, limit: 5 })
    await insert([rowOf({ ...nothing, at: 500, source: 'site', form: 'default' }, 999)])
    const seen = [...first.messages]
    // A busy machine may look through less in its time, and gives a shorter page.
    for (let cursor = first.next; cursor && seen.length < 10; ) {
      const page = await inbox.list({ ...filter, limit: 10 - seen.length, cursor })
      seen.push(...page.messages)
      cursor = page.next
    }
    expect(seen.map(({ id }) => id)).toEqual(before.slice(0, 10))
    expect(await inbox.countNewer(filter, before[0] ?? '', 10)).toBe(1)
  })
})

const nothing = {
  state: 'delivered',
  reason: null,
  form: null,
  order_number: null,
  partner_id: null,
  phone_digits: null,
  email: null,
  lead_id: null,
} as const
