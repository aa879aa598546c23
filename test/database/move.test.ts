import { existsSync } from 'node:fs'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { CopyError } from '../../src/database/moving/copy-table.ts'
import {
  ensureNotMoved,
  leaveFor,
  MovedError,
  nameOf,
  readMark,
  removeMark,
  writeMark,
} from '../../src/database/moving/mark.ts'
import { type MoveProgress, moveDatabase, reopenDatabase } from '../../src/database/moving/move.ts'
import { openDatabase } from '../../src/database/open.ts'
import { dumpAll, fillAll } from '../support/any-rows.ts'
import { onEachDatabase, onEachEmptyDatabase } from '../support/databases.ts'
import { startParom } from '../support/parom.ts'
import { storedMessage } from '../support/stored-message.ts'

const never = new AbortController().signal
const quiet: MoveProgress = { total: () => {}, table: () => {}, rows: () => {} }
/** Of the processes and of the migrations of each database. */
const own = ['instances', 'duties', 'schema_migrations', 'schema_lock', 'moves']

/** Whoever had said that it is there is gone by then. */
const later = () => Date.now() + 120_000

function move(from: string, to: string, options: Partial<Parameters<typeof moveDatabase>[2]> = {}) {
  return moveDatabase(from, to, { progress: quiet, stop: never, now: later, ...options })
}

async function withDatabase<Result>(url: string, work: (opened: ReturnType<typeof openDatabase>) => Promise<Result>) {
  const opened = openDatabase(url)
  try {
    return await work(opened)
  } finally {
    await opened.close()
  }
}

function contentOf(dump: Record<string, string[]>) {
  return Object.fromEntries(
    Object.entries(dump)
      .filter(([name]) => !own.includes(name))
      .sort(),
  )
}

const leases = ['lease_owner', 'lease_until', 'delivery_owner', 'delivery_until', 'people_until', 'filling_until']

/** Who works on something right now is not moved, but for orders: they are looked after when that lapses. */
function withoutLeases(content: Record<string, string[]>) {
  const free = (row: string) =>
    JSON.stringify(
      (JSON.parse(row) as string[][]).map(([name = '', cell]) => [name, leases.includes(name) ? null : cell]),
    )
  return Object.fromEntries(
    Object.entries(content).map(([name, rows]) => [name, name === 'messages' ? rows : rows.map(free).sort()]),
  )
}

onEachDatabase('moving from', (source) => {
  onEachEmptyDatabase('into', (target) => {
    it('carries every row of every table as it is, closes the old database and opens the new one', async () => {
      const [from, to] = [await source.fresh(), await target.fresh()]
      await fillAll(from, 7)
      await withDatabase(from, async ({ db }) => {
        await db.insertInto('api_tokens').values({ source: 's', digest: 'd', created_at: 1, created_by: '' }).execute()
        await db.deleteFrom('api_tokens').where('id', '=', 8).execute()
        await db.updateTable('instances').set({ seen_at: 1 }).execute()
      })
      const before = await dumpAll(from)
      const counted: number[] = []
      const moved = await move(from, to, {
        progress: { ...quiet, rows: (more) => counted.push(more) },
        mostBytes: 2000,
      })

      expect(moved.isComplete).toBe(true)
      const after = contentOf(await dumpAll(to))
      expect(after).toEqual(withoutLeases(contentOf(before)))
      expect(Object.keys(after).length).toBeGreaterThan(20)
      for (const [name, rows] of Object.entries(after)) expect(rows.length, name).toBeGreaterThanOrEqual(7)
      expect(counted.reduce((sum, more) => sum + more, 0)).toBe(Object.values(after).flat().length)
      expect(Math.max(...counted), 'memory is bounded').toBeLessThan(15)
      await withDatabase(from, (opened) => expect(ensureNotMoved(opened)).rejects.toThrow(MovedError))
      await withDatabase(to, async (opened) => {
        await ensureNotMoved(opened)
        await opened.db
          .insertInto('api_tokens')
          .values({ source: 's', digest: 'd', created_at: 1, created_by: '' })
          .execute()
        const last = await opened.db.selectFrom('api_tokens').select('id').orderBy('id', 'desc').executeTakeFirst()
        expect(last?.id, 'a number is given once').toBe(9)
      })
    })

    it('goes on where it was broken off, with what has changed since', async () => {
      const [from, to] = [await source.fresh(), await target.fresh()]
      await withDatabase(from, ({ db }) =>
        db
          .insertInto('messages')
          .values([1, 2, 3, 4, 5].map((number) => storedMessage(`m${number}`, { dedupe_key: `k${number}` })))
          .execute(),
      )
      const stopping = new AbortController()
      const stop = () => stopping.abort(new Error('that will do'))
      const broken = move(from, to, { stop: stopping.signal, progress: { ...quiet, rows: stop }, mostBytes: 300 })
      await expect(broken).rejects.toThrow('that will do')
      await withDatabase(to, (opened) => expect(ensureNotMoved(opened)).rejects.toThrow('filling'))
      await withDatabase(from, async (opened) => {
        await ensureNotMoved(opened)
        await opened.db.deleteFrom('messages').where('id', '=', 'm2').execute()
        await opened.db.updateTable('messages').set({ dedupe_key: 'k2' }).where('id', '=', 'm1').execute()
        await opened.db
          .updateTable('messages')
          .set({ dedupe_key: 'k1', body: Buffer.from('!') })
          .where('id', '=', 'm3')
          .execute()
      })
      expect((await move(from, to)).isComplete).toBe(true)
      expect(contentOf(await dumpAll(to))).toEqual(contentOf(await dumpAll(from)))
      await expect(move(from, to)).rejects.toMatchObject({ fault: 'left' })
    })
  })
})

onEachDatabase('a move', (database) => {
  it('takes a first round while a server works with the database, and leaves that open', async () => {
    const [from, to] = [await database.fresh(), await database.fresh()]
    await withDatabase(from, async (served) => {
      const alive = {
        ...{ id: 'i', host: 'h', version: '1', started_at: 1, seen_at: later(), requests: 0, busiest: 0, settings: '' },
        ...{ settings_read_at: 1, settings_faults: '[]' },
      }
      await served.db.insertInto('instances').values(alive).execute()
      await served.db.insertInto('messages').values(storedMessage('m1', {})).execute()
      expect((await move(from, to)).isComplete).toBe(false)
      await ensureNotMoved(served)
      await served.db.insertInto('messages').values(storedMessage('m2', {})).execute()
      await served.db.updateTable('messages').set({ state: 'delivered' }).where('id', '=', 'm1').execute()
      await served.db.deleteFrom('instances').execute()
    })
    const { isComplete, tables } = await move(from, to)
    expect(isComplete).toBe(true)
    expect(tables.find(({ table }) => table === 'messages')).toMatchObject({ equal: 2, written: 2, removed: 1 })
    expect(contentOf(await dumpAll(to))).toEqual(contentOf(await dumpAll(from)))
  })

  it('refuses a database that has rows, and says where', async () => {
    const [from, to] = [await database.fresh(), await database.fresh()]
    await withDatabase(to, async ({ db }) => {
      await db.insertInto('messages').values(storedMessage('m1', {})).execute()
      await db.insertInto('checklist').values({ item: 'backup', at: 1, login: 'a' }).execute()
    })
    const before = await dumpAll(to)
    await expect(move(from, to)).rejects.toMatchObject({
      fault: 'target_full',
      params: { tables: 'checklist, messages' },
    })
    expect(await dumpAll(to)).toEqual(before)
    await withDatabase(from, ensureNotMoved)
  })

  it('refuses one and the same database, and one that another version has made', async () => {
    const [from, to] = [await database.fresh(), await database.fresh()]
    await expect(move(from, from)).rejects.toMatchObject({ fault: 'same' })
    await withDatabase(from, ({ db }) =>
      sql`INSERT INTO schema_migrations (name, checksum) VALUES ('9999-later.sql', 'x')`.execute(db),
    )
    await expect(move(from, to)).rejects.toMatchObject({ fault: 'source_foreign' })
  })

  it('says which row the other database does not take, and leaves the old one in force', async () => {
    const [from, to] = [await database.fresh(), await database.fresh()]
    await withDatabase(from, ({ db }) => db.insertInto('messages').values(storedMessage('m1', {})).execute())
    await move(from, to, { progress: { ...quiet, rows: () => expect.fail('broken off') } }).catch(() => {})
    await withDatabase(to, ({ db }) => db.deleteFrom('messages').execute())
    await withDatabase(to, ({ db }) =>
      (database.name === 'SQLite'
        ? sql`CREATE TRIGGER sick BEFORE INSERT ON messages BEGIN SELECT RAISE(ABORT, 'sick'); END`
        : sql`ALTER TABLE messages ADD CONSTRAINT sick CHECK (state <> 'pending')`
      ).execute(db),
    )
    await expect(move(from, to)).rejects.toThrow(CopyError)
    await expect(move(from, to)).rejects.toThrow(/messages, m1.*sick/)
    await withDatabase(from, ensureNotMoved)
  })

  it('is only closed by who has closed it last, and not once it was opened again', async () => {
    const url = await database.fresh()
    await withDatabase(url, async (opened) => {
      const mark = { state: 'leaving', other: 'sqlite:/x', at: 5 } as const
      await writeMark(opened, mark)
      await writeMark(opened, { ...mark, at: 6 })
      expect(await leaveFor(opened, 5)).toBe(false)
      expect(await readMark(opened)).toEqual({ ...mark, at: 6 })
      expect(await leaveFor(opened, 6)).toBe(true)
      expect(await readMark(opened)).toEqual({ ...mark, state: 'left', at: 6 })
      await removeMark(opened)
      expect(await leaveFor(opened, 6)).toBe(false)
      await ensureNotMoved(opened)
    })
  })

  it('stays closed until what it may not know of is doubted', async () => {
    const [from, to] = [await database.fresh(), await database.fresh()]
    await move(from, to)
    await withDatabase(from, ({ db }) => sql`ALTER TABLE duties RENAME TO elsewhere`.execute(db))
    await expect(reopenDatabase(from, Date.now())).rejects.toThrow(/duties/)
    await expect(withDatabase(from, ensureNotMoved)).rejects.toThrow(MovedError)
    await withDatabase(from, ({ db }) => sql`ALTER TABLE elsewhere RENAME TO duties`.execute(db))
    await reopenDatabase(from, Date.now())
    await withDatabase(from, ensureNotMoved)
  })

  it('is called off by a server that works with it all the same, and counted as gone', async () => {
    const url = await database.fresh()
    await using stack = new AsyncDisposableStack()
    const parom = await startParom({ databaseUrl: url })
    stack.defer(parom.close)
    await withDatabase(url, async (opened) => {
      await writeMark(opened, { state: 'leaving', other: 'sqlite:/x', at: 5 })
      parom.advance(0)
      await expect.poll(() => readMark(opened)).toBe(null)
      expect(await leaveFor(opened, 5)).toBe(false)
    })
  })

  it('ends a server that works with it all the same', async () => {
    const url = await database.fresh()
    await using stack = new AsyncDisposableStack()
    const parom = await startParom({ databaseUrl: url })
    stack.defer(parom.close)
    await withDatabase(url, (opened) => writeMark(opened, { state: 'left', other: 'sqlite:/x', at: 5 }))
    parom.advance(0)
    expect(await parom.moved).toMatchObject({ mark: { state: 'left', other: 'sqlite:/x' } })
  })

  it('can be taken back', async () => {
    const [from, to] = [await database.fresh(), await database.fresh()]
    await move(from, to)
    await expect(withDatabase(from, ensureNotMoved)).rejects.toThrow(/left/)
    await reopenDatabase(from, Date.now())
    await withDatabase(from, ensureNotMoved)
    await expect(reopenDatabase(from, Date.now())).rejects.toMatchObject({ fault: 'not_moved' })
  })
})

it.each(['mysql://parom:secret@db:3306/x', 'mysql://parom:sec@ret@db:3306/x'])('shows no password of %s', (url) => {
  expect(nameOf(url)).toBe('mysql://parom@db:3306/x')
})

it('makes no file of a name that was mistyped', async () => {
  await expect(reopenDatabase('sqlite:/nowhere/x.db', 1)).rejects.toMatchObject({ fault: 'no_source' })
  await expect(move('sqlite:/nowhere/x.db', 'sqlite:/nowhere/y.db')).rejects.toMatchObject({ fault: 'no_source' })
  expect(existsSync('/nowhere')).toBe(false)
})
