import { expect, it } from 'vitest'
import type { Form } from '../../src/mapping/form.ts'
import { amoFields, people } from '../support/buyer.ts'
import { onEachDatabase } from '../support/databases.ts'
import type { TestOrder } from '../support/orders.ts'
import { startParom, startTestSandbox } from '../support/parom.ts'
import { acceptBefore } from '../support/waiting-orders.ts'

const contacts = { method: 'POST', path: '/api/v4/contacts' }

onEachDatabase('orders that share a request for their people', (database) => {
  async function start(orders: TestOrder[], faults: object[], form: Partial<Form> = people, crmSettings: object = {}) {
    const databaseUrl = await database.fresh()
    const ids = await acceptBefore(databaseUrl, orders)
    const sandbox = await startTestSandbox()
    await sandbox.settings(crmSettings)
    await sandbox.faults(faults)
    const parom = await startParom({ databaseUrl, form, amoFields, sandbox })
    const sent = async (method: string, path: string) =>
      (await sandbox.requests()).filter((each) => each.method === method && each.path === path).length
    return {
      parom,
      ids,
      sent,
      async close() {
        await parom.close()
        await sandbox.close()
      },
    }
  }

  it.each(['atomic', 'partial_400', 'partial_200'])(
    'are all repaired at once when several are refused: %s',
    async (batch_failure) => {
      const orders = [1, 2, 3].map((each) => ({
        lastname: `Ким ${each}`,
        telephone: each === 3 ? '' : `+7 921 555-44-3${each}`,
        payment_company: '',
      }))
      const phone = { ...contacts, effect: 'field_deleted', field_id: 641201 }
      const { parom, ids, close } = await start(orders, [phone], people, { batch_failure })
      for (const id of ids) await parom.reaches(id, 'delivered')
      const state = await parom.sandbox.state()
      const names = state.contacts
        .map(({ name }: { name: string }) => name)
        .filter((name: string) => name.startsWith('Ким'))
      expect(names.sort()).toEqual(['Ким 1', 'Ким 2', 'Ким 3'])
      expect(state.leads).toHaveLength(3)
      await close()
    },
  )

  it.each([403, 401, 402])('and a new card ask for it only once when the CRM answers %i', async (status) => {
    const form: Partial<Form> = { mapping: {}, partner_not_found: 'create' }
    const orders = Array.from({ length: 6 }, () => ({ customer_id: 'новый' }))
    const { parom, ids, sent, close } = await start(orders, [{ ...contacts, effect: 'status', status, body: {} }], form)
    for (const id of ids) await parom.reaches(id, 'held')
    expect(await sent('POST', '/api/v4/contacts')).toBe(1)
    await close()
  })

  it('and a new card have it once although its answer is lost', async () => {
    const form: Partial<Form> = { mapping: {}, partner_not_found: 'create' }
    const orders = Array.from({ length: 4 }, () => ({ customer_id: 'новый' }))
    const { parom, ids, close } = await start(orders, [{ ...contacts, effect: 'lost_answer', times: 1 }], form)
    await expect.poll(async () => (await parom.inbox.find(ids[0] ?? ''))?.reason).toBe('crm_unavailable')
    for (const id of ids)
      await expect
        .poll(
          async () => {
            parom.advance(10_000)
            return (await parom.inbox.find(id))?.state
          },
          { timeout: 20_000, interval: 300 },
        )
        .toBe('delivered')
    const { leads, contacts: made } = await parom.sandbox.state()
    expect(leads).toHaveLength(4)
    expect(JSON.stringify(made).split('"новый"')).toHaveLength(2)
    await close()
  })
})
