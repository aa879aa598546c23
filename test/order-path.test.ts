import { afterEach, beforeEach, expect, it } from 'vitest'
import { onEachDatabase } from './support/databases.ts'
import { sampleOrder } from './support/orders.ts'
import { startParom } from './support/parom.ts'

onEachDatabase('the path of an order', (database) => {
  let parom: Awaited<ReturnType<typeof startParom>>
  beforeEach(async () => {
    parom = await startParom({ databaseUrl: await database.fresh() })
  })
  afterEach(() => parom.close())

  it('turns the sample order into one lead with contact, fields, products and note', async () => {
    const { status, body } = await parom.post(sampleOrder)
    expect(status).toBe(200)
    expect(body).toEqual({ status: 200, id: expect.stringMatching(/^[0-9a-f-]{36}$/) })

    const message = await parom.reaches(body.id, 'delivered')
    const state = await parom.sandbox.state()
    expect(state.leads).toHaveLength(1)
    const [lead] = state.leads
    expect(lead).toMatchObject({
      id: message.lead_id,
      name: 'Автоклав - Бак с переливом, Бак - Реактор, Бак из черного метала - 300 л.',
      price: 104200,
      pipeline_id: 1731979,
      status_id: 26034988,
    })
    expect(lead._embedded.tags.map((tag: { name: string }) => tag.name)).toEqual(['dropshipping'])
  })
})
