import { expect } from 'vitest'
import { type Client, faultsOf, tell } from './client.ts'

const text = (field_id: number, value: string) => ({ field_id, values: [{ value }] })
const mixed = [{ name: 'A', request_id: 'a' }, { name: 'B', status_id: 1 }, { name: 'C' }]

async function namesOfLeads(amo: Client): Promise<string[]> {
  const { body } = await amo.get('/leads')
  return body === '' ? [] : body._embedded.leads.map(({ name }: { name: string }) => name)
}

tell('a batch with one faulty item', [
  [
    '§3.2',
    'is refused as a whole',
    async (amo) => {
      expect(faultsOf(await amo.post('/leads', mixed))).toEqual(['1: status_id NotSupportedChoice'])
      expect(await namesOfLeads(amo)).toEqual([])
    },
  ],
  [
    '§3.2',
    'can be set to lose that item only, and the others keep their request ids',
    async (amo) => {
      await amo.settings({ batch_failure: 'partial_200' })
      const { status, body } = await amo.post('/leads', mixed)
      expect(status).toBe(200)
      expect(body._embedded.leads).toMatchObject([{ request_id: 'a' }, { request_id: '2' }])
      expect(await namesOfLeads(amo)).toEqual(['A', 'C'])
    },
  ],
  [
    '§3.2',
    'can be set to be refused although the others have been written',
    async (amo) => {
      await amo.settings({ batch_failure: 'partial_400' })
      expect(faultsOf(await amo.post('/leads', mixed))).toEqual(['1: status_id NotSupportedChoice'])
      expect(await namesOfLeads(amo)).toEqual(['A', 'C'])
    },
  ],
  [
    '§3.2',
    'is refused in any case when nothing in it is good',
    async (amo) => {
      await amo.settings({ batch_failure: 'partial_200' })
      expect((await amo.post('/leads', [{ status_id: 1 }])).status).toBe(400)
    },
  ],
  [
    '§3.2',
    'is partial for links, notes, contacts and elements too',
    async (amo) => {
      await amo.settings({ batch_failure: 'partial_200' })
      const id = await amo.lead()
      const contact = { to_entity_id: 7143599, to_entity_type: 'contacts' }
      const note = { note_type: 'common', params: { text: 'a' } }
      const writes: [path: string, items: object[]][] = [
        [`/leads/${id}/link`, [contact, { ...contact, to_entity_id: 1 }]],
        ['/leads/notes', [{ ...note, entity_id: id }, note]],
        ['/contacts', [{ name: 'A' }, { name: 5 }]],
        ['/catalogs/4521/elements', [{ name: 'A' }, {}]],
      ]
      for (const [path, items] of writes) {
        const { status, body } = await amo.post(path, items)
        expect(status, path).toBe(200)
        expect(Object.values(body._embedded)[0], path).toHaveLength(1)
      }
    },
  ],
])

tell('a setting', [
  [
    'KM:http-codes',
    'makes more than 250 items a 400',
    async (amo) => {
      const many = Array.from({ length: 251 }, () => ({}))
      expect((await amo.post('/leads', many)).status).toBe(422)
      await amo.settings({ batch_limit_status: 400 })
      expect(await amo.post('/leads', many)).toMatchObject({ status: 400, body: { detail: 'Limit 250 per page' } })
    },
  ],
  [
    '§4.2',
    'leaves the basic filters on where the add-on is off',
    async (amo) => {
      const [id] = [await amo.lead({ custom_fields_values: [text(685731, 'a')] }), await amo.lead()]
      const count = async (filter: string) => (await amo.get(`/leads?${filter}`)).body._embedded.leads.length
      expect(await count(`filter[id]=${id}`)).toBe(2)
      await amo.settings({ filters_off: 'ignore_custom_fields' })
      expect(await count(`filter[id]=${id}`)).toBe(1)
      expect(await count('filter[custom_fields_values][685731][]=a')).toBe(2)
    },
  ],
  [
    '§4.2',
    'makes a filter by text find parts of it',
    async (amo) => {
      await amo.lead({ name: 'Заказ ORD-10', custom_fields_values: [text(685731, 'ORD-10')] })
      await amo.lead({ name: 'Заказ ORD-1', custom_fields_values: [text(685731, 'ORD-1')] })
      await amo.settings({ is_api_filter_enabled: true })
      const count = async (filter: string) => (await amo.get(`/leads?${filter}`)).body._embedded?.leads.length ?? 0
      expect(await count('filter[custom_fields_values][685731][]=ORD-1')).toBe(1)
      expect(await count('filter[name]=ord-1')).toBe(0)
      await amo.settings({ text_filter: 'substring' })
      expect(await count('filter[custom_fields_values][685731][]=ord-1')).toBe(2)
      expect(await count('filter[name]=ord-1')).toBe(2)
    },
  ],
  [
    'GH#193',
    'names a next page after a full one although nothing is on it',
    async (amo) => {
      await amo.settings({ next_link_when_empty: true })
      for (const _each of [1, 2]) await amo.lead()
      const { body } = await amo.get('/leads?limit=2')
      const next = new URL(body._links.next.href)
      expect(await amo.get(`/leads${next.search}`)).toMatchObject({ status: 204, text: '' })
      expect((await amo.get('/leads?limit=3')).body._links).not.toHaveProperty('next')
    },
  ],
  [
    'GH#210',
    'makes a limit above 250 fall back to 50',
    async (amo) => {
      await amo.settings({ limit_above_250: 50 })
      const { body } = await amo.get('/contacts?limit=400')
      expect(body._embedded.contacts).toHaveLength(50)
      expect(body._links.self.href).toContain('limit=50')
      expect((await amo.get('/contacts?limit=250')).body._embedded.contacts).toHaveLength(69)
    },
  ],
  [
    '§4.3',
    'gives every change an index delay of its own',
    async (amo) => {
      await amo.settings({ query_index_delay_ms: { min: 1000, max: 5000 } })
      for (const _each of Array.from({ length: 20 })) await amo.lead({ name: 'Заказ ORD-7' })
      const found = async () => (await amo.get('/leads?query=ORD-7')).body._embedded?.leads.length ?? 0
      expect(await found()).toBe(0)
      amo.advance(3000)
      const some = await found()
      expect(some).toBeGreaterThan(0)
      expect(some).toBeLessThan(20)
      amo.advance(2000)
      expect(await found()).toBe(20)
    },
  ],
  [
    'GH#224',
    'gives errors other codes, or has a long text cut',
    async (amo) => {
      const lead = { custom_fields_values: [text(685731, 'я'.repeat(257))] }
      await amo.settings({ error_codes: { TooLong: 'InvalidLength' } })
      expect(faultsOf(await amo.post('/leads', [lead]))).toEqual([
        '0: custom_fields_values.0.values.0.value InvalidLength',
      ])
      await amo.settings({ long_text: 'cut' })
      const { body } = await amo.get(`/leads/${await amo.lead(lead)}`)
      expect(body.custom_fields_values[0].values).toEqual([{ value: 'я'.repeat(256) }])
    },
  ],
  [
    '§6.5',
    'refuses a phone without its kind',
    async (amo) => {
      const sent = [{ custom_fields_values: [{ field_code: 'PHONE', values: [{ value: '+7 1' }] }] }]
      expect((await amo.post('/contacts', sent)).status).toBe(200)
      await amo.settings({ multitext_without_enum: 'refuse' })
      expect(faultsOf(await amo.post('/contacts', sent))).toEqual([
        '0: custom_fields_values.0.values.0.enum_code FieldMissing',
      ])
    },
  ],
  [
    '§9',
    'limits the text of a note',
    async (amo) => {
      const id = await amo.lead()
      const note = (length: number) => [{ note_type: 'common', params: { text: 'я'.repeat(length) } }]
      expect((await amo.post(`/leads/${id}/notes`, note(20_000))).status).toBe(200)
      await amo.settings({ note_text_max: 100 })
      expect((await amo.post(`/leads/${id}/notes`, note(100))).status).toBe(200)
      expect(faultsOf(await amo.post(`/leads/${id}/notes`, note(101)))).toEqual(['0: params.text TooLong'])
    },
  ],
  [
    '§8.3',
    'makes the sum of the products the price of the lead',
    async (amo) => {
      const id = await amo.lead({ price: 5 })
      const product = (to_entity_id: number, quantity: number) => ({
        to_entity_id,
        to_entity_type: 'catalog_elements',
        metadata: { catalog_id: 4521, quantity },
      })
      const price = async () => (await amo.get(`/leads/${id}`)).body.price
      await amo.post(`/leads/${id}/link`, [product(525439, 2)])
      expect(await price()).toBe(5)
      await amo.settings({ links_set_price: true })
      await amo.post(`/leads/${id}/link`, [product(525441, 0.5)])
      expect(await price()).toBe(2 * 12_500 + 42_000)
      await amo.post(`/leads/${id}/unlink`, [product(525439, 2)])
      expect(await price()).toBe(42_000)
    },
  ],
  [
    '§14.3',
    'that is not known, or a value that is not, is named',
    async (amo) => {
      for (const [key, value] of Object.entries({
        batch_failure: 'x',
        limit_above_250: 7,
        duplicate_control: { main: {} },
      })) {
        const answer = await amo.settings({ [key]: value })
        expect(answer, key).toMatchObject({ status: 400, body: { detail: expect.stringContaining(key) } })
      }
    },
  ],
])
