import { afterAll, beforeAll, expect, it } from 'vitest'
import { goldenSeed } from './fixtures/golden-account.ts'
import { addShop } from './support/api-shops.ts'
import { type CrmState, markerOf, seeLead, withoutNewIds } from './support/crm-sight.ts'
import { onEachDatabase } from './support/databases.ts'
import { type GoldenOrder, goldenConfig, readGoldenOrders } from './support/golden.ts'
import { startParom, startTestSandbox } from './support/parom.ts'

const orders = readGoldenOrders()
type Known = NonNullable<GoldenOrder['known']>

/** Posted as they are, `crm.json` shows what became of them. */
onEachDatabase('the golden orders', (database) => {
  let parom: Awaited<ReturnType<typeof startParom>>
  let sandbox: Awaited<ReturnType<typeof startTestSandbox>>
  let databaseUrl: string
  let state: CrmState
  const messages = new Map<string, Awaited<ReturnType<typeof parom.reaches>>>()

  async function post({ name, contentType, body }: GoldenOrder) {
    const answer = await parom.post(body, { 'content-type': contentType })
    expect(answer, name).toMatchObject({ status: 200 })
    return answer.body.id
  }

  function accept({ name, contentType, body }: GoldenOrder, { format, code }: Known, source: string) {
    const key = { account: 'sandbox.amocrm.ru', source, dedupeKey: name, dedupeWindow: null }
    return parom.inbox.accept({ ...key, contentType, headers: {}, body, format, code })
  }

  /** Nothing else writes yet. */
  async function addShops() {
    const shops = new Map<string, string>()
    for (const { name, known } of orders) {
      const settings = { partner_id: known?.sender.partnerId ?? null, form: known?.sender.form ?? null }
      if (known) shops.set(name, (await addShop(databaseUrl, { email: `${name}@shop.example`, settings })).source)
    }
    return shops
  }

  beforeAll(async () => {
    sandbox = await startTestSandbox()
    await sandbox.seed(goldenSeed)
    databaseUrl = await database.fresh()
    parom = await startParom({ databaseUrl, sandbox, env: { CONFIG_DIR: goldenConfig } })
    const ids = new Map<string, string>()
    const shops = await addShops()
    for (const order of orders) {
      const { name, known } = order
      ids.set(name, known ? (await accept(order, known, shops.get(name) ?? '')).id : await post(order))
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
