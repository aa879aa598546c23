import type { SessionData } from 'express-session'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createSessionStore } from '../../src/admin/session-store.ts'
import { migrate } from '../../src/database/migrate.ts'
import { type Database, openDatabase } from '../../src/database/open.ts'
import { onEachDatabase } from '../support/databases.ts'

onEachDatabase('the sessions', (database) => {
  let opened: Database
  let now: number
  beforeEach(async () => {
    opened = openDatabase(await database.fresh())
    await migrate(opened)
    now = 1_800_000_000_000
  })
  afterEach(() => opened.close())

  /** The store with promises. */
  function start() {
    const store = createSessionStore(opened.db, 7 * 24 * 3600_000, () => now)
    return {
      get: (id: string) =>
        new Promise<SessionData | null | undefined>((resolve, reject) =>
          store.get(id, (error, session) => (error ? reject(error) : resolve(session))),
        ),
      set: (id: string, session: SessionData) => new Promise((resolve) => store.set(id, session, resolve)),
      touch: (id: string, session: SessionData) =>
        new Promise<void>((resolve) => store.touch?.(id, session, () => resolve())),
      destroy: (id: string) => new Promise((resolve) => store.destroy(id, resolve)),
    }
  }

  const user = { login: 'olga', stamp: '' }
  const session = (agent: string) => ({ user, agent, cookie: { originalMaxAge: 60_000 } }) as SessionData

  it('stay ended, though a request that began before comes to its end', async () => {
    const store = start()
    await store.set('one', session('x'))
    const read = (await store.get('one')) as SessionData
    await store.destroy('one')
    await store.touch('one', read)
    await store.set('one', { ...read, agent: 'y' })
    expect(await store.get('one')).toBeNull()
  })

  it('keep what another request wrote meanwhile, and last longer with each visit', async () => {
    const store = start()
    await store.set('one', session('x'))
    const read = (await store.get('one')) as SessionData
    await store.set('one', { ...read, agent: 'y' })
    now += 50_000
    await store.touch('one', read)
    now += 50_000
    expect(await store.get('one')).toMatchObject({ agent: 'y' })
  })

  it('that are over are cleared away little by little when somebody signs in, and no other', async () => {
    const rowOf = (id: string, expires_at: number) => ({ id, data: '{}', expires_at })
    const rows = Array.from({ length: 120 }, (_, at) => rowOf(`over ${at}`, now))
    await opened.db
      .insertInto('sessions')
      .values([...rows, rowOf('lasts', now + 1)])
      .execute()
    const left = async () => (await opened.db.selectFrom('sessions').select('id').execute()).length
    const store = start()
    await store.set('one', session('x'))
    expect(await left()).toBe(72)
    await store.destroy('one')
    expect(await left()).toBe(71)
    for (const id of ['two', 'three']) await store.set(id, session('x'))
    expect(await left()).toBe(3)
    expect(await store.get('two')).toMatchObject({ agent: 'x' })
  })
})
