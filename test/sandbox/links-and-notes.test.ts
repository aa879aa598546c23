import { expect } from 'vitest'
import { type Fact, faultsOf, tell } from './client.ts'

const product = (to_entity_id: number, metadata: object = {}) => ({
  to_entity_id,
  to_entity_type: 'catalog_elements',
  metadata: { catalog_id: 4521, ...metadata },
})

tell('links', [
  [
    'RU:entity-links-api',
    'of many leads are made at once and read back with the lead',
    async (amo) => {
      const id = await amo.lead()
      const answer = await amo.post('/leads/link', [
        { entity_id: id, ...product(525439, { quantity: 2, price_id: 271211 }) },
        { entity_id: id, ...product(525441, { quantity: 0.5 }) },
        { entity_id: id, to_entity_id: 7143601, to_entity_type: 'contacts', metadata: { is_main: true } },
      ])
      expect(answer).toMatchObject({
        status: 200,
        body: {
          _total_items: 3,
          _embedded: {
            links: [
              {
                entity_id: id,
                entity_type: 'leads',
                to_entity_id: 525439,
                metadata: { quantity: 2, catalog_id: 4521, price_id: 271211 },
              },
              { metadata: { quantity: 0.5, catalog_id: 4521 } },
              { to_entity_type: 'contacts', metadata: { main_contact: true } },
            ],
          },
        },
      })
      expect(answer.body._embedded.links[1].metadata).not.toHaveProperty('price_id')
      expect((await amo.get(`/leads/${id}?with=catalog_elements,contacts`)).body._embedded).toMatchObject({
        catalog_elements: [
          { id: 525439, metadata: { quantity: 2 } },
          { id: 525441, metadata: { quantity: 0.5 } },
        ],
        contacts: [{ id: 7143601, is_main: true }],
      })
    },
  ],
  [
    '3P:ufee/amoapi PR#44',
    'of an element already linked change its quantity',
    async (amo) => {
      const id = await amo.lead()
      await amo.post(`/leads/${id}/link`, [product(525439, { quantity: 2 }), product(525441)])
      await amo.post(`/leads/${id}/link`, [product(525439, { quantity: 5 })])
      expect((await amo.get(`/leads/${id}/links`)).body).toMatchObject({
        _total_items: 2,
        _embedded: {
          links: [
            { to_entity_id: 525439, metadata: { quantity: 5 } },
            { to_entity_id: 525441, metadata: { quantity: 1 } },
          ],
        },
      })
    },
  ],
  [
    'RU:entity-links-api',
    'to contacts leave one main contact',
    async (amo) => {
      const id = await amo.lead({ _embedded: { contacts: [{ id: 7143599 }] } })
      await amo.post(`/leads/${id}/link`, [
        { to_entity_id: 7143601, to_entity_type: 'contacts', metadata: { is_main: true } },
      ])
      const { body } = await amo.get(`/leads/${id}?with=contacts`)
      expect(body._embedded.contacts).toMatchObject([
        { id: 7143601, is_main: true },
        { id: 7143599, is_main: false },
      ])
      expect((await amo.get('/contacts/7143599?with=leads')).body._embedded.leads).toMatchObject([{ id }])
    },
  ],
  [
    'GH#314',
    'are refused as a whole for an unknown end or an extra key',
    async (amo) => {
      const id = await amo.lead()
      const answer = await amo.post('/leads/link', [
        { entity_id: id, ...product(525439) },
        { entity_id: 1, ...product(525439) },
        { entity_id: id, ...product(1) },
        { entity_id: id, ...product(525439, { from_catalog_id: 4521 }) },
        { entity_id: id, to_entity_id: 525439, to_entity_type: 'catalog_elements' },
        { entity_id: id, ...product(525439, { price_id: 12500 }) },
        { entity_id: id, ...product(525439, { updated_by: 7 }) },
        product(525439),
      ])
      expect(faultsOf(answer)).toEqual([
        '1: entity_id NotSupportedChoice',
        '2: to_entity_id NotSupportedChoice',
        '3: metadata.from_catalog_id FieldNotExpected',
        '4: metadata.catalog_id FieldMissing',
        '5: metadata.price_id NotSupportedChoice',
        '6: metadata.updated_by NotSupportedChoice',
        '7: entity_id FieldMissing',
      ])
      expect((await amo.get(`/leads/${id}/links`)).status).toBe(204)
    },
  ],
  [
    'RU:entity-links-api',
    'of many leads are read by entity_id, which is required',
    async (amo) => {
      const [one, two] = [await amo.lead(), await amo.lead()]
      await amo.post('/leads/link', [
        { entity_id: one, ...product(525439) },
        { entity_id: two, ...product(525441) },
      ])
      const { body } = await amo.get(`/leads/links?filter[entity_id][]=${one}&filter[entity_id][]=${two}`)
      expect(body._embedded.links).toMatchObject([{ entity_id: one }, { entity_id: two }])
      expect((await amo.get('/leads/links')).status).toBe(400)
      const sixty = Array.from(
        { length: 60 },
        (_, index) => `filter[entity_id][${index}]=${index === 59 ? two : index + 1}`,
      )
      expect((await amo.get(`/leads/links?${sixty.join('&')}`)).body._total_items).toBe(1)
    },
  ],
  [
    'RU:entity-links-api',
    'of one lead are filtered by what they lead to',
    async (amo) => {
      const id = await amo.lead({ _embedded: { contacts: [{ id: 7143599 }] } })
      await amo.post(`/leads/${id}/link`, [product(525439)])
      const { body } = await amo.get(
        `/leads/${id}/links?filter[to_entity_type]=catalog_elements&filter[to_catalog_id]=4521`,
      )
      expect(body._embedded.links).toEqual([
        { to_entity_id: 525439, to_entity_type: 'catalog_elements', metadata: { quantity: 1, catalog_id: 4521 } },
      ])
    },
  ],
  [
    'RU:entity-links-api',
    'are removed with 204',
    async (amo) => {
      const id = await amo.lead()
      await amo.post(`/leads/${id}/link`, [product(525439), product(525441)])
      expect(await amo.post('/leads/unlink', [{ entity_id: id, ...product(525439) }])).toMatchObject({
        status: 204,
        text: '',
      })
      expect((await amo.get(`/leads/${id}/links`)).body._embedded.links).toMatchObject([{ to_entity_id: 525441 }])
    },
  ],
])

/** A link that is made from one end and seen from both. */
const pairs: [type: string, id: number, to: string, toId: number][] = [
  ['contacts', 7143599, 'companies', 7143801],
  ['companies', 7143801, 'contacts', 7143599],
]

tell('links of contacts and companies', [
  ...pairs.map(
    ([type, id, to, toId]): Fact => [
      'RU:entity-links-api',
      `lead from ${type} to ${to} and back`,
      async (amo) => {
        const link = { to_entity_id: toId, to_entity_type: to }
        expect((await amo.post(`/${type}/link`, [{ entity_id: id, ...link }])).body._embedded.links).toEqual([
          { entity_id: id, entity_type: type, ...link, metadata: null },
        ])
        expect((await amo.get(`/${type}/${id}/links`)).body._embedded.links).toEqual([{ ...link, metadata: null }])
        expect((await amo.get(`/${to}/links?filter[entity_id][]=${toId}`)).body._embedded.links).toMatchObject([
          { entity_id: toId, entity_type: to, to_entity_id: id, to_entity_type: type },
        ])
        expect((await amo.get('/contacts/7143599')).body._embedded.companies).toMatchObject([{ id: 7143801 }])
        expect((await amo.get('/companies/7143801?with=contacts')).body._embedded.contacts).toMatchObject([
          { id: 7143599 },
        ])
        const back = { to_entity_id: id, to_entity_type: type }
        expect((await amo.post(`/${to}/${toId}/unlink`, [back])).status).toBe(204)
        expect((await amo.get(`/${type}/${id}/links`)).status).toBe(204)
      },
    ],
  ),
  [
    'SDK:LinkModel',
    'lead to leads, where the first contact is the main one',
    async (amo) => {
      const id = await amo.lead()
      const lead = { to_entity_id: id, to_entity_type: 'leads', entity_type: 'contacts' }
      const { body } = await amo.post('/contacts/7143599/link', [lead])
      expect(body._embedded.links).toMatchObject([
        { entity_id: 7143599, to_entity_id: id, metadata: { main_contact: true } },
      ])
      await amo.post('/companies/7143801/link', [{ to_entity_id: id, to_entity_type: 'leads' }])
      expect((await amo.get(`/leads/${id}?with=contacts`)).body._embedded).toMatchObject({
        contacts: [{ id: 7143599, is_main: true }],
        companies: [{ id: 7143801 }],
      })
      expect((await amo.get('/companies/7143801?with=leads')).body._embedded.leads).toMatchObject([{ id }])
    },
  ],
  [
    'RU:entity-links-api',
    'lead to products with their quantity',
    async (amo) => {
      await amo.post('/contacts/7143599/link', [product(525439, { quantity: 3 })])
      await amo.post('/contacts/7143599/link', [product(525439, { quantity: 4 })])
      const metadata = { quantity: 4, catalog_id: 4521 }
      expect((await amo.get('/contacts/7143599?with=catalog_elements')).body._embedded.catalog_elements).toEqual([
        { id: 525439, metadata },
      ])
      expect((await amo.post('/companies/7143801/link', [product(525439)])).status).toBe(200)
    },
  ],
  [
    'RU:entity-links-api',
    'do not lead to customers, to their own kind or to what is not there',
    async (amo) => {
      const answer = await amo.post('/contacts/7143599/link', [
        { to_entity_id: 1, to_entity_type: 'customers' },
        { to_entity_id: 7143601, to_entity_type: 'contacts' },
        { to_entity_id: 1, to_entity_type: 'companies' },
        { to_entity_id: 7143801, to_entity_type: 'companies', entity_type: 'leads' },
        { to_entity_id: 7143801, to_entity_type: 'companies', colour: 'red' },
      ])
      expect(faultsOf(answer)).toEqual([
        '0: to_entity_type NotSupportedChoice',
        '1: to_entity_type NotSupportedChoice',
        '2: to_entity_id NotSupportedChoice',
        '3: entity_type NotSupportedChoice',
        '4: colour FieldNotExpected',
      ])
      for (const type of ['contacts', 'companies']) expect((await amo.get(`/${type}/links`)).status).toBe(400)
      expect((await amo.post('/contacts/1/link', [product(525439)])).status).toBe(404)
    },
  ],
  [
    'RU:catalogs-api',
    'of a list whose elements go with one lead only are refused for a second one',
    async (amo) => {
      await amo.patch('/catalogs/4521', { can_link_multiple: false })
      const [one, two] = [await amo.lead(), await amo.lead()]
      expect((await amo.post(`/leads/${one}/link`, [product(525439)])).status).toBe(200)
      expect((await amo.post(`/leads/${one}/link`, [product(525439, { quantity: 2 })])).status).toBe(200)
      expect(faultsOf(await amo.post(`/leads/${two}/link`, [product(525439)]))).toEqual([
        '0: to_entity_id NotSupportedChoice',
      ])
      const both = [one, two].map((entity_id) => ({ entity_id, ...product(525441) }))
      expect(faultsOf(await amo.post('/leads/link', both))).toEqual(['1: to_entity_id NotSupportedChoice'])
      await amo.post(`/leads/${one}/unlink`, [product(525439)])
      expect((await amo.post(`/leads/${two}/link`, [product(525439)])).status).toBe(200)
    },
  ],
])

const note = (text: string, more: object = {}) => ({ note_type: 'common', params: { text }, ...more })

tell('notes', [
  [
    'RU:events-and-notes',
    'are answered with id, entity_id and request_id',
    async (amo) => {
      const id = await amo.lead()
      const answer = await amo.post('/leads/notes', [
        note('a', { entity_id: id, request_id: 'n1' }),
        note('b', { entity_id: id }),
      ])
      expect(answer).toMatchObject({
        status: 200,
        body: {
          _embedded: {
            notes: [
              {
                entity_id: id,
                request_id: 'n1',
                _links: { self: { href: expect.stringContaining(`/leads/${id}/notes/`) } },
              },
              { entity_id: id, request_id: '1' },
            ],
          },
        },
      })
    },
  ],
  [
    'RU:events-and-notes',
    'are read back by entity, by type and line by line',
    async (amo) => {
      const [one, two] = [await amo.lead(), await amo.lead()]
      await amo.post(`/leads/${one}/notes`, [
        note('Состав:\n1. Бак × 2', { created_by: 0 }),
        { note_type: 'service_message', params: { service: 'Shop', text: 'оплачено' } },
      ])
      await amo.post(`/leads/${two}/notes`, [note('other')])
      const read = async (query: string) => (await amo.get(`/leads/notes?${query}`)).body._embedded.notes
      expect(await read(`filter[entity_id][]=${one}`)).toMatchObject([
        {
          entity_id: one,
          created_by: 0,
          note_type: 'common',
          params: { text: 'Состав:\n1. Бак × 2' },
          account_id: 31000001,
        },
        { note_type: 'service_message', params: { service: 'Shop' } },
      ])
      expect(await read('filter[note_type][]=common')).toHaveLength(2)
      expect(await read('limit=1&order[id]=desc')).toMatchObject([{ entity_id: two }])
      expect((await amo.get(`/leads/${two}/notes`)).body._embedded.notes).toHaveLength(1)
    },
  ],
  [
    'RU:events-and-notes',
    'need an entity, a type that can be written and its params',
    async (amo) => {
      const id = await amo.lead()
      const answer = await amo.post('/leads/notes', [
        note('a'),
        note('a', { entity_id: 1 }),
        note('a', { entity_id: id, note_type: 'zoom_meeting' }),
        { entity_id: id, note_type: 'service_message', params: { text: 'a' } },
        { entity_id: id, note_type: 'common', params: { text: 5 } },
      ])
      expect(faultsOf(answer)).toEqual([
        '0: entity_id FieldMissing',
        '1: entity_id NotSupportedChoice',
        '2: note_type NotSupportedChoice',
        '3: params.service FieldMissing',
        '4: params.text InvalidType',
      ])
      expect((await amo.get('/leads/notes')).status).toBe(204)
    },
  ],
  [
    'RU:events-and-notes',
    'are kept for contacts and companies as well',
    async (amo) => {
      for (const [type, id] of [
        ['contacts', 7143599],
        ['companies', 7143801],
      ] as const) {
        const created = await amo.post(`/${type}/notes`, [note('a', { entity_id: id }), note('b', { entity_id: id })])
        const [first] = created.body._embedded.notes
        expect((await amo.get(`/${type}/${id}/notes`)).body._embedded.notes).toHaveLength(2)
        for (const path of [`/${type}/notes/${first.id}`, `/${type}/${id}/notes/${first.id}`]) {
          expect((await amo.get(path)).body, path).toMatchObject({ id: first.id, entity_id: id, params: { text: 'a' } })
        }
        expect((await amo.get(`/leads/notes/${first.id}`)).status).toBe(204)
        expect((await amo.get(`/${type}/1/notes`)).status).toBe(404)
      }
    },
  ],
  [
    'RU:events-and-notes',
    'are changed together or one by one',
    async (amo) => {
      const id = await amo.lead()
      const created = await amo.post(`/leads/${id}/notes`, [note('a'), note('b')])
      const [first, second] = created.body._embedded.notes
      amo.advance(5000)
      const answer = await amo.patch('/leads/notes', [{ id: first.id, note_type: 'common', params: { text: 'A' } }])
      expect(answer.body._embedded.notes).toMatchObject([{ id: first.id, entity_id: id, updated_at: amo.seconds() }])
      const twice = [
        { id: second.id, responsible_user_id: 0 },
        { id: second.id, params: { text: 'b2' } },
      ]
      expect((await amo.patch('/leads/notes', twice)).status).toBe(200)
      expect((await amo.get(`/leads/notes/${second.id}`)).body).toMatchObject({
        responsible_user_id: 0,
        params: { text: 'b2' },
      })
      const one = await amo.patch(`/leads/${id}/notes/${second.id}`, { note_type: 'common', params: { text: 'B' } })
      expect(one.body).toMatchObject({ id: second.id, entity_id: id })
      expect((await amo.get(`/leads/${id}/notes`)).body._embedded.notes).toMatchObject([
        { params: { text: 'A' }, updated_at: amo.seconds(), created_at: amo.seconds() - 5 },
        { params: { text: 'B' } },
      ])
      const since = `filter[updated_at]=${amo.seconds()}`
      await amo.post(`/leads/${id}/notes`, [note('c', { created_at: 5 })])
      expect((await amo.get(`/leads/notes?${since}`)).body._embedded.notes).toHaveLength(2)
      const faulty = await amo.patch('/leads/notes', [
        { id: 1, params: { text: 'x' } },
        { params: { text: 'x' } },
        { id: first.id, params: { words: 'x' } },
        { id: first.id, note_type: 'sms_in', params: { text: 'x' } },
      ])
      expect(faultsOf(faulty)).toEqual([
        '0: id NotSupportedChoice',
        '1: id FieldMissing',
        '2: params.text FieldMissing',
        '2: params.words FieldNotExpected',
        '3: params.phone FieldMissing',
      ])
      expect((await amo.patch(`/leads/${id}/notes/1`, { params: { text: 'x' } })).status).toBe(404)
    },
  ],
])

const call = { uniq: 'u1', duration: 30, source: 'АТС', link: 'https://a.example/1.mp3', phone: '+7 1' }

/** Types that can be written with params that they take, and those that they do not. */
const noteTypes: [type: string, params: object, wrong: object, fault: string][] = [
  ['common', { text: 'a' }, {}, 'text FieldMissing'],
  ['service_message', { service: 'Shop', text: 'a' }, { service: 'Shop' }, 'text FieldMissing'],
  ['extended_service_message', { service: 'Shop', text: 'a' }, { text: 'a' }, 'service FieldMissing'],
  ['call_in', { ...call, call_responsible: 504141 }, { ...call, duration: '30' }, 'duration InvalidType'],
  ['call_out', { ...call, call_responsible: 'Пётр' }, { ...call, uniq: undefined }, 'uniq FieldMissing'],
  ['message_cashier', { status: 'shown', text: 'a' }, { status: 'lost', text: 'a' }, 'status NotSupportedChoice'],
  [
    'geolocation',
    { text: 'a', address: 'Омск', longitude: '73.36', latitude: '54.98' },
    { text: 'a', address: 'Омск', longitude: '73.36' },
    'latitude FieldMissing',
  ],
  ['sms_in', { text: 'a', phone: '+7 1' }, { text: 'a' }, 'phone FieldMissing'],
  ['sms_out', { text: 'a', phone: '+7 1' }, { text: 'a', phone: 71 }, 'phone InvalidType'],
  ['attachment', { file_uuid: 'u', file_name: 'a.pdf' }, { file_name: 'a.pdf' }, 'file_uuid FieldMissing'],
]

tell(
  'a note',
  noteTypes.map(([note_type, params, wrong, fault]) => [
    'RU:events-and-notes',
    `of type ${note_type} is written and read with its params`,
    async (amo) => {
      const path = `/leads/${await amo.lead()}/notes`
      expect(faultsOf(await amo.post(path, [{ note_type, params: wrong }]))).toEqual([`0: params.${fault}`])
      expect((await amo.post(path, [{ note_type, params }])).status).toBe(200)
      expect((await amo.get(path)).body._embedded.notes).toMatchObject([{ note_type, params }])
    },
  ]),
)

tell('a note that only amoCRM writes', [
  [
    'SDK:Models/Factories/NoteFactory',
    'cannot be written',
    async (amo) => {
      const path = `/leads/${await amo.lead()}/notes`
      for (const note_type of ['amomail_message', 'site_visit', 'link_followed', 'constructor']) {
        const answer = await amo.post(path, [{ note_type, params: { text: 'a' } }])
        expect(faultsOf(answer)).toEqual(['0: note_type NotSupportedChoice'])
      }
    },
  ],
])
