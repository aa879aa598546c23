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

tell('a filter that is paid for', [
  [
    'RU:filters-api',
    'compares each type of field in its own way',
    async (amo) => {
      await amo.settings({ is_api_filter_enabled: true })
      const make = async (type: string, extra: object = {}): Promise<number> =>
        (await amo.post('/leads/custom_fields', [{ name: type, type, ...extra }])).body._embedded.custom_fields[0].id
      const [number, flag, date] = [await make('numeric'), await make('checkbox'), await make('date')]
      const select = await make('select', { enums: [{ value: 'A' }, { value: 'B' }] })
      const filled = (amount: string, isSet: boolean, day: number, choice: string) => ({
        custom_fields_values: [
          text(number, amount),
          { field_id: flag, values: [{ value: isSet }] },
          { field_id: date, values: [{ value: day }] },
          text(select, choice),
        ],
      })
      const one = await amo.lead(filled('10', true, 1000, 'A'))
      const two = await amo.lead(filled('20.5', false, 2000, 'B'))
      const field = (await amo.get(`/leads/custom_fields/${select}`)).body
      const found = async (filter: string) => {
        const { body } = await amo.get(`/leads?filter[custom_fields_values]${filter}`)
        return body === '' ? [] : body._embedded.leads.map(({ id }: { id: number }) => id)
      }
      expect(await found(`[${number}][from]=15&filter[custom_fields_values][${number}][to]=30`)).toEqual([two])
      expect(await found(`[${number}][]=10`)).toEqual([one])
      expect(await found(`[${flag}]=1`)).toEqual([one])
      expect(await found(`[${flag}][]=0`)).toEqual([two])
      expect(await found(`[${date}][from]=1500`)).toEqual([two])
      expect(await found(`[${select}][]=${field.enums[0].id}`)).toEqual([one])
      expect(await found(`[${select}][]=A`)).toEqual([])
    },
  ],
  [
    'RU:filters-api',
    'does nothing for phones, for what only leads have, and for fields that are not there',
    async (amo) => {
      await amo.settings({ is_api_filter_enabled: true })
      for (const filter of ['[custom_fields_values][641201][]=x', '[price]=7', '[custom_fields_values][1][]=x']) {
        const { body } = await amo.get(`/contacts?limit=250&filter${filter}`)
        expect(body._embedded.contacts, filter).toHaveLength(69)
      }
    },
  ],
  [
    'RU:filters-api',
    'finds what has its closest task in a time',
    async (amo) => {
      await amo.settings({ is_api_filter_enabled: true })
      const [soon, late] = [await amo.lead(), await amo.lead(), await amo.lead()]
      const task = (entity_id: number | undefined, complete_till: number) => ({
        text: 'Позвонить',
        entity_id,
        entity_type: 'leads',
        complete_till,
      })
      await amo.post('/tasks', [task(soon, 2000), task(late, 5000)])
      const { body } = await amo.get('/leads?filter[closest_task_at][from]=1000&filter[closest_task_at][to]=3000')
      expect(body._embedded.leads).toMatchObject([{ id: soon }])
    },
  ],
  [
    'RU:filters-api',
    'takes ranges of price and times',
    async (amo) => {
      await amo.settings({ is_api_filter_enabled: true })
      const id = await amo.lead({ price: 500, status_id: 142, closed_at: 900 })
      await amo.lead({ price: 900 })
      for (const filter of [
        'filter[price][from]=400&filter[price][to]=600',
        'filter[closed_at][to]=900',
        'filter[responsible_user_id]=504141&filter[price][to]=500',
      ]) {
        expect((await amo.get(`/leads?${filter}`)).body._embedded.leads, filter).toMatchObject([{ id }])
      }
    },
  ],
])
