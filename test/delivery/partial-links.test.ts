import { expect, it } from 'vitest'
import { onEachDatabase } from '../support/databases.ts'
import { sampleOrder } from '../support/orders.ts'
import { startParom } from '../support/parom.ts'

onEachDatabase('links that the CRM names and does not keep', (database) => {
  it('are made again until every product is there', async () => {
    const parom = await startParom({ databaseUrl: await database.fresh() })
    await parom.sandbox.faults([{ method: 'POST', path: '/api/v4/leads/link', effect: 'partial_link', times: 2 }])
    const { body } = await parom.post(sampleOrder)
    await parom.reaches(body.id, 'delivered')
    const { leads } = await parom.sandbox.state()
    expect(leads).toHaveLength(1)
    const elements: { metadata: { quantity: number } }[] = leads[0]._embedded.catalog_elements
    expect(elements.map(({ metadata }) => metadata.quantity).sort()).toEqual([1, 3, 6])
    await parom.close()
  })

  it('are tried later when they keep getting lost, and no lead is made twice', async () => {
    const parom = await startParom({ databaseUrl: await database.fresh() })
    await parom.sandbox.faults([{ method: 'POST', path: '/api/v4/leads/link', effect: 'partial_link', seed: 2 }])
    const { body } = await parom.post(`${sampleOrder}&order_id=7`)
    await expect.poll(async () => (await parom.inbox.find(body.id))?.reason).toBe('crm_unavailable')
    expect((await parom.inbox.find(body.id))?.error).toMatch(/^[123] of 3 products do not stay linked$/)
    await parom.sandbox.faults([])
    parom.advance(60_000)
    await parom.reaches(body.id, 'delivered')
    const { leads } = await parom.sandbox.state()
    expect(
      leads.map((lead: { _embedded: { catalog_elements: object[] } }) => lead._embedded.catalog_elements.length),
    ).toEqual([3])
    await parom.close()
  })
})
