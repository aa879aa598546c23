import { expect } from 'vitest'
import { type Client, faultsOf, tell } from './client.ts'

const twice = async (amo: Client, path: string, name: string, item: object) => {
  const ids = []
  for (const _time of [1, 2]) ids.push((await amo.post(path, [item])).body._embedded[name][0].id)
  return new Set(ids).size
}

tell('a write', [
  [
    '§0.2',
    'sent again makes another record, of whatever kind; only tags go by their name',
    async (amo) => {
      const note = { note_type: 'common', params: { text: 'а' }, request_id: 'n1' }
      const sku = [{ field_code: 'SKU', values: [{ value: 'TEA-1' }] }]
      expect(await twice(amo, '/contacts', 'contacts', { name: 'А', request_id: 'c1' })).toBe(2)
      expect(await twice(amo, `/leads/${await amo.lead()}/notes`, 'notes', note)).toBe(2)
      expect(await twice(amo, '/catalogs/4521/elements', 'elements', { name: 'Б', custom_fields_values: sku })).toBe(2)
      expect(await twice(amo, '/leads/tags', 'tags', { name: 'site' })).toBe(1)
    },
  ],
  [
    'RU:contacts-api',
    'has its request_id answered, and forgotten',
    async (amo) => {
      const id = await amo.lead({ request_id: 'ORD-1' })
      expect((await amo.get(`/leads/${id}`)).text).not.toContain('ORD-1')
      amo.advance(5000)
      expect((await amo.get('/leads?query=ORD-1')).status).toBe(204)
    },
  ],
  [
    'GH#128',
    'of a pipeline does not have its request_id answered',
    async (amo) => {
      const { text } = await amo.post('/leads/pipelines', [{ name: 'Опт', request_id: 'p1' }])
      expect(text).not.toContain('request_id')
    },
  ],
  [
    'RU:leads-api',
    'of a lead takes tags by their ids, where they are to be had',
    async (amo) => {
      const [tag] = (await amo.post('/leads/tags', [{ name: 'опт' }])).body._embedded.tags
      const id = await amo.lead({ tags_to_add: [{ id: tag.id }] })
      expect((await amo.get(`/leads/${id}`)).body._embedded.tags).toMatchObject([{ id: tag.id, name: 'опт' }])
      const [foreign] = (await amo.post('/contacts/tags', [{ name: 'опт' }])).body._embedded.tags
      const answer = await amo.post('/leads', [{ tags_to_add: [{ id: foreign.id }] }])
      expect(faultsOf(answer)).toEqual(['0: tags_to_add.0.id NotSupportedChoice'])
    },
  ],
  [
    'SDK',
    'of a lead takes what libraries send with it, and one company',
    async (amo) => {
      const source = { external_id: 'shop', type: 'widget' }
      const sent = { visitor_uid: 'v1', _embedded: { source, companies: [{ id: 7143801 }] } }
      expect((await amo.post('/leads', [sent])).status).toBe(200)
      const two = [{ _embedded: { companies: [{ id: 7143801 }, { id: 7143803 }] } }]
      expect(faultsOf(await amo.post('/leads', two))).toEqual(['0: _embedded.companies TooMany'])
    },
  ],
  [
    'RU:leads-api',
    'that changes a lead leaves its contacts and companies alone',
    async (amo) => {
      const id = await amo.lead({ _embedded: { contacts: [{ id: 7143599 }], companies: [{ id: 7143801 }] } })
      const embedded = { contacts: [{ id: 7143601 }], companies: [{ id: 7143803 }] }
      expect((await amo.patch(`/leads/${id}`, { _embedded: embedded })).status).toBe(200)
      expect((await amo.get(`/leads/${id}?with=contacts`)).body._embedded).toMatchObject({
        contacts: [{ id: 7143599 }],
        companies: [{ id: 7143801 }],
      })
    },
  ],
  [
    'RU:entity-links-api',
    'that unlinks an element has to name its list',
    async (amo) => {
      const id = await amo.lead()
      const end = { to_entity_id: 525439, to_entity_type: 'catalog_elements' }
      await amo.post(`/leads/${id}/link`, [{ ...end, metadata: { catalog_id: 4521 } }])
      expect(faultsOf(await amo.post(`/leads/${id}/unlink`, [end]))).toEqual(['0: metadata.catalog_id FieldMissing'])
      expect((await amo.get(`/leads/${id}/links`)).body._total_items).toBe(1)
    },
  ],
  [
    'RU:custom-fields',
    'of a group is for the fields of every kind of entity',
    async (amo) => {
      for (const place of ['leads', 'contacts', 'companies', 'catalogs/4521']) {
        const answer = await amo.post(`/${place}/custom_fields/groups`, [{ name: 'А' }])
        const [group] = answer.body._embedded.custom_field_groups
        expect(group.id, place).toMatch(new RegExp(`^${place.split('/')[0]}_\\d{14}$`))
      }
    },
  ],
])
