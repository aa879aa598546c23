import { expect, it } from 'vitest'
import { onEachDatabase } from '../support/databases.ts'
import { sampleOrder } from '../support/orders.ts'
import { startParom } from '../support/parom.ts'

onEachDatabase('a lead that a person deletes', (database) => {
  it('before its links are read back is left deleted, and its order comes to rest', async () => {
    const parom = await startParom({ databaseUrl: await database.fresh() })
    const { body } = await parom.post(sampleOrder)
    const kept = await parom.post(`${sampleOrder}&order_id=7`)
    const { lead_id } = await parom.reaches(body.id, 'delivered')
    await parom.reaches(kept.body.id, 'delivered')
    await parom.sandbox.trash('leads', lead_id ?? 0)
    const { leads } = await parom.sandbox.state()
    parom.advance(60_000)
    await expect.poll(async () => (await parom.inbox.find(body.id))?.attempts).toBe(2)
    const { products_check_at } = await parom.reaches(body.id, 'delivered')
    expect(products_check_at).toBeNull()
    expect(await parom.reaches(kept.body.id, 'delivered')).toMatchObject({ attempts: 1 })
    expect((await parom.sandbox.state()).leads).toHaveLength(leads.length)
    await parom.close()
  })

  it.each(['/api/v4/leads/link', '/api/v4/leads/notes'])(
    'before %s costs no other order of its batch anything',
    async (path) => {
      const parom = await startParom({ databaseUrl: await database.fresh() })
      await parom.sandbox.faults([{ method: 'POST', path, effect: 'status', status: 503, times: 1 }])
      const { body } = await parom.post(sampleOrder)
      await expect.poll(async () => (await parom.inbox.find(body.id))?.reason).toBe('crm_unavailable')
      const { lead_id } = (await parom.inbox.find(body.id)) ?? {}
      await parom.sandbox.trash('leads', lead_id ?? 0)
      const { leads } = await parom.sandbox.state()
      parom.advance(60_000)
      const other = await parom.post(`${sampleOrder}&order_id=7`)
      await parom.reaches(other.body.id, 'delivered')
      expect(await parom.reaches(body.id, 'dead')).toMatchObject({ reason: 'crm_rejected' })
      expect((await parom.sandbox.state()).leads).toHaveLength(leads.length + 1)
      await parom.close()
    },
  )
})
