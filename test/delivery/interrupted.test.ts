import { expect, it } from 'vitest'
import type { Form } from '../../src/mapping/form.ts'
import { amoFields, buyer, people, refusal } from '../support/buyer.ts'
import { onEachDatabase } from '../support/databases.ts'
import { contactOf } from '../support/mirror.ts'
import { anOrder, asForm, type TestOrder } from '../support/orders.ts'
import { startParom } from '../support/parom.ts'

const bad = { effect: 'status', status: 502, times: 1 }

onEachDatabase('an order that is interrupted', (database) => {
  async function start(form: Partial<Form>) {
    return startParom({ databaseUrl: await database.fresh(), form, amoFields })
  }
  type Parom = Awaited<ReturnType<typeof start>>

  async function interrupted(parom: Parom, order: TestOrder) {
    const { body } = await parom.post(asForm(anOrder(order)))
    await expect.poll(async () => (await parom.inbox.find(body.id))?.reason, { timeout: 5000 }).toBe('crm_unavailable')
    return body.id
  }

  async function goesOn(parom: Parom, id: string) {
    parom.advance(60_000)
    return delivered(parom, id)
  }

  async function delivered(parom: Parom, id: string) {
    const message = await parom.reaches(id, 'delivered')
    const codes = (JSON.parse(message.warnings ?? '[]') as { code: string }[]).map(({ code }) => code)
    return { ...message, codes }
  }

  it('keeps saying what the lead was made without, though it would not have to be by now', async () => {
    const parom = await start({ mapping: {} })
    await parom.sandbox.faults([{ method: 'POST', path: '/api/v4/leads/link', ...bad }])
    const id = await interrupted(parom, { customer_id: 'поздний' })
    await makeContact(parom, 'поздний')
    expect((await goesOn(parom, id)).codes).toEqual(['partner_unknown'])
    expect((await parom.sandbox.state()).notes[0].params.text).toContain('Нет контакта с id партнёра поздний')
    await parom.close()
  })

  it.each(['/api/v4/leads', '/api/v4/leads/notes'])('by a lost answer of %s says what was so', async (path) => {
    const parom = await start({ mapping: {} })
    await parom.sandbox.faults([{ method: 'POST', path, effect: 'lost_answer', times: 1 }])
    const id = await interrupted(parom, { customer_id: 'поздний' })
    await makeContact(parom, 'поздний')
    expect((await goesOn(parom, id)).codes).toEqual(['partner_unknown'])
    expect((await parom.sandbox.state()).notes).toHaveLength(1)
    await parom.close()
  })

  async function makeContact(parom: Parom, partner: string) {
    const { access_token } = await parom.sandbox.credentials()
    const response = await fetch(`${parom.sandbox.url}/api/v4/contacts`, {
      method: 'POST',
      headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
      body: JSON.stringify([contactOf({ name: 'Поздний', partner })]),
    })
    expect(response.status).toBe(200)
  }

  it('says what a card was made without, though what came after it failed', async () => {
    const parom = await start({ ...people, partner_not_found: 'create' })
    await parom.sandbox.faults([
      // The second create of a contact is the buyer's.
      { method: 'POST', path: '/api/v4/contacts', effect: 'delay', delay_ms: 1, times: 1 },
      ...Array.from({ length: 2 }, () => ({
        method: 'POST',
        path: '/api/v4/contacts',
        effect: 'status',
        status: 400,
        body: refusal('custom_fields_values.0.values.0.value'),
        times: 1,
      })),
      { method: 'POST', path: '/api/v4/companies', ...bad },
    ])
    const id = await interrupted(parom, { ...buyer, customer_id: 'новый' })
    const { codes } = await goesOn(parom, id)
    expect(codes.toSorted()).toEqual(['field_refused', 'partner_created'])
    await parom.close()
  })

  it('does not say that a contact was refused which was taken later', async () => {
    const parom = await start(people)
    const refused = { effect: 'status', status: 400, body: { title: 'Bad Request' } }
    await parom.sandbox.faults([
      { method: 'POST', path: '/api/v4/contacts', ...refused, times: 2 },
      { method: 'POST', path: '/api/v4/leads', ...bad },
    ])
    const id = await interrupted(parom, buyer)
    expect((await goesOn(parom, id)).codes).toEqual([])
    await parom.close()
  })

  it('makes each of many products once, though only some were made', async () => {
    const parom = await start({ mapping: {}, products: { match: ['name', 'sku'], not_found: 'create' } })
    const { elements: before } = await parom.sandbox.state()
    const elements = { method: 'POST', path: '/api/v4/catalogs/*/elements' }
    await parom.sandbox.faults([
      { ...elements, effect: 'delay', delay_ms: 1, times: 1 },
      { ...elements, effect: 'status', status: 400, body: { title: 'Bad Request' }, times: 1 },
    ])
    const products = Array.from({ length: 150 }, (_, index) => ({
      product_id: String(index + 1),
      name: index < 60 ? `Новинка ${index}` : 'Бак - Реактор',
      quantity: 1,
    }))
    const { body } = await parom.post(asForm(anOrder({ products })))
    const { codes, warnings } = await delivered(parom, body.id)
    const { elements: after, leads } = await parom.sandbox.state()
    expect(after).toHaveLength(before.length + 60)
    expect(leads[0]._embedded.catalog_elements).toHaveLength(61)
    expect(new Set(codes)).toEqual(new Set(['products_created']))
    for (let index = 0; index < 60; index++) expect(warnings).toContain(`«Новинка ${index}»`)
    await parom.close()
  })
})

onEachDatabase('two orders at the same moment, and the answer to the first is lost', (database) => {
  it('make one contact of their partner', async () => {
    const parom = await startParom({
      databaseUrl: await database.fresh(),
      form: { mapping: {}, partner_not_found: 'create' },
    })
    const warm = await parom.post(asForm(anOrder()))
    await parom.reaches(warm.body.id, 'delivered')
    parom.advance(10_000)
    const { contacts: before } = await parom.sandbox.state()
    await parom.sandbox.faults([{ method: 'POST', path: '/api/v4/contacts', effect: 'lost_answer', times: 1 }])
    const first = await parom.post(asForm(anOrder({ customer_id: 'новый', order_id: '1' })))
    const second = await parom.post(asForm(anOrder({ customer_id: 'новый', order_id: '2' })))
    await parom.reaches(second.body.id, 'delivered')
    parom.advance(60_000)
    await parom.reaches(first.body.id, 'delivered')
    expect((await parom.sandbox.state()).contacts).toHaveLength(before.length + 1)
    await parom.close()
  })

  it('make one element of their product', async () => {
    const parom = await startParom({
      databaseUrl: await database.fresh(),
      form: { mapping: {}, products: { match: ['name'], not_found: 'create' } },
    })
    const { elements: before } = await parom.sandbox.state()
    await parom.sandbox.faults([
      { method: 'POST', path: '/api/v4/catalogs/*/elements', effect: 'lost_answer', times: 1 },
    ])
    const products = [{ product_id: '1', name: 'Новинка', quantity: 1 }]
    const first = await parom.post(asForm(anOrder({ products, order_id: '1' })))
    const second = await parom.post(asForm(anOrder({ products, order_id: '2' })))
    await parom.reaches(second.body.id, 'delivered')
    parom.advance(60_000)
    await parom.reaches(first.body.id, 'delivered')
    expect((await parom.sandbox.state()).elements).toHaveLength(before.length + 1)
    await parom.close()
  })
})
