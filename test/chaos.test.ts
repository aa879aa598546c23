import { expect, it } from 'vitest'
import { chaosFaults } from './support/chaos/faults.ts'
import { runChaos } from './support/chaos/run.ts'
import { onEachDatabase } from './support/databases.ts'

/** The long run is `npm run chaos`. */
onEachDatabase('a CRM that fails and servers that are killed', (database) => {
  it('leave one lead with its links and one note for every order', async () => {
    const seed = Date.now() % 100_000
    const { wrong, accepted, requests, exitCodes } = await runChaos({
      databaseUrl: await database.fresh(),
      processes: database.name === 'MariaDB' ? 2 : 1,
      orders: 12,
      rate: 25,
      kills: 2,
      faults: chaosFaults({ share: 0.2, seed, isHasty: true }),
      withBuyers: false,
      seed,
      patience: 90_000,
    })
    expect(wrong, `seed ${seed}`).toEqual([])
    expect(accepted).toBe(12)
    expect(requests.filter(({ status, fault }) => status === 429 && !fault)).toEqual([])
    expect(exitCodes.every((code) => code === 0)).toBe(true)
  }, 200_000)
})
