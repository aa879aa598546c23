import { expect, it } from 'vitest'
import type { Form } from '../../src/mapping/form.ts'
import { amoFields, people } from '../support/buyer.ts'
import { onEachDatabase } from '../support/databases.ts'
import { asForm } from '../support/orders.ts'
import { startParom, startTestSandbox } from '../support/parom.ts'
import { acceptBefore } from '../support/waiting-orders.ts'

const once = (method: string, path: string, effect: string) => ({ method, path, effect, times: 1 })
const form: Partial<Form> = {
  ...people,
  mapping: { ...people.mapping, lastname: { mapped_id: ['contact_name', 'lead.cf.customer_lastname'] } },
}
const names = ['Антонов', 'Борисов', 'Васильев']

onEachDatabase('the page of an order', (database) => {
  it.each([
    ['a create is lost', [once('POST', '/api/v4/leads', 'lost_answer')]],
    ['a create is cut off', [once('POST', '/api/v4/leads', 'truncate')]],
    [
      'the list of leads is cut off',
      [once('POST', '/api/v4/leads', 'lost_answer'), once('GET', '/api/v4/leads', 'truncate')],
    ],
    [
      'the list of notes is cut off',
      [once('POST', '/api/v4/leads/notes', 'lost_answer'), once('GET', '/api/v4/leads/notes', 'truncate')],
    ],
    ['cards are cut off', [once('POST', '/api/v4/contacts', 'truncate')]],
    ['cards are refused', [{ ...once('POST', '/api/v4/contacts', 'field_deleted'), field_id: 641201 }]],
  ])('shows nothing of other buyers when the answer to %s', async (_case, faults) => {
    const databaseUrl = await database.fresh()
    const orders = names.map((lastname, index) => ({
      lastname,
      telephone: `+7 921 555-44-3${index}`,
      payment_company: '',
      comment: `Привет от ${lastname}`,
    }))
    const ids = await acceptBefore(databaseUrl, orders)
    const sandbox = await startTestSandbox()
    await sandbox.faults(faults)
    const parom = await startParom({ databaseUrl, form, amoFields, sandbox })
    const delivered = (id: string) =>
      expect
        .poll(
          async () => {
            parom.advance(10_000)
            return (await parom.inbox.find(id))?.state
          },
          { timeout: 10_000, interval: 100 },
        )
        .toBe('delivered')
    for (const id of ids) await delivered(id)
    await sandbox.faults(faults)
    const { body } = await parom.post(asForm({ customer_id: '1', lastname: 'Григорьев', order_id: '77' }))
    await delivered(body.id)

    const buyers = [...names, 'Григорьев']
    for (const [index, id] of [...ids, body.id].entries()) {
      const page = JSON.stringify([await parom.inbox.attempts(id), (await parom.inbox.find(id))?.warnings])
      expect(buyers.filter((name) => page.includes(name))).toEqual([buyers[index]])
    }
    await parom.close()
    await sandbox.close()
  })
})
