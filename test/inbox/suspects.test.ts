import { afterEach, beforeEach, expect, it } from 'vitest'
import { migrate } from '../../src/database/migrate.ts'
import { type Database, openDatabase } from '../../src/database/open.ts'
import { createInbox } from '../../src/inbox/inbox.ts'
import { onEachDatabase } from '../support/databases.ts'

const account = 'shop.amocrm.ru'

onEachDatabase('a message over which processes died', (database) => {
  let opened: Database
  let now: number
  let inbox: ReturnType<typeof createInbox>
  beforeEach(async () => {
    opened = openDatabase(await database.fresh())
    await migrate(opened)
    now = 1_800_000_000_000
    inbox = createInbox(opened, () => now)
  })
  afterEach(() => opened.close())

  const accept = async (dedupeKey: string) => {
    const order = { account, source: 'lk', dedupeKey, dedupeWindow: null, contentType: 'text/plain', headers: {} }
    return (await inbox.accept({ ...order, body: Buffer.from(dedupeKey) })).id
  }
  const claimed = async () => (await inbox.claim(account, 50)).map(({ id }) => id)

  it('goes alone, after the others at first and before them when it has waited long', async () => {
    const suspect = await accept('a')
    for (let death = 1; death <= 2; death++) {
      expect(await claimed()).toEqual([suspect])
      now += 10_000
    }
    const harmless = await accept('b')
    expect(await claimed()).toEqual([harmless])
    expect(await claimed()).toEqual([suspect])
    now += 40_000
    const others = [harmless, await accept('c')]
    expect(await claimed()).toEqual([suspect])
    expect((await claimed()).sort()).toEqual(others)
  })
})
