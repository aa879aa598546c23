import { expect, it } from 'vitest'
import { onEachDatabase } from '../support/databases.ts'
import { attack } from '../support/fuzz/attack.ts'

/** The long run is `npm run bench -- fuzz`. */
onEachDatabase('malformed requests', (database) => {
  it('bring the server neither to fall nor to fail, and it still takes a good order', async () => {
    const seed = Date.now() % 100_000
    const { faults } = await attack({ databaseUrl: await database.fresh(), requests: 1500, seed })
    expect(faults, `seed ${seed}`).toEqual([])
  }, 60_000)
})
