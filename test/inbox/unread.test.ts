import { afterEach, beforeEach, expect, it } from 'vitest'
import { migrate } from '../../src/database/migrate.ts'
import { type Database, openDatabase } from '../../src/database/open.ts'
import { erasePayloads } from '../../src/inbox/erase.ts'
import { createInbox, type Inbox } from '../../src/inbox/inbox.ts'
import { onEachDatabase } from '../support/databases.ts'

const account = 'shop.amocrm.ru'
const reading = { form: 'default', order_number: 'N-1', total: 10.5 }

onEachDatabase('what nobody has read', (database) => {
  let opened: Database
  let inbox: Inbox
  let now: number
  beforeEach(async () => {
    opened = openDatabase(await database.fresh())
    await migrate(opened)
    now = 1_800_000_000_000
    inbox = createInbox(opened, () => now)
  })
  afterEach(() => opened.close())

  async function accept(count: number) {
    const ids: string[] = []
    for (let number = 0; number < count; number++) {
      const inbound = { account, source: 'lk', dedupeKey: `order ${now}`, dedupeWindow: null, headers: {} }
      ids.push((await inbox.accept({ ...inbound, contentType: 'text/plain', body: Buffer.from(`${number}`) })).id)
      now += 10
    }
    return ids
  }

  const idsOf = ({ messages }: { messages: { id: string }[] }) => messages.map(({ id }) => id)

  it('is given to one of two readers, the oldest first', async () => {
    const ids = await accept(30)
    const taken = await Promise.all([inbox.takeUnread(now, null, 20), inbox.takeUnread(now, null, 20)])
    const rest = [await inbox.takeUnread(now, taken[0].cursor, 20), await inbox.takeUnread(now, null, 20)]
    expect(rest).toMatchObject([{ isMore: false }, { isMore: false }])
    expect([...taken, ...rest].flatMap(idsOf).toSorted()).toEqual(ids)
    expect(await inbox.takeUnread(now, null, 20)).toMatchObject({ messages: [] })
  })

  it('is left alone as long as it is new', async () => {
    const [first = '', , third = ''] = await accept(3)
    expect(idsOf(await inbox.takeUnread(now - 10, null, 20))).not.toContain(third)
    expect(idsOf(await inbox.takeUnread(now - 60_000, null, 20))).toEqual([])
    expect(await inbox.find(first)).toMatchObject({ form: '' })
  })

  it('keeps its place in the queue, and what the delivery has read by then', async () => {
    const [first = '', second = ''] = await accept(2)
    await inbox.takeUnread(now, null, 20)
    const [claim = expect.fail()] = await inbox.claim(account, 1)
    expect(claim.id).toBe(first)
    await inbox.record([{ claim, progress: { form: 'other', order_number: 'N-0', total: 1 } }])
    await inbox.keepReadings(
      new Map([
        [first, reading],
        [second, reading],
      ]),
    )
    expect(await inbox.find(first)).toMatchObject({ form: 'other', order_number: 'N-0', total: 1 })
    expect(await inbox.find(second)).toMatchObject({ ...reading, next_attempt_at: 0, attempts: 0 })
    expect((await inbox.claim(account, 5)).map(({ id }) => id)).toEqual([second])
  })

  it('is written down though the database does not take another one', async () => {
    const [first = '', second = ''] = await accept(2)
    await inbox.takeUnread(now, null, 20)
    await inbox.keepReadings(
      new Map([
        [first, { ...reading, order_number: 'x'.repeat(20_000) }],
        [second, reading],
      ]),
    )
    expect(await inbox.find(second)).toMatchObject(reading)
  })

  const erasing = () =>
    ({ why: 'buyer', now, state: 'pending', closing: { state: 'rejected', reason: 'erased' } }) as const

  it('is erased with all that was written down of it until then', async () => {
    const [first = ''] = await accept(1)
    await inbox.takeUnread(now, null, 20)
    await inbox.keepReadings(
      new Map([[first, { ...reading, phone_digits: '79123456789', email: 'anna@mail.example' }]]),
    )
    await opened.db.transaction().execute((transaction) => erasePayloads(transaction, [first], erasing()))
    const keys = await opened.db.selectFrom('search_keys').select('kind').execute()
    expect(keys.map(({ kind }) => kind)).not.toEqual(expect.arrayContaining([expect.stringMatching(/phone|email/)]))
    expect(await inbox.find(first)).toMatchObject({ phone_digits: null, email: null })
  })

  it('is not written down when its buyer was erased meanwhile', async () => {
    const [first = ''] = await accept(1)
    await inbox.takeUnread(now, null, 20)
    await opened.db.transaction().execute((transaction) => erasePayloads(transaction, [first], erasing()))
    await inbox.keepReadings(new Map([[first, { ...reading, phone_digits: '79123456789' }]]))
    expect(await inbox.find(first)).toMatchObject({ state: 'rejected', erased_for: 'buyer', phone_digits: null })
    expect(await opened.db.selectFrom('search_keys').selectAll().execute()).toEqual([])
    expect(await inbox.claim(account, 5)).toEqual([])
  })
})
