import { afterAll, beforeAll, expect, it } from 'vitest'
import { goldenSeed } from './fixtures/golden-account.ts'
import { type CrmState, markerOf, seeLead, withoutNewIds } from './support/crm-sight.ts'
import { onEachDatabase } from './support/databases.ts'
import { goldenConfig, readGoldenOrders } from './support/golden.ts'
import { startParom, startTestSandbox } from './support/parom.ts'

const orders = readGoldenOrders()

/** Posted as they are, `crm.json` shows what became of them. */
onEachDatabase('the golden orders', (database) => {
  let parom: Awaited<ReturnType<typeof startParom>>
  let sandbox: Awaited<ReturnType<typeof startTestSandbox>>
  let state: CrmState
  const messages = new Map<string, Awaited<ReturnType<typeof parom.reaches>>>()

  beforeAll(async () => {
    sandbox = await startTestSandbox()
    await sandbox.seed(goldenSeed)
    parom = await startParom({ databaseUrl: await database.fresh(), sandbox, env: { CONFIG_DIR: goldenConfig } })
    const ids = new Map<string, string>()
    for (const { name, contentType, body } of orders) {
      const answer = await parom.post(body, { 'content-type': contentType })
      expect(answer, name).toMatchObject({ status: 200 })
      ids.set(name, answer.body.id)
    }
    for (const [name, id] of ids) messages.set(name, await parom.reaches(id, 'delivered'))
    state = await sandbox.state()
  })
  afterAll(async () => {
    await parom.close()
    await sandbox.close()
  })

  it.each(orders)('$name', async ({ name, matches }) => {
    const { id = '', lead_id, warnings } = messages.get(name) ?? {}
    expect(markerOf(lead_id ?? 0, state)).toBe(id)
    const told = JSON.parse(withoutNewIds(warnings ?? '[]', state))
    await matches('crm.json', { ...seeLead(lead_id ?? 0, state), warnings: told })
  })

  it('become a lead each', () => {
    expect(state.leads).toHaveLength(orders.length)
  })
})
