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
