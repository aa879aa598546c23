import { expect, it } from 'vitest'
import type { Form } from '../../src/mapping/form.ts'
import { amoFields, buyer, people, refusal } from '../support/buyer.ts'
import { onEachDatabase } from '../support/databases.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { startParom } from '../support/parom.ts'

onEachDatabase('what the CRM refuses', (database) => {
  const create = { method: 'POST', path: '/api/v4/leads', effect: 'status', status: 400 }
  const nothing = { title: 'Bad Request', detail: 'code 244' }
  const codesOf = (warnings: string | null) => JSON.parse(warnings ?? '').map(({ code }: { code: string }) => code)

  it.each([
    ['something that it does not name', nothing, 3, ['field_refused', 'field_refused', 'tag_refused']],
    [
      'something that is not left out easily',
      nothing,
      4,
      ['contact_refused', 'field_refused', 'field_refused', 'pipeline_refused', 'price_refused', 'tag_refused'],
    ],
    ['the budget', refusal('price'), 2, ['price_refused']],
    ['a place that no lead has', refusal('nobody.knows'), 3, ['field_refused', 'field_refused', 'tag_refused']],
  ])('does not keep back a lead: %s', async (_case, body, times, codes) => {
    const parom = await startParom({ databaseUrl: await database.fresh() })
    await parom.sandbox.faults([{ ...create, body, times }])
    const { body: answer } = await parom.post(asForm(anOrder()))
    const { warnings } = await parom.reaches(answer.id, 'delivered')
    expect(codesOf(warnings).sort()).toEqual(codes)
    const { leads, notes } = await parom.sandbox.state()
    expect([leads.length, notes.length]).toEqual([1, 1])
    await parom.close()
  })

  it('is not told of once it is taken', async () => {
    const parom = await startParom({ databaseUrl: await database.fresh() })
    await parom.sandbox.faults([{ ...create, body: nothing }])
    const { body } = await parom.post(asForm(anOrder()))
    await parom.reaches(body.id, 'dead')
    await parom.sandbox.faults([])
    await parom.inbox.redeliver(body.id)
    expect((await parom.reaches(body.id, 'delivered')).warnings).toBe('[]')
    await parom.close()
  })

  it('of many new products keeps back none of the others', async () => {
    const form: Partial<Form> = { mapping: {}, products: { match: ['name'], not_found: 'create' } }
    const parom = await startParom({ databaseUrl: await database.fresh(), form })
    const { elements: before } = await parom.sandbox.state()
    const products = Array.from({ length: 12 }, (_, index) => ({
      product_id: String(index + 1),
      name: `Новинка ${index}`,
      model: index === 5 ? 'N'.repeat(300) : `N-${index}`,
      quantity: 1,
    }))
    const { body } = await parom.post(asForm(anOrder({ products })))
    const { warnings } = await parom.reaches(body.id, 'delivered')
    expect(codesOf(warnings)).toEqual(['products_not_created', 'products_created'])
    expect(JSON.parse(warnings ?? '')[0].params.names).toBe('«Новинка 5»')
    const { elements, leads } = await parom.sandbox.state()
    expect(elements).toHaveLength(before.length + 11)
    expect(leads[0]._embedded.catalog_elements).toHaveLength(11)
    await parom.close()
  })

  it('keeps no order back where it is to put the buyer into the company', async () => {
    const parom = await startParom({ databaseUrl: await database.fresh(), form: people, amoFields })
    await parom.sandbox.faults([
      {
        method: 'POST',
        path: '/api/v4/contacts/*/link',
        effect: 'status',
        status: 400,
        body: { title: 'Bad Request' },
      },
    ])
    const { body } = await parom.post(asForm(anOrder(buyer)))
    const { warnings } = await parom.reaches(body.id, 'delivered')
    expect(JSON.parse(warnings ?? '').map(({ code }: { code: string }) => code)).toEqual(['company_not_linked'])
    await parom.close()
  })

  it('makes no contact for a partner that could never be found again', async () => {
    const parom = await startParom({
      databaseUrl: await database.fresh(),
      form: { mapping: {}, partner_not_found: 'create' },
    })
    const { contacts: before } = await parom.sandbox.state()
    await parom.sandbox.faults([
      { method: 'POST', path: '/api/v4/contacts', effect: 'field_deleted', field_id: 641351 },
    ])
    const { body } = await parom.post(asForm(anOrder({ customer_id: 'новый' })))
    const { warnings } = await parom.reaches(body.id, 'delivered')
    expect(JSON.parse(warnings ?? '').map(({ code }: { code: string }) => code)).toEqual(['contact_not_created'])
    expect((await parom.sandbox.state()).contacts).toHaveLength(before.length)
    await parom.close()
  })
})
