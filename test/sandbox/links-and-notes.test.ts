import { expect } from 'vitest'
import { faultsOf, tell } from './client.ts'

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
])
