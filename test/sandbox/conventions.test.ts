import { expect } from 'vitest'
import { tell } from './client.ts'

tell('every request', [
  [
    'RU:leads-api',
    'is answered as hal+json with links and an X-Request-Id',
    async (amo) => {
      const answer = await amo.get('/contacts')
      expect(answer.type).toContain('application/hal+json')
      expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
      expect(answer.body).toMatchObject({
        _page: 1,
        _links: { self: { href: expect.stringContaining('/api/v4/contacts') } },
      })
    },
  ],
  [
    'KM:http-codes',
    'needs a token',
    async (amo) => {
      const { status, headers } = await fetch(`${amo.sandbox.url}/api/v4/account`)
      expect(status).toBe(401)
      expect(headers.get('content-type')).toContain('application/problem+json')
      const wrong = await fetch(`${amo.sandbox.url}/api/v4/account`, { headers: { authorization: 'Bearer wrong' } })
      expect(await wrong.json()).toEqual({
        title: 'Unauthorized',
        type: 'https://httpstatus.es/401',
        status: 401,
        detail: 'Invalid user name or password',
      })
    },
  ],
  [
    'KM:http-codes',
    'to an unknown address is answered 404 with the address',
    async (amo) => {
      const answer = await amo.get('/example')
      expect(answer).toMatchObject({ status: 404, body: { detail: `Cannot GET ${amo.sandbox.url}/api/v4/example` } })
      expect((await amo.get('/leads/abc')).status).toBe(404)
    },
  ],
  [
    'KM:http-codes',
    'with a method that the address does not know is answered 405',
    async (amo) => {
      expect(await amo.call('DELETE', '/api/v4/leads')).toMatchObject({
        status: 405,
        body: { title: 'Method Not Allowed' },
      })
    },
  ],
  [
    'RU:error-codes',
    'with broken JSON is answered 400',
    async (amo) => {
      expect(await amo.post('/leads', '[{"name":')).toMatchObject({
        status: 400,
        body: { title: 'Bad Request', status: 400 },
      })
    },
  ],
])

tell('a list', [
  [
    'RU:catalogs-api',
    'has 50 items to a page unless asked otherwise',
    async (amo) => {
      const first = await amo.get('/catalogs/4521/elements')
      expect(first.body._embedded.elements).toHaveLength(50)
      expect(first.body._links.next.href).toContain('page=2')
    },
  ],
  [
    'GH#210',
    'gives 250 items at most, whatever was asked for',
    async (amo) => {
      await amo.post(
        '/contacts',
        Array.from({ length: 240 }, (_, index) => ({ name: `Гость ${index}` })),
      )
      const { body } = await amo.get('/contacts?limit=400')
      expect(body._embedded.contacts).toHaveLength(250)
      expect(body._links.self.href).toContain('limit=250')
    },
  ],
  [
    'GH#193',
    'names a next page only when there is something on it',
    async (amo) => {
      const second = await amo.get('/catalogs/4521/elements?limit=32&page=2')
      expect(second.body._embedded.elements).toHaveLength(32)
      expect(second.body._links.next).toBeUndefined()
      expect(second.body._links.prev.href).toContain('page=1')
    },
  ],
  [
    'RU:leads-api',
    'with nothing in it is 204 without a body',
    async (amo) => {
      expect(await amo.get('/leads')).toMatchObject({ status: 204, text: '' })
      expect(await amo.get('/contacts?page=99')).toMatchObject({ status: 204, text: '' })
    },
  ],
  [
    'RU:leads-api',
    'is sorted by order[field]',
    async (amo) => {
      const ids = [
        await amo.lead({ created_at: 300 }),
        await amo.lead({ created_at: 100 }),
        await amo.lead({ created_at: 200 }),
      ]
      const idsBy = async (order: string) =>
        (await amo.get(`/leads?order${order}`)).body._embedded.leads.map(({ id }: { id: number }) => ids.indexOf(id))
      expect(await idsBy('[created_at]=asc')).toEqual([1, 2, 0])
      expect(await idsBy('[id]=desc')).toEqual([2, 1, 0])
      expect(await idsBy('[name]=desc')).toEqual([0, 1, 2])
    },
  ],
  [
    'RU:error-codes',
    'has no 404: an id that is not there is 204',
    async (amo) => {
      expect(await amo.get('/leads/1')).toMatchObject({ status: 204, text: '' })
      expect(await amo.get('/contacts/1')).toMatchObject({ status: 204, text: '' })
    },
  ],
])

tell('a search', [
  [
    'RU:contacts-api',
    'by query finds any part of a name or a filled text, in any case',
    async (amo) => {
      const names = async (text: string) => {
        const { body } = await amo.get(`/contacts?query=${encodeURIComponent(text)}`)
        return body === '' ? [] : body._embedded.contacts.map(({ name }: { name: string }) => name)
      }
      expect(await names('ромашка, ЗАКУПКИ')).toEqual(['ООО Ромашка, закупки'])
      expect(await names('partner42@')).toEqual(['ООО Ромашка, закупки'])
      expect((await names('42')).length).toBeGreaterThan(1)
    },
  ],
  [
    '3P:ufee/amoapi-v4',
    'by query finds a phone by its digits',
    async (amo) => {
      const { body } = await amo.get('/contacts?query=9123456789')
      expect(body._embedded.contacts).toMatchObject([{ id: 7143599 }])
    },
  ],
  [
    '§4.3',
    'by query does not see what was written a moment ago',
    async (amo) => {
      await amo.lead({ name: 'Заказ ORD-77' })
      expect((await amo.get('/leads?query=ORD-77')).status).toBe(204)
      amo.advance(2000)
      expect((await amo.get('/leads?query=ord-77')).body._embedded.leads).toHaveLength(1)
    },
  ],
  [
    'GH#71',
    'by filter is passed over in silence where the account has not paid for it',
    async (amo) => {
      const { body } = await amo.get('/contacts?filter[custom_fields_values][641351][]=42&limit=250')
      expect(body._embedded.contacts.length).toBeGreaterThan(60)
    },
  ],
  [
    'RU:filters-api',
    'by filter works where it is paid for',
    async (amo) => {
      await amo.settings({ is_api_filter_enabled: true })
      const found = async (filter: string) => (await amo.get(`/contacts?${filter}`)).body._embedded.contacts
      expect(await found('filter[custom_fields_values][641351][]=42')).toMatchObject([{ id: 7143603 }])
      expect(await found('filter[id][]=7143599&filter[id][]=7143605')).toHaveLength(2)
      expect(await found('filter[name]=Анна Ким')).toMatchObject([{ id: 7143605 }])
      expect((await amo.get('/account?with=is_api_filter_enabled')).body.is_api_filter_enabled).toBe(true)
    },
  ],
  [
    'GH#348',
    'by filter takes the number of a field, not its code',
    async (amo) => {
      await amo.settings({ is_api_filter_enabled: true })
      const { body } = await amo.get('/contacts?filter[custom_fields_values][PHONE][]=1&limit=250')
      expect(body._embedded.contacts.length).toBeGreaterThan(60)
    },
  ],
])
