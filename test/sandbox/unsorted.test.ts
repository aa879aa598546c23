import { expect } from 'vitest'
import { type Client, faultsOf, tell } from './client.ts'

const metadata = {
  ip: '203.0.113.5',
  form_id: 'order-form',
  form_sent_at: 1751621727,
  form_name: 'Заказ',
  form_page: 'https://shop.example',
  referer: 'https://shop.example/cart',
}

const form = (name: string, more: object = {}) => ({
  request_id: name,
  source_name: 'Сайт',
  source_uid: 'a1fee7c0',
  pipeline_id: 1731979,
  metadata,
  _embedded: {
    leads: [{ name, price: 5000, custom_fields_values: [{ field_id: 685731, values: [{ value: name }] }] }],
    contacts: [{ name: `Контакт ${name}` }],
  },
  ...more,
})

async function add(amo: Client, name: string) {
  const { body } = await amo.post('/leads/unsorted/forms', [form(name)])
  const [{ uid, _embedded }] = body._embedded.unsorted
  return { uid, lead: _embedded.leads[0].id, contact: _embedded.contacts[0].id }
}

tell('an unsorted entity', [
  [
    'RU:unsorted-api',
    'is made from a form with its lead and contact',
    async (amo) => {
      const { status, body } = await amo.post('/leads/unsorted/forms', [form('ORD-4')])
      expect(status).toBe(200)
      expect(body).toMatchObject({
        _total_items: 1,
        _embedded: {
          unsorted: [
            {
              uid: expect.stringMatching(/^[0-9a-f]{58}$/),
              account_id: 31000001,
              request_id: 'ORD-4',
              _embedded: { leads: [{ _links: {} }], contacts: [{ _links: {} }], companies: [] },
            },
          ],
        },
      })
      const [{ uid, _embedded }] = body._embedded.unsorted
      expect((await amo.get(`/leads/unsorted/${uid}`)).body).toMatchObject({
        uid,
        source_name: 'Сайт',
        source_uid: 'a1fee7c0',
        category: 'forms',
        pipeline_id: 1731979,
        metadata,
        _embedded,
      })
    },
  ],
  [
    'RU:unsorted-api',
    'is made from a call',
    async (amo) => {
      const call = {
        from: '+79123213230',
        phone: '+74950000000',
        called_at: 1,
        duration: 30,
        link: 'https://a.example',
        service_code: 'pbx',
      }
      const { body } = await amo.post('/leads/unsorted/sip', [{ source_name: 'АТС', source_uid: 'u', metadata: call }])
      const [{ uid }] = body._embedded.unsorted
      expect((await amo.get(`/leads/unsorted/${uid}`)).body).toMatchObject({ category: 'sip', metadata: call })
    },
  ],
  [
    'RU:unsorted-api',
    'keeps its lead and contact out of the lists until it is accepted',
    async (amo) => {
      const { uid, lead, contact } = await add(amo, 'ORD-4')
      const listed = async () => {
        const leads = (await amo.get('/leads')).body
        const contacts = (await amo.get('/contacts?order[id]=desc&limit=1')).body
        return [leads === '' ? null : leads._embedded.leads[0].id, contacts._embedded.contacts[0].id]
      }
      expect(await listed()).not.toContain(contact)
      expect((await listed())[0]).toBeNull()
      expect((await amo.get(`/contacts/${contact}`)).body.is_unsorted).toBe(true)
      const accepted = await amo.post(`/leads/unsorted/${uid}/accept`, { user_id: 504141, status_id: 26034991 })
      expect(accepted).toMatchObject({ status: 200, body: { uid, _embedded: { leads: [{ id: lead }] } } })
      expect(await listed()).toEqual([lead, contact])
      expect((await amo.get(`/leads/${lead}`)).body.status_id).toBe(26034991)
      expect((await amo.get(`/contacts/${contact}`)).body.is_unsorted).toBe(false)
    },
  ],
  [
    '§5.5',
    'shows its lead in the list where the settings say so',
    async (amo) => {
      const { lead } = await add(amo, 'ORD-4')
      await amo.settings({ unsorted_leads_listed: true })
      expect((await amo.get('/leads')).body._embedded.leads).toMatchObject([{ id: lead, status_id: 26034985 }])
    },
  ],
  [
    'RU:unsorted-api',
    'is accepted without a body into the first stage',
    async (amo) => {
      const { uid, lead } = await add(amo, 'ORD-4')
      expect((await amo.call('POST', `/api/v4/leads/unsorted/${uid}/accept`)).status).toBe(200)
      expect((await amo.get(`/leads/${lead}`)).body.status_id).toBe(26034988)
    },
  ],
  [
    'GH#477',
    'is not accepted into a stage of another pipeline',
    async (amo) => {
      const { uid } = await add(amo, 'ORD-4')
      const answer = await amo.post(`/leads/unsorted/${uid}/accept`, { status_id: 30584881, user_id: 1 })
      expect(faultsOf(answer)).toEqual(['0: user_id NotSupportedChoice', '0: status_id NotSupportedChoice'])
      expect((await amo.get(`/leads/unsorted/${uid}`)).status).toBe(200)
    },
  ],
  [
    'RU:unsorted-api',
    'that is declined takes its lead and contact with it',
    async (amo) => {
      const { uid, lead, contact } = await add(amo, 'ORD-4')
      const declined = await amo.call('DELETE', `/api/v4/leads/unsorted/${uid}/decline`, { user_id: 504141 })
      expect(declined).toMatchObject({ status: 200, body: { uid, category: 'forms' } })
      expect((await amo.get(`/leads/${lead}`)).status).toBe(204)
      expect((await amo.get(`/contacts/${contact}`)).status).toBe(204)
    },
  ],
  [
    'RU:unsorted-api',
    'that is unknown or has been dealt with is 404',
    async (amo) => {
      const { uid } = await add(amo, 'ORD-4')
      await amo.post(`/leads/unsorted/${uid}/accept`, {})
      for (const id of [uid, 'ffff']) {
        expect((await amo.get(`/leads/unsorted/${id}`)).status).toBe(404)
        expect((await amo.post(`/leads/unsorted/${id}/accept`, {})).status).toBe(404)
        expect((await amo.call('DELETE', `/api/v4/leads/unsorted/${id}/decline`)).status).toBe(404)
      }
    },
  ],
  [
    'RU:unsorted-api',
    'cannot be there twice, unless the settings say otherwise',
    async (amo) => {
      await add(amo, 'ORD-4')
      expect(faultsOf(await amo.post('/leads/unsorted/forms', [form('ORD-4')]))).toEqual([
        'ORD-4: metadata NotSupportedChoice',
      ])
      await amo.settings({ unsorted_again: 'accept' })
      expect((await amo.post('/leads/unsorted/forms', [form('ORD-4')])).status).toBe(200)
    },
  ],
  [
    'RU:unsorted-api',
    'needs a source and all that a form tells',
    async (amo) => {
      const answer = await amo.post('/leads/unsorted/forms', [
        {},
        form('a', { metadata: { form_id: 'f' } }),
        form('b', { pipeline_id: 1 }),
        form('c', { _embedded: { leads: [{ status_id: 'x' }], contacts: [{ title: 'x' }] } }),
      ])
      expect(faultsOf(answer)).toEqual([
        '0: source_uid FieldMissing',
        '0: source_name FieldMissing',
        '0: metadata FieldMissing',
        'a: metadata.form_name FieldMissing',
        'a: metadata.form_page FieldMissing',
        'a: metadata.form_sent_at FieldMissing',
        'a: metadata.ip FieldMissing',
        'a: metadata.referer FieldMissing',
        'b: pipeline_id NotSupportedChoice',
        'c: _embedded.leads.0.status_id InvalidType',
        'c: _embedded.contacts.0.title FieldNotExpected',
      ])
    },
  ],
  [
    'RU:unsorted-api',
    'is listed by uid, category and pipeline, in the order asked for',
    async (amo) => {
      expect((await amo.get('/leads/unsorted')).status).toBe(204)
      const first = await add(amo, 'A')
      amo.advance(1000)
      const second = await add(amo, 'B')
      const uids = async (query: string) => {
        const { body } = await amo.get(`/leads/unsorted?${query}`)
        return body === '' ? [] : body._embedded.unsorted.map(({ uid }: { uid: string }) => uid)
      }
      expect(await uids('order[created_at]=desc')).toEqual([second.uid, first.uid])
      expect(await uids(`filter[uid]=${first.uid}`)).toEqual([first.uid])
      expect(await uids('filter[category][]=sip')).toEqual([])
      expect(await uids('filter[category][]=forms&filter[pipeline_id]=1731979')).toHaveLength(2)
      expect(await uids('filter[pipeline_id]=1158625')).toEqual([])
    },
  ],
  [
    'contract',
    'is part of the state, which is a seed',
    async (amo) => {
      const { uid, lead, contact } = await add(amo, 'ORD-4')
      await amo.post(`/leads/unsorted/${(await add(amo, 'ORD-5')).uid}/accept`, {})
      await amo.admin('/reset', (await amo.admin('/state')).body)
      expect((await amo.get('/leads/unsorted')).body._embedded.unsorted).toMatchObject([
        { uid, metadata, _embedded: { leads: [{ id: lead }], contacts: [{ id: contact }] } },
      ])
      expect((await amo.get('/leads')).body._embedded.leads).toMatchObject([{ name: 'ORD-5' }])
      expect((await amo.get(`/contacts/${contact}`)).body.is_unsorted).toBe(true)
    },
  ],
  [
    'RU:unsorted-api',
    'is counted in a summary',
    async (amo) => {
      const [first, second] = [await add(amo, 'A'), await add(amo, 'B')]
      const third = await add(amo, 'C')
      await add(amo, 'D')
      amo.advance(10_000)
      await amo.post(`/leads/unsorted/${third.uid}/accept`, {})
      await amo.post(`/leads/unsorted/${first.uid}/accept`, {})
      await amo.call('DELETE', `/api/v4/leads/unsorted/${second.uid}/decline`)
      expect((await amo.get('/leads/unsorted/summary')).body).toMatchObject({
        total: 1,
        accepted: 2,
        declined: 1,
        average_sort_time: 10,
        categories: { forms: { total: 1 }, sip: { total: 0 } },
      })
    },
  ],
])
