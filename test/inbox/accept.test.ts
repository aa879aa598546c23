import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { migrate } from '../../src/database/migrate.ts'
import { type Database, openDatabase } from '../../src/database/open.ts'
import { createGroupCommit } from '../../src/inbox/group-commit.ts'
import { createInbox } from '../../src/inbox/inbox.ts'
import { onEachDatabase } from '../support/databases.ts'
import { run } from '../support/process.ts'

const account = 'shop.amocrm.ru'
const minute = 60_000

onEachDatabase('orders that come together', (database) => {
  let url: string
  let opened: Database
  let statements: number
  let now: number
  let inbox: ReturnType<typeof createInbox>
  beforeEach(async () => {
    url = await database.fresh()
    opened = openDatabase(url)
    await migrate(opened)
    statements = 0
    now = 1_800_000_000_000
    const write: Database['write'] = (...args) => {
      statements++
      return opened.write(...args)
    }
    inbox = createInbox({ ...opened, write }, () => now)
  })
  afterEach(() => opened.close())

  const accept = (dedupeKey: string, more: object = {}) =>
    inbox.accept({
      account,
      source: 'lk',
      dedupeKey,
      dedupeWindow: 10 * minute,
      contentType: 'text/plain',
      headers: { host: 'x' },
      body: Buffer.from(dedupeKey),
      ...more,
    })
  const withId = (id: string, body: string) =>
    accept(id, { dedupeWindow: null, bodyDigest: body, body: Buffer.from(body) })
  const stored = async () => (await inbox.list({ limit: 100 })).messages

  it('share a commit, and each is stored as it came', async () => {
    const keys = Array.from({ length: 250 }, (_, index) => `заказ ${index} 🚢`)
    const accepted = await Promise.all(keys.map((key) => accept(key, { address: '203.0.113.7' })))
    expect(statements).toBe(3)
    expect(new Set(accepted.map(({ id }) => id)).size).toBe(250)
    for (const index of [0, 99, 100, 249]) {
      const message = await inbox.find(accepted[index]?.id ?? '')
      expect(Buffer.from(message?.body ?? []).toString()).toBe(keys[index])
      expect(message).toMatchObject({ source: 'lk', state: 'pending', address: '203.0.113.7', headers: '{"host":"x"}' })
    }
    expect(await inbox.claim(account, 300)).toHaveLength(250)
  })

  it('are one message where they are the same, and it tells how often and when it came again', async () => {
    const accepted = await Promise.all(Array.from({ length: 20 }, () => accept('a')))
    now += minute
    accepted.push(...(await Promise.all([accept('a'), accept('b'), accept('a')])))
    const [first] = accepted
    expect(accepted.filter(({ duplicate }) => !duplicate)).toHaveLength(2)
    expect(accepted.filter(({ id }) => id === first?.id)).toHaveLength(22)
    expect(await stored()).toHaveLength(2)
    expect(await inbox.find(first?.id ?? '')).toMatchObject({ duplicates: 21, duplicated_at: now })
  })

  it('are told apart by their source', async () => {
    const [one, other] = await Promise.all([accept('a'), accept('a', { source: 'shop2' })])
    expect(one?.id).not.toBe(other?.id)
    expect(await stored()).toHaveLength(2)
  })

  it.each([Symbol('no text'), undefined])(
    'are kept from nothing by one that cannot be stored: %s',
    async (contentType) => {
      const bad = accept('bad', { source: 'x'.repeat(70), contentType })
      const results = await Promise.allSettled([accept('a'), bad, accept('b'), accept('a')])
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
      expect(await stored()).toHaveLength(2)
    },
  )

  it('with the same id and another body: the first one goes out, the other one waits for a person', async () => {
    const { id } = await withId('77', 'one')
    now += 365 * 24 * 60 * minute
    expect(await withId('77', 'one')).toEqual({ id, duplicate: true })
    const others = await Promise.all([withId('77', 'two'), withId('77', 'two'), withId('77', 'three')])
    expect(others).toEqual(Array(3).fill({ id, duplicate: true, isConflict: true }))
    expect(await inbox.find(id)).toMatchObject({ state: 'pending', duplicates: 1, original_id: null })
    const conflicts = (await inbox.list({ limit: 10, reason: 'conflict' })).messages
    expect(conflicts.map(({ state, duplicates }) => [state, duplicates]).sort()).toEqual([
      ['dead', 0],
      ['dead', 1],
    ])
    const [conflict] = conflicts
    expect(await inbox.find(conflict?.id ?? '')).toMatchObject({ original_id: id, reason: 'conflict' })
    expect((await inbox.claim(account, 10)).map((claim) => claim.id)).toEqual([id])
    // A person may find that it is an order of its own.
    expect(await inbox.redeliver(conflict?.id ?? '')).toBe(true)
    expect((await inbox.claim(account, 10)).map(({ key }) => key)).toEqual([conflict?.id])
  })

  it('leave nothing unread in a log once they are many, and all of them when it is closed', async () => {
    const ids = []
    for (let index = 0; index < 150; index++) ids.push((await accept(`${index}`)).id)
    await opened.close()
    opened = openDatabase(url)
    inbox = createInbox(opened, () => now)
    expect((await stored()).length).toBe(100)
    expect(await inbox.find(ids.at(-1) ?? '')).toMatchObject({ state: 'pending' })
  })

  it('let a process that does nothing else wait until its database is closed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'parom-program-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const program = `
      import { openDatabase } from ${JSON.stringify(import.meta.resolve('../../src/database/open.ts'))}
      const { write, close } = openDatabase(${JSON.stringify(await database.fresh())})
      await write('CREATE TABLE some (id INTEGER NOT NULL)', [])
      for (let id = 0; id < 150; id++) await write('INSERT INTO some (id) VALUES (?)', [id])
      await close()
      console.log('closed')`
    writeFileSync(join(folder, 'program.mjs'), program)
    const { exited, output } = run(join(folder, 'program.mjs'), [], {})
    expect([await exited, output()]).toEqual([0, 'closed\n'])
  })

  it('are one message for two processes, too', async () => {
    const other = openDatabase(url)
    const inboxes = [inbox, createInbox(other, () => now)]
    const order = {
      account,
      source: 'lk',
      dedupeWindow: 10 * minute,
      contentType: '',
      headers: {},
      body: Buffer.from('x'),
    }
    const keys = Array.from({ length: 30 }, (_, index) => `${index}`)
    const accepted = await Promise.all(
      inboxes.flatMap((each, at) =>
        (at === 0 ? keys : keys.toReversed()).map(async (dedupeKey) => ({
          dedupeKey,
          ...(await each.accept({ ...order, dedupeKey })),
        })),
      ),
    )
    expect(accepted.filter(({ duplicate }) => !duplicate)).toHaveLength(30)
    for (const key of keys) {
      const ids = accepted.filter(({ dedupeKey }) => dedupeKey === key).map(({ id }) => id)
      expect(ids[0]).toBe(ids[1])
    }
    await other.close()
  })
})

describe('a group commit', () => {
  function start(commit: (items: string[]) => Promise<(string | Error)[]>, patience = 1000) {
    return createGroupCommit<string, string>({ commit, sizeOf: (item) => item.length, patience })
  }

  it('keeps nobody waiting who comes alone, and lets gather who comes meanwhile', async () => {
    const groups: string[][] = []
    let finish = () => {}
    const store = start(async (items) => {
      groups.push(items)
      if (groups.length === 1)
        await new Promise<void>((resolve) => {
          finish = resolve
        })
      return items
    })
    const first = store('a')
    await new Promise(setImmediate)
    expect(groups).toEqual([['a']])
    const others = [store('b'), store('c')]
    finish()
    expect(await Promise.all([first, ...others])).toEqual(['a', 'b', 'c'])
    expect(groups).toEqual([['a'], ['b', 'c']])
  })

  it('puts no more together than a database takes at one go', async () => {
    const sizes: number[] = []
    const store = start(async (items) => {
      sizes.push(items.join('').length)
      return items
    })
    await Promise.all(Array.from({ length: 5 }, () => store('x'.repeat(250_000))))
    await store('x'.repeat(3_000_000))
    expect(sizes).toEqual([500_000, 500_000, 250_000, 3_000_000])
  })

  it('turns away who would have to wait without end, and takes the next ones once the store is back', async () => {
    let isDown = true
    const store = start((items) => (isDown ? new Promise(() => {}) : Promise.resolve(items)), 100)
    const results = await Promise.allSettled(Array.from({ length: 100 }, () => store('x'.repeat(1_000_000))))
    const errors = results.map((result) => (result.status === 'rejected' ? result.reason.name : ''))
    expect(errors.filter((name) => name === 'StoreBusyError')).toHaveLength(100 - 67)
    expect(errors.filter((name) => name === 'Error')).toHaveLength(67)
    isDown = false
    expect(await store('a')).toBe('a')
  })
})
