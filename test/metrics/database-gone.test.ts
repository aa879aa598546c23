import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { createStanding, type StandingSources } from '../../src/metrics/standing.ts'
import { onEachDatabase } from '../support/databases.ts'
import { startWithFragileDatabase } from '../support/fragile-database.ts'
import { scrape } from '../support/scrape.ts'

onEachDatabase('a scrape', (database) => {
  it('answers without the database, and says that it is gone', async () => {
    const { parom, takeAway, giveBack, close } = await startWithFragileDatabase(database.name, await database.fresh())
    let isGone = false
    try {
      expect((await scrape(parom.url)).value('parom_orders_waiting', { state: 'dead' })).toBe(0)
      takeAway()
      isGone = true
      parom.clock.advance(6000)
      const without = await scrape(parom.url)
      expect(without.response.status).toBe(200)
      expect(without.value('parom_database_up')).toBe(0)
      expect(without.value('parom_process_start_time_seconds')).toBeGreaterThan(1e9)
      for (const shared of ['parom_orders_waiting', 'parom_oldest_waiting_seconds', 'parom_crm_connection_state'])
        expect(without.value(shared)).toBeNull()
      giveBack()
      isGone = false
      await expect
        .poll(async () => {
          parom.clock.advance(6000)
          return (await scrape(parom.url)).value('parom_database_up')
        })
        .toBe(1)
    } finally {
      if (isGone) giveBack()
      await close()
    }
  })
})

it('a database that does not answer is waited for two seconds, and asked once', async () => {
  let asked = 0
  const never = new Promise<never>(() => {})
  const sources: StandingSources = {
    inbox: {
      countWaitingStates: () => {
        asked += 1
        return never
      },
      oldestWaiting: () => never,
    },
    account: 'shop.amocrm.ru',
    connection: { status: () => never },
    alerts: { standings: () => never },
    instances: { all: () => never },
    countSessions: () => never,
    file: null,
    now: Date.now,
  }
  const registry = new Registry()
  const lookUp = createStanding(registry, () => sources)
  const begun = performance.now()
  await Promise.all([lookUp(), lookUp(), lookUp()])
  expect(performance.now() - begun).toBeLessThan(4000)
  expect(asked).toBe(1)
  expect(await registry.metrics()).toContain('parom_database_up 0')
})
