import { expect, it } from 'vitest'
import type { Form } from '../../src/mapping/form.ts'
import { manyOrders, startBacklog } from '../support/backlog.ts'
import { amoFields, people } from '../support/buyer.ts'
import { onEachDatabase } from '../support/databases.ts'

const contactsOnly: Partial<Form> = { ...people, entities_create: ['lead', 'contact'] }
const everything: Partial<Form> = {
  ...people,
  partner_not_found: 'create',
  products: { match: ['name'], not_found: 'create' },
}
const news = {
  customer_id: 'новый',
  lastname: 'Ким',
  telephone: '8 (921) 555-44-33',
  payment_company: 'ООО «Ким»',
  products: [{ product_id: '9', name: 'Новинка', quantity: 2, price: '5.0000' }],
}

onEachDatabase('what the orders of a batch lack in the CRM', (database) => {
  const start = (form: Partial<Form>) => startBacklog(database, { form, amoFields })
  type Backlog = Awaited<ReturnType<typeof start>>

  /** How many there are that were not there before. */
  async function made({ sandbox, before }: Backlog, kinds: string[]) {
    const state = await sandbox.state()
    return Object.fromEntries(kinds.map((kind) => [kind, state[kind].length - before[kind].length]))
  }

  it('is made in one request for all: cards of new buyers', async () => {
    await using backlog = await start(contactsOnly)
    const ids = await backlog.keepBack(manyOrders(40))
    await backlog.letGo()
    await backlog.delivered(ids)
    expect(await backlog.writes('/contacts')).toMatchObject([{ items: 40, status: 200 }])
    expect(await backlog.writes('/leads')).toMatchObject([{ items: 40, status: 200 }])
    const { leads, contacts } = await backlog.sandbox.state()
    const phoneOf = (id: number) => JSON.stringify(contacts.find((contact: { id: number }) => contact.id === id))
    for (const [index, id] of ids.entries()) {
      const lead = leads.find((each: object) => JSON.stringify(each).includes(id))
      const [, buyer] = lead._embedded.contacts
      expect(phoneOf(buyer.id)).toContain(`555-${1000 + index}`)
    }
  })

  it('is made once though it is the same for all, in one batch and in the next: partner, buyer, company, product', async () => {
    await using backlog = await start(everything)
    const ids = await backlog.keepBack(manyOrders(70, () => news))
    await backlog.letGo()
    await backlog.delivered(ids)
    expect(await made(backlog, ['contacts', 'companies', 'elements', 'leads', 'notes'])).toEqual({
      contacts: 2,
      companies: 1,
      elements: 1,
      leads: 70,
      notes: 70,
    })
    const leads = await backlog.seen()
    for (const id of ids) expect(leads.get(id)).toMatchObject([{ products: [['Новинка', 2]] }])
  })

  it.each(['/api/v4/contacts', '/api/v4/companies', '/api/v4/catalogs/*/elements'])(
    'is made once though the answer gets lost: POST %s',
    async (path) => {
      await using backlog = await start(everything)
      await backlog.sandbox.faults([{ method: 'POST', path, effect: 'lost_answer', times: 1 }])
      const ids = await backlog.keepBack(manyOrders(60, () => news))
      await backlog.letGo()
      await backlog.patiently(ids)
      expect(await made(backlog, ['contacts', 'companies', 'elements', 'leads', 'notes'])).toEqual({
        contacts: 2,
        companies: 1,
        elements: 1,
        leads: 60,
        notes: 60,
      })
    },
  )

  it.each(['partial_200', 'partial_400'])(
    'is made once where the CRM takes a part of what it refuses: %s',
    async (batch_failure) => {
      const mapping: Form['mapping'] = { ...people.mapping, comment: { mapped_id: 'address' } }
      await using backlog = await startBacklog(database, {
        form: { ...people, mapping },
        amoFields: { ...amoFields, address: { code: 'COMPANIES.ADDRESS' } },
      })
      await backlog.sandbox.settings({ batch_failure, textarea_max: 100 })
      const orders = manyOrders(20, (index) => ({
        payment_company: `ООО «${index}»`,
        ...(index === 7 ? { comment: 'Ж'.repeat(300) } : {}),
      }))
      const ids = await backlog.keepBack(orders)
      await backlog.letGo()
      await backlog.delivered(ids)
      expect(await made(backlog, ['contacts', 'companies', 'leads', 'notes'])).toEqual({
        contacts: 20,
        companies: 20,
        leads: 20,
        notes: 20,
      })
      expect((await backlog.writes('/companies'))[0]).toMatchObject({ items: 20 })
      expect(await backlog.codesOf(ids[7] ?? '')).toEqual(['field_refused'])
    },
  )
})
