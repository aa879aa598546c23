import { expect, it } from 'vitest'
import { openDatabase } from '../src/database/open.ts'
import { onEachDatabase } from './support/databases.ts'
import { startListener } from './support/listeners.ts'

const within = { timeout: 2000, interval: 10 }

onEachDatabase('what one process asks of all', (database) => {
  it('reaches the others within two seconds, each time that it is asked, and itself not again', async () => {
    const url = await database.fresh()
    const [teller, ...others] = await Promise.all([startListener(url), startListener(url), startListener(url)])
    await Promise.all([teller.tell('settings'), teller.tell('caches')])
    for (const { heard } of others) await expect.poll(() => heard, within).toEqual({ settings: 1, caches: 1 })
    await others[0]?.tell('caches')
    await expect.poll(() => teller.heard, within).toEqual({ settings: 0, caches: 1 })
    await expect.poll(() => others[1]?.heard, within).toEqual({ settings: 1, caches: 2 })
    await Promise.all([teller, ...others].map((each) => each.stop()))
  })

  it('reaches who was about to start, and not who starts long after', async () => {
    const url = await database.fresh()
    const teller = await startListener(url)
    await teller.tell('caches')
    const { db, close } = openDatabase(url)
    await db.updateTable('notices').set({ asked_at: 1 }).execute()
    await close()
    const starting = await startListener(url, () => teller.tell('settings'))
    expect([starting.heard, teller.heard]).toEqual([
      { settings: 1, caches: 0 },
      { settings: 0, caches: 0 },
    ])
    await Promise.all([teller, starting].map((each) => each.stop()))
  })
})
