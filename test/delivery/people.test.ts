import { expect, it } from 'vitest'
import type { FieldReference } from '../../src/mapping/amo-fields.mapper.ts'
import type { Form } from '../../src/mapping/form.ts'
import { onEachDatabase } from '../support/databases.ts'
import { anOrder, asForm, type TestOrder } from '../support/orders.ts'
import { startParom } from '../support/parom.ts'

const mapping: Form['mapping'] = {
  lastname: { mapped_id: 'contact_last_name' },
  firstname: { mapped_id: 'contact_first_name' },
  telephone: { mapped_id: 'phone' },
  email: { mapped_id: 'email' },
  payment_company: { mapped_id: 'company_name' },
}
const amoFields: Record<string, FieldReference> = {
  phone: { code: 'CONTACTS.PHONE.MOB', entity: 'contacts' },
  email: { code: 'CONTACTS.EMAIL.WORK', entity: 'contacts' },
}
const entities_create: Form['entities_create'] = ['lead', 'contact', 'company']
const buyer = { lastname: 'Ким', firstname: 'Анна', telephone: '8 (921) 555-44-33', email: 'Kim@Shop.example' }

interface Entity {
  id: number
  name: string
  responsible_user_id: number
  custom_fields_values:
    | { field_code: string | null; field_id: number; values: { value: unknown; enum_code?: string }[] }[]
    | null
}

onEachDatabase('people of an order', (database) => {
  async function start(form: Partial<Form>) {
    return startParom({ databaseUrl: await database.fresh(), form: { mapping, entities_create, ...form }, amoFields })
  }
  type Parom = Awaited<ReturnType<typeof start>>

  async function deliver(parom: Parom, order: TestOrder) {
    const { body } = await parom.post(asForm(anOrder(order)))
    return parom.reaches(body.id, 'delivered')
  }

  const codesOf = ({ warnings }: { warnings: string | null }) =>
    (JSON.parse(warnings ?? '[]') as { code: string }[]).map(({ code }) => code)

  async function linkedTo(parom: Parom, leadId: number | null) {
    const { links, contacts, companies } = await parom.sandbox.state()
    const ofLead = links.filter(
      (link: { entity_id: number; entity_type: string }) => link.entity_type === 'leads' && link.entity_id === leadId,
    )
    const named = (type: string, records: Entity[]) =>
      ofLead
        .filter(({ to_entity_type }: { to_entity_type: string }) => to_entity_type === type)
        .map((link: { to_entity_id: number; metadata: { main_contact: boolean } | null }) => {
          const { name } = records.find(({ id }) => id === link.to_entity_id) ?? {}
          return link.metadata?.main_contact ? `${name} (main)` : name
        })
    return { contacts: named('contacts', contacts), companies: named('companies', companies) }
  }

  it('are made beside the partner, once, and found for the next order by phone or e-mail alone', async () => {
    const parom = await start({ tags: { lead: [], contact: ['покупатель'], company: [] } })
    const { contacts: before } = await parom.sandbox.state()
    const first = await deliver(parom, { ...buyer, payment_company: 'ООО «Ким и Ко»', order_id: '1' })
    expect(await linkedTo(parom, first.lead_id)).toEqual({
      contacts: ['Росс Партнёр (main)', 'Ким Анна'],
      companies: ['ООО «Ким и Ко»'],
    })
    const byPhone = await deliver(parom, { ...buyer, telephone: '+79215554433', email: '', order_id: '2' })
    const byMail = await deliver(parom, { lastname: 'К', telephone: '', email: ' kim@shop.EXAMPLE', order_id: '3' })
    expect(codesOf(byPhone)).toEqual([])
    expect(JSON.parse(byMail.warnings ?? '')).toMatchObject([{ code: 'buyer_unchanged', params: { values: 'К' } }])
    for (const { lead_id } of [byPhone, byMail])
      expect((await linkedTo(parom, lead_id)).contacts).toEqual(['Росс Партнёр (main)', 'Ким Анна'])

    const { contacts, links } = await parom.sandbox.state()
    expect(contacts).toHaveLength(before.length + 1)
    const made = contacts.at(-1)
    expect(made.custom_fields_values.map(({ values }: { values: unknown[] }) => values)).toMatchObject([
      [{ value: buyer.telephone, enum_code: 'MOB' }],
      [{ value: buyer.email, enum_code: 'WORK' }],
    ])
    expect(links).toContainEqual(
      expect.objectContaining({ entity_type: 'contacts', entity_id: made.id, to_entity_type: 'companies' }),
    )
    await parom.close()
  })

  it.each(['lost_answer', 'truncate'])('are not made twice when the answer gets lost: %s', async (effect) => {
    const parom = await start({})
    const { contacts: before, companies: companiesBefore } = await parom.sandbox.state()
    await parom.sandbox.faults([
      { method: 'POST', path: '/api/v4/contacts', effect, times: 1 },
      { method: 'POST', path: '/api/v4/companies', effect, times: 1 },
    ])
    const { body } = await parom.post(asForm(anOrder({ ...buyer, payment_company: 'ООО «Ким и Ко»' })))
    for (const round of [1, 2]) {
      await expect
        .poll(async () => (await parom.inbox.attempts(body.id)).map(({ reason }) => reason))
        .toEqual(Array(round).fill('crm_unavailable'))
      parom.advance(60_000)
    }
    const { lead_id } = await parom.reaches(body.id, 'delivered')
    expect(await linkedTo(parom, lead_id)).toEqual({
      contacts: ['Росс Партнёр (main)', 'Ким Анна'],
      companies: ['ООО «Ким и Ко»'],
    })
    const { contacts, companies, leads } = await parom.sandbox.state()
    expect([contacts.length, companies.length, leads.length]).toEqual([
      before.length + 1,
      companiesBefore.length + 1,
      1,
    ])
    await parom.close()
  })

  it('are not made twice when only a name is known of them and the answer gets lost', async () => {
    const parom = await start({})
    const { contacts: before } = await parom.sandbox.state()
    await parom.sandbox.faults([{ method: 'POST', path: '/api/v4/contacts', effect: 'lost_answer', times: 1 }])
    const { body } = await parom.post(asForm(anOrder({ lastname: 'Одно Имя', telephone: '' })))
    await expect.poll(async () => (await parom.inbox.find(body.id))?.reason).toBe('crm_unavailable')
    parom.advance(60_000)
    const { lead_id } = await parom.reaches(body.id, 'delivered')
    expect((await linkedTo(parom, lead_id)).contacts).toEqual(['Росс Партнёр (main)', 'Одно Имя'])
    expect((await parom.sandbox.state()).contacts).toHaveLength(before.length + 1)
    await parom.close()
  })

  it('are made once for an order whose lead has to wait', async () => {
    const parom = await start({})
    const { contacts: before } = await parom.sandbox.state()
    await parom.sandbox.faults([{ method: 'POST', path: '/api/v4/leads', effect: 'status', status: 502, times: 1 }])
    const { body } = await parom.post(asForm(anOrder({ lastname: 'Одно Имя', telephone: '' })))
    await expect.poll(async () => (await parom.inbox.find(body.id))?.reason).toBe('crm_unavailable')
    parom.advance(60_000)
    await parom.reaches(body.id, 'delivered')
    expect((await parom.sandbox.state()).contacts).toHaveLength(before.length + 1)
    await parom.close()
  })

  it('are not spoken of when nothing but a constant would go to the cards that are there', async () => {
    const constants = { 'custom###kind': { mapped_id: ['position', 'address'], value: 'из ЛК' } }
    const parom = await startParom({
      databaseUrl: await database.fresh(),
      form: { mapping: { ...mapping, ...constants }, entities_create },
      amoFields: { ...amoFields, position: { code: 'CONTACTS.POSITION' }, address: { code: 'COMPANIES.ADDRESS' } },
    })
    for (const order_id of ['1', '2'])
      expect(codesOf(await deliver(parom, { ...buyer, payment_company: 'ООО «Ким»', order_id }))).toEqual([])
    const { companies } = await parom.sandbox.state()
    expect(JSON.stringify(companies.at(-1).custom_fields_values)).toContain('из ЛК')
    await parom.close()
  })

  it('are nobody’s, when all that is said of them is what people write who will not say', async () => {
    const parom = await start({})
    const first = await deliver(parom, { lastname: 'О’Нил', telephone: '000-00-00', email: 'нет', order_id: '1' })
    const second = await deliver(parom, { lastname: 'Сидоров', telephone: '0000000', email: 'нет', order_id: '2' })
    expect((await linkedTo(parom, first.lead_id)).contacts).toEqual(['Росс Партнёр (main)', 'О’Нил'])
    expect((await linkedTo(parom, second.lead_id)).contacts).toEqual(['Росс Партнёр (main)', 'Сидоров'])
    expect(codesOf(second)).toEqual(['value_not_email'])
    await parom.close()
  })

  it('answer for the lead as the form says: whoever answers for the main contact', async () => {
    const parom = await start({ responsible_user_id: 'contact' })
    const { lead_id } = await deliver(parom, buyer)
    const { leads, contacts } = await parom.sandbox.state()
    const main = contacts.find(({ name }: Entity) => name === 'Росс Партнёр')
    expect(leads.find(({ id }: Entity) => id === lead_id).responsible_user_id).toBe(main.responsible_user_id)
    await parom.close()
  })

  it('keep no lead back when the CRM does not take them, whatever it says', async () => {
    const parom = await start({})
    const refusal = { title: 'Bad Request', status: 400, detail: 'code 244' }
    await parom.sandbox.faults([
      { method: 'POST', path: '/api/v4/contacts', effect: 'status', status: 400, body: refusal },
    ])
    const message = await deliver(parom, buyer)
    expect(codesOf(message)).toContain('contact_not_created')
    expect((await linkedTo(parom, message.lead_id)).contacts).toEqual(['Росс Партнёр (main)'])
    expect((await parom.sandbox.state()).notes[0].params.text).toContain('amoCRM не приняла контакт «Ким Анна»')
    await parom.close()
  })

  it('are looked for once more when those we know of are gone', async () => {
    const parom = await start({ entities_create: ['lead'] })
    await deliver(parom, { ...buyer, order_id: '1' })
    await parom.sandbox.remove('contacts', 7143599)
    const message = await deliver(parom, { ...buyer, order_id: '2' })
    expect(codesOf(message)).toContain('partner_unknown')
    expect((await linkedTo(parom, message.lead_id)).contacts).toEqual([])
    await parom.close()
  })
})

onEachDatabase('a partner whom the account does not have', (database) => {
  const stranger = { ...buyer, customer_id: 'партнёр-77' }

  it.each([
    ['warn', [], ['partner_unknown']],
    [{ contact_id: 7143601 }, [7143601], ['partner_unknown', 'partner_substituted']],
  ] as const)('leads to %j', async (partner_not_found, contactIds, codes) => {
    const parom = await startParom({
      databaseUrl: await database.fresh(),
      form: { partner_not_found: partner_not_found as Form['partner_not_found'], mapping: {} },
    })
    const { body } = await parom.post(asForm(anOrder(stranger)))
    const { warnings, lead_id } = await parom.reaches(body.id, 'delivered')
    expect(JSON.parse(warnings ?? '').map(({ code }: { code: string }) => code)).toEqual(codes)
    const { links } = await parom.sandbox.state()
    const linked = links.filter(
      (link: { entity_id: number; to_entity_type: string }) =>
        link.entity_id === lead_id && link.to_entity_type === 'contacts',
    )
    expect(linked.map(({ to_entity_id }: { to_entity_id: number }) => to_entity_id)).toEqual(contactIds)
    await parom.close()
  })

  it('is made where the form says so, once for all orders', async () => {
    const parom = await startParom({
      databaseUrl: await database.fresh(),
      form: { partner_not_found: 'create', mapping: {} },
    })
    const { contacts: before } = await parom.sandbox.state()
    await parom.sandbox.faults([{ method: 'POST', path: '/api/v4/contacts', effect: 'lost_answer', times: 1 }])
    const { body } = await parom.post(asForm(anOrder({ ...stranger, order_id: '1' })))
    await expect.poll(async () => (await parom.inbox.find(body.id))?.reason).toBe('crm_unavailable')
    parom.advance(60_000)
    await parom.reaches(body.id, 'delivered')
    const second = await parom.post(asForm(anOrder({ ...stranger, order_id: '2' })))
    expect((await parom.reaches(second.body.id, 'delivered')).warnings).toBe('[]')
    const { contacts } = await parom.sandbox.state()
    expect(contacts).toHaveLength(before.length + 1)
    expect(contacts.at(-1)).toMatchObject({ name: 'Партнёр партнёр-77' })
    await parom.close()
  })
})

onEachDatabase('products that the catalog does not have', (database) => {
  const products = [
    { product_id: '1', name: 'Бак &quot;Премиум&quot; &amp; Ко', quantity: '2' },
    { product_id: '2', name: 'Новинка', model: 'N-1', quantity: '1.5', price: '1 250,50' },
    { product_id: '3', name: 'Переименован в магазине', model: 'p-153', quantity: '0.1' },
    { product_id: '4', name: 'Бак из черного метала - 300 л.', quantity: '0.2' },
  ]

  async function linksOf(parom: Awaited<ReturnType<typeof startParom>>) {
    const { links, elements } = await parom.sandbox.state()
    return links
      .filter(({ to_entity_type }: { to_entity_type: string }) => to_entity_type === 'catalog_elements')
      .map(({ to_entity_id, metadata }: { to_entity_id: number; metadata: { quantity: number } }) => [
        elements.find(({ id }: Entity) => id === to_entity_id)?.name,
        metadata.quantity,
      ])
  }

  it('are told of, and the others linked: by name or by article, each once', async () => {
    const parom = await startParom({ databaseUrl: await database.fresh() })
    const { body } = await parom.post(asForm(anOrder({ products })))
    const { warnings } = await parom.reaches(body.id, 'delivered')
    expect(JSON.parse(warnings ?? '')).toEqual([{ code: 'products_unknown', params: { names: '«Новинка»' } }])
    expect(await linksOf(parom)).toEqual([
      ['Бак "Премиум" & Ко', 2],
      ['Бак из черного метала - 300 л.', 0.3],
    ])
    await parom.close()
  })

  it('are made where the form says so, once, whatever gets lost', async () => {
    const parom = await startParom({
      databaseUrl: await database.fresh(),
      form: { products: { match: ['name', 'sku'], not_found: 'create' } },
    })
    const { elements: before } = await parom.sandbox.state()
    await parom.sandbox.faults([
      { method: 'POST', path: '/api/v4/catalogs/*/elements', effect: 'lost_answer', times: 1 },
    ])
    const { body } = await parom.post(asForm(anOrder({ products })))
    await expect.poll(async () => (await parom.inbox.find(body.id))?.reason).toBe('crm_unavailable')
    parom.advance(60_000)
    await parom.reaches(body.id, 'delivered')
    const { elements } = await parom.sandbox.state()
    expect(elements).toHaveLength(before.length + 1)
    expect(elements.at(-1).name).toBe('Новинка')
    expect(JSON.stringify(elements.at(-1).custom_fields_values)).toMatch(/N-1.*1250\.5/)
    expect(await linksOf(parom)).toContainEqual(['Новинка', 1.5])
    await parom.close()
  })

  it('because it is gone keep no lead back, whatever was known of it', async () => {
    const parom = await startParom({ databaseUrl: await database.fresh() })
    const first = await parom.post(asForm(anOrder({ products, order_id: '1' })))
    await parom.reaches(first.body.id, 'delivered')
    const state = await parom.sandbox.state()
    await parom.sandbox.seed({ ...state, catalogs: [], elements: [], links: [] })
    for (const order_id of ['2', '3']) {
      const { body } = await parom.post(asForm(anOrder({ products, order_id })))
      const { note_id, warnings } = await parom.reaches(body.id, 'delivered')
      expect(note_id).not.toBeNull()
      expect(warnings).toContain('catalog_missing')
    }
    await parom.close()
  })

  it('or that it will not link keep back neither the others nor the note', async () => {
    const parom = await startParom({ databaseUrl: await database.fresh() })
    const first = await parom.post(asForm(anOrder({ products, order_id: '1' })))
    await parom.reaches(first.body.id, 'delivered')
    const [gone] = (await parom.sandbox.state()).elements.filter(({ name }: Entity) => name.includes('Премиум'))
    await parom.sandbox.remove('elements', gone.id)
    const second = await parom.post(asForm(anOrder({ products, order_id: '2' })))
    const { lead_id, warnings, note_id } = await parom.reaches(second.body.id, 'delivered')
    expect(note_id).not.toBeNull()
    expect(warnings).toContain('Премиум')
    const { links } = await parom.sandbox.state()
    expect(
      links.filter(
        (link: { entity_id: number; to_entity_type: string }) =>
          link.entity_id === lead_id && link.to_entity_type === 'catalog_elements',
      ),
    ).toHaveLength(1)
    await parom.close()
  })
})
