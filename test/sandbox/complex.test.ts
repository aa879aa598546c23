import { expect } from 'vitest'
import { type Client, faultsOf, tell } from './client.ts'

const phone = (value: string) => ({ field_code: 'PHONE', values: [{ value, enum_code: 'WORK' }] })
const email = (value: string) => ({ field_code: 'EMAIL', values: [{ value, enum_code: 'WORK' }] })
const text = (field_id: number, value: string) => ({ field_id, values: [{ value }] })

const order = (number: string, embedded: object = {}, more: object = {}) => ({
  name: `Заказ ${number}`,
  request_id: number,
  ...more,
  _embedded: embedded,
})

const customer = (number: string, mail = 'p@example.com') => ({
  contacts: [{ first_name: 'Пётр', custom_fields_values: [phone(number), email(mail)] }],
})

tell('a complex lead', [
  [
    'RU:leads-api',
    'is made with a contact and a company, which are linked to each other',
    async (amo) => {
      const sent = order('ORD-3', { ...customer('+79129876543'), companies: [{ name: 'ООО Пример' }] })
      const { status, body } = await amo.post('/leads/complex', [sent])
      expect(status).toBe(200)
      const [{ id, contact_id, company_id }] = body
      expect(body).toEqual([{ id, contact_id, company_id, request_id: ['ORD-3'], merged: false }])
      expect((await amo.get(`/leads/${id}?with=contacts`)).body._embedded).toMatchObject({
        contacts: [{ id: contact_id, is_main: true }],
        companies: [{ id: company_id }],
      })
      expect((await amo.get(`/contacts/${contact_id}`)).body).toMatchObject({
        first_name: 'Пётр',
        _embedded: { companies: [{ id: company_id }] },
      })
    },
  ],
  [
    'RU:leads-api',
    'takes a contact and a company that are there by their ids',
    async (amo) => {
      const embedded = { contacts: [{ id: 7143599 }], companies: [{ id: 7143801 }] }
      const { body } = await amo.post('/leads/complex', [order('1', embedded)])
      expect(body).toMatchObject([{ contact_id: 7143599, company_id: 7143801, merged: false }])
      expect((await amo.get('/contacts/7143599')).body._embedded.companies).toMatchObject([{ id: 7143801 }])
    },
  ],
  [
    'RU:leads-api',
    'may come alone, and is counted where it has no request_id',
    async (amo) => {
      expect((await amo.post('/leads/complex', [{ name: 'A' }, {}])).body).toMatchObject([
        { contact_id: null, company_id: null, request_id: ['0'] },
        { request_id: ['1'] },
      ])
    },
  ],
  [
    'RU:leads-api',
    'has one contact and one company at most, of 40 values each',
    async (amo) => {
      const values = Array.from({ length: 41 }, () => text(685731, 'a'))
      const contactValues = Array.from({ length: 41 }, () => text(641351, 'a'))
      const answer = await amo.post('/leads/complex', [
        order('a', { contacts: [{ name: 'A' }, { name: 'B' }] }),
        order('b', {}, { custom_fields_values: values }),
        order('c', { contacts: [{ name: 'A', custom_fields_values: contactValues }] }),
        order('d', {}, { custom_fields_values: values.slice(1) }),
      ])
      expect(faultsOf(answer)).toEqual([
        'a: _embedded.contacts TooMany',
        'b: custom_fields_values TooMany',
        'c: _embedded.contacts.0.custom_fields_values TooMany',
      ])
    },
  ],
  [
    'RU:error-codes',
    'is refused with the place of the fault',
    async (amo) => {
      const answer = await amo.post('/leads/complex', [
        order('a', { contacts: [{ name: 5 }] }),
        order('b', { contacts: [{ id: 1 }], companies: [{ id: 1 }] }),
        order('c', { contacts: [{ custom_fields_values: [text(1, 'x')] }] }),
        order('d', { catalog_elements: [] }),
        order('e', {}, { title: 'x', status_id: 1 }),
        order('f', { metadata: { category: 'mail' } }),
        order('g', { metadata: { category: 'forms', colour: 'red' } }),
      ])
      expect(faultsOf(answer)).toEqual([
        'a: _embedded.contacts.0.name InvalidType',
        'b: _embedded.contacts.0.id NotSupportedChoice',
        'b: _embedded.companies.0.id NotSupportedChoice',
        'c: _embedded.contacts.0.custom_fields_values.0.field_id NotSupportedChoice',
        'd: _embedded.catalog_elements FieldNotExpected',
        'e: title FieldNotExpected',
        'f: _embedded.metadata.category NotSupportedChoice',
        'g: _embedded.metadata.colour FieldNotExpected',
      ])
      expect((await amo.get('/leads')).status).toBe(204)
    },
  ],
  [
    'RU:leads-api',
    'comes with 49 others at most',
    async (amo) => {
      const many = Array.from({ length: 51 }, () => ({}))
      expect(await amo.post('/leads/complex', many)).toMatchObject({
        status: 400,
        body: { detail: 'Limit 50 per page' },
      })
      await amo.settings({ complex_limit_status: 422 })
      expect((await amo.post('/leads/complex', many)).status).toBe(422)
      expect((await amo.post('/leads/complex', many.slice(1))).body).toHaveLength(50)
    },
  ],
  [
    'RU:leads-api',
    'with metadata of a form is unsorted, whatever its stage',
    async (amo) => {
      const metadata = { category: 'forms', form_id: 'f1', form_name: 'Заказ', form_sent_at: amo.seconds() }
      const embedded = { ...customer('+79129876543'), metadata }
      const { body } = await amo.post('/leads/complex', [order('1', embedded, { status_id: 26034991 })])
      const [{ id, contact_id }] = body
      expect((await amo.get('/leads')).status).toBe(204)
      expect((await amo.get('/leads/unsorted')).body._embedded.unsorted).toMatchObject([
        {
          category: 'forms',
          metadata: { form_id: 'f1' },
          _embedded: { leads: [{ id }], contacts: [{ id: contact_id }] },
        },
      ])
      expect((await amo.get(`/leads/${id}`)).body.status_id).toBe(26034985)
    },
  ],
])

async function control(amo: Client, rule: object) {
  await amo.settings({ duplicate_control: { 1731979: rule } })
}

const send = async (amo: Client, ...orders: object[]) => (await amo.post('/leads/complex', orders)).body

tell('duplicate control', [
  [
    'RU:duplication-control',
    'does nothing until it is set up',
    async (amo) => {
      const [first] = await send(amo, order('1', customer('+7 912 987-65-43')))
      const [second] = await send(amo, order('2', customer('+7 912 987-65-43')))
      expect(second).toMatchObject({ merged: false })
      expect(second.id).not.toBe(first.id)
    },
  ],
  [
    'RU:duplication-control',
    'brings what was sent into the lead whose contact has the phone',
    async (amo) => {
      await control(amo, { criteria: ['phone'] })
      const [first] = await send(amo, order('1', customer('+7 912 987-65-43'), { status_id: 26034991 }))
      const again = order(
        '2',
        { ...customer('89129876543', 'new@example.com'), tags: [{ name: 'again' }] },
        { price: 7 },
      )
      expect(await send(amo, again)).toEqual([
        { id: first.id, contact_id: first.contact_id, company_id: null, request_id: ['2'], merged: true },
      ])
      const { body } = await amo.get(`/leads/${first.id}`)
      expect(body).toMatchObject({
        name: 'Заказ 2',
        price: 7,
        status_id: 26034991,
        _embedded: { tags: [{ name: 'again' }] },
      })
      const contact = (await amo.get(`/contacts/${first.contact_id}`)).body
      expect(JSON.stringify(contact.custom_fields_values)).toContain('new@example.com')
    },
  ],
  [
    'RU:duplication-control',
    'can leave the lead that is there as it is',
    async (amo) => {
      await control(amo, { criteria: [685731], found: 'keep' })
      const key = { custom_fields_values: [text(685731, 'ORD-1')] }
      const [first] = await send(amo, order('1', {}, key))
      expect(await send(amo, order('2', {}, key))).toMatchObject([{ id: first.id, merged: true }])
      expect((await amo.get(`/leads/${first.id}`)).body.name).toBe('Заказ 1')
    },
  ],
  [
    'RU:leads-api',
    'looks at what is stored, not at what comes in the same request',
    async (amo) => {
      await control(amo, { criteria: [685731] })
      const key = { custom_fields_values: [text(685731, 'ORD-1')] }
      const made = await send(amo, order('1', {}, key), order('2', {}, key))
      expect(made).toMatchObject([{ merged: false }, { merged: false }])
    },
  ],
  [
    'RU:leads-api',
    'answers two orders that ended in one lead once, with both request ids',
    async (amo) => {
      await control(amo, { criteria: [685731] })
      const key = { custom_fields_values: [text(685731, 'ORD-1')] }
      const [first] = await send(amo, order('1', {}, key))
      expect(await send(amo, order('2', {}, key), order('3', {}, key))).toMatchObject([
        { id: first.id, request_id: ['2', '3'], merged: true },
      ])
    },
  ],
  [
    'RU:duplication-control',
    'by a field of the contact counts leads of which that is the main contact',
    async (amo) => {
      await control(amo, { criteria: ['email'] })
      const id = await amo.lead({ _embedded: { contacts: [{ id: 7143599, is_main: true }, { id: 7143601 }] } })
      const byMail = async (mail: string) => (await send(amo, order('1', customer('+7 900', mail))))[0]
      expect(await byMail('partner2@shop.example')).toMatchObject({ merged: false })
      expect(await byMail('PARTNER1@shop.example')).toMatchObject({ id, merged: true })
    },
  ],
  [
    'RU:duplication-control',
    'of two or three updates the newest, all of them or none, and of more none',
    async (amo) => {
      const key = { custom_fields_values: [text(685731, 'ORD-1')] }
      const ids = [await amo.lead(key), await amo.lead(key)]
      const namesAfter = async (number: string, several: string) => {
        await control(amo, { criteria: [685731], several })
        const [{ merged }] = await send(amo, order(number, {}, key))
        const names = await Promise.all(ids.map(async (id) => (await amo.get(`/leads/${id}`)).body.name))
        return [merged, ...names]
      }
      expect(await namesAfter('A', 'newest')).toEqual([true, 'Заказ', 'Заказ A'])
      expect(await namesAfter('B', 'all')).toEqual([true, 'Заказ B', 'Заказ B'])
      expect(await namesAfter('C', 'new')).toEqual([false, 'Заказ B', 'Заказ B'])
      await amo.lead(key)
      expect(await namesAfter('D', 'all')).toEqual([false, 'Заказ B', 'Заказ B'])
    },
  ],
  [
    'RU:duplication-control',
    'is set up for one pipeline and is no business of ordinary leads',
    async (amo) => {
      await control(amo, { criteria: [685731] })
      const key = { custom_fields_values: [text(685731, 'ORD-1')] }
      const inAnother = { ...key, pipeline_id: 1158625 }
      await amo.lead(inAnother)
      expect(await send(amo, order('1', {}, key))).toMatchObject([{ merged: false }])
      expect(await send(amo, order('2', {}, inAnother))).toMatchObject([{ merged: false }])
      const again = await amo.lead(key)
      expect((await amo.get('/leads')).body._embedded.leads.at(-1).id).toBe(again)
    },
  ],
])
