import { expect, it } from 'vitest'
import { onEachDatabase } from '../support/databases.ts'
import { anOrder, asForm, sampleOrder } from '../support/orders.ts'
import { startParom } from '../support/parom.ts'

const loss = { method: 'POST', path: '/api/v4/leads/link', effect: 'partial_link' }
/** After so long the links are read back at the latest. */
const later = 60_000

onEachDatabase('links that the CRM names and does not keep', (database) => {
  async function start() {
    const parom = await startParom({ databaseUrl: await database.fresh() })
    const leads = async () =>
      (await parom.sandbox.state()).leads as { _embedded: { catalog_elements: { metadata: { quantity: number } }[] } }[]
    const quantities = async () =>
      (await leads()).map(({ _embedded }) => _embedded.catalog_elements.map(({ metadata }) => metadata.quantity).sort())
    const checks = async () =>
      (await parom.sandbox.requests()).filter(({ method, path }) => method === 'GET' && /leads\/links/.test(path))
        .length
    return { parom, quantities, checks }
  }

  it('are found missing after a while and made again, and nothing else is', async () => {
    const { parom, quantities } = await start()
    await parom.sandbox.faults([{ ...loss, times: 1 }])
    const { body } = await parom.post(sampleOrder)
    await parom.reaches(body.id, 'delivered')
    expect(await quantities()).not.toEqual([[1, 3, 6]])
    parom.advance(later)
    await expect.poll(quantities).toEqual([[1, 3, 6]])
    expect((await parom.reaches(body.id, 'delivered')).attempts).toBe(2)
    expect((await parom.sandbox.state()).notes).toHaveLength(1)
    await parom.close()
  })

  it('are left to a person when they keep getting lost, and no lead is made twice', async () => {
    const { parom, quantities } = await start()
    await parom.sandbox.faults([{ ...loss, seed: 2 }])
    const { body } = await parom.post(`${sampleOrder}&order_id=7`)
    for (let tries = 1; tries <= 3; tries++) {
      await expect
        .poll(async () => await parom.inbox.find(body.id))
        .toMatchObject({ state: 'delivered', attempts: tries, products_check_at: expect.any(Number) })
      parom.advance(later)
    }
    expect(await parom.reaches(body.id, 'dead')).toMatchObject({
      error: expect.stringMatching(/^[123] of 3 products do not stay linked$/),
    })
    await parom.sandbox.faults([])
    await parom.inbox.redeliver(body.id)
    await parom.reaches(body.id, 'delivered')
    expect(await quantities()).toEqual([[1, 3, 6]])
    await parom.close()
  })

  it('are made again however often the CRM was out of order before', async () => {
    const { parom, quantities } = await start()
    const outage = { method: 'POST', path: '/api/v4/leads', effect: 'status', status: 503, times: 4 }
    await parom.sandbox.faults([outage, { ...loss, times: 1 }])
    const { body } = await parom.post(sampleOrder)
    await expect
      .poll(
        async () => {
          parom.advance(20 * 60_000)
          return (await parom.inbox.find(body.id))?.lead_id
        },
        { timeout: 10_000, interval: 200 },
      )
      .not.toBeNull()
    await expect
      .poll(async () => await parom.inbox.find(body.id))
      .toMatchObject({ state: 'delivered', products_check_at: expect.any(Number) })
    parom.advance(later)
    await expect.poll(quantities).toEqual([[1, 3, 6]])
    await parom.reaches(body.id, 'delivered')
    await parom.close()
  })

  it('are looked for in one request for many leads, and not at all where one link was all', async () => {
    const { parom, checks } = await start()
    const alone = await parom.post(asForm(anOrder()))
    await parom.reaches(alone.body.id, 'delivered')
    parom.advance(later)
    const posted = await Promise.all(
      Array.from({ length: 12 }, (_, index) => parom.post(`${sampleOrder}&order_id=${index}`)),
    )
    for (const { body } of posted) await parom.reaches(body.id, 'delivered')
    expect(await checks()).toBe(0)
    parom.advance(later)
    await expect.poll(checks).toBe(1)
    await expect.poll(async () => (await parom.inbox.find(posted[0]?.body.id ?? ''))?.products_check_at).toBeNull()
    await parom.close()
  })
})
