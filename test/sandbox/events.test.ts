import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Client, connect, faultsOf, tell } from './client.ts'

interface Event {
  id: string
  type: string
  entity_id: number
  _embedded: { entity: object }
}

async function events(amo: Client, query = ''): Promise<Event[]> {
  const { body } = await amo.get(`/events?limit=100&${query}`)
  return body._embedded?.events ?? []
}

const types = async (amo: Client, query = '') => (await events(amo, query)).map(({ type }) => type)
const latest = async (amo: Client, type: string) => (await events(amo, `filter[type]=${type}`))[0]

tell('events', [
  [
    'RU:events-and-notes',
    'are none at first, then newest first and of 26 characters',
    async (amo) => {
      expect(await amo.get('/events')).toMatchObject({ status: 204, text: '' })
      const first = await amo.lead()
      const second = await amo.lead()
      const [newest, oldest] = await events(amo)
      expect([newest?.entity_id, oldest?.entity_id]).toEqual([second, first])
      expect(newest?.id).toMatch(/^[0-9a-z]{26}$/)
      expect(newest?.id).not.toBe(oldest?.id)
    },
  ],
  [
    'RU:events-and-notes',
    'of a new lead in the documented shape, and one by its id',
    async (amo) => {
      const id = await amo.lead({ name: 'Заказ 7' })
      const [event] = await events(amo)
      const shape = {
        id: event?.id,
        type: 'lead_added',
        entity_id: id,
        entity_type: 'lead',
        created_by: 504141,
        created_at: amo.seconds(),
        value_after: [{ note: { id: expect.any(Number) } }],
        value_before: [],
        account_id: 31000001,
        _links: { self: { href: `${amo.sandbox.url}/api/v4/events/${event?.id}` } },
        _embedded: { entity: { id, _links: { self: { href: `${amo.sandbox.url}/api/v4/leads/${id}` } } } },
      }
      expect(event).toEqual(shape)
      expect((await amo.get(`/events/${event?.id}`)).body).toEqual(shape)
      expect((await amo.get(`/events/${event?.id}?with=lead_name`)).body._embedded.entity.name).toBe('Заказ 7')
      expect((await amo.get('/events/01pz58t6p04ymgsgfbmfyfy1mf')).status).toBe(204)
    },
  ],
  [
    'RU:leads-api',
    'have created_by 0 where the client writes as a robot',
    async (amo) => {
      const id = await amo.lead({ created_by: 0 })
      expect(await latest(amo, 'lead_added')).toMatchObject({ created_by: 0 })
      await amo.patch(`/leads/${id}`, { price: 5 })
      expect(await latest(amo, 'sale_field_changed')).toMatchObject({ created_by: 504141 })
    },
  ],
  [
    'RU:events-and-notes',
    'tell what a change of a lead has changed, each thing by itself',
    async (amo) => {
      await amo.admin('/reset', {
        users: [
          { id: 504141, name: 'A' },
          { id: 504143, name: 'B' },
        ],
      })
      await amo.settings({ rate_limit: null })
      const id = await amo.lead({ name: 'Было', price: 100, tags_to_add: [{ name: 'old' }] })
      await amo.patch(`/leads/${id}`, {
        name: 'Стало',
        price: 155,
        status_id: 142,
        responsible_user_id: 504143,
        tags_to_add: [{ name: 'new' }],
        tags_to_delete: [{ name: 'old' }],
        custom_fields_values: [{ field_id: 685731, values: [{ value: 'Иван' }] }],
      })
      const expected = {
        name_field_changed: [{ name_field_value: { name: 'Было' } }, { name_field_value: { name: 'Стало' } }],
        sale_field_changed: [{ sale_field_value: { sale: 100 } }, { sale_field_value: { sale: 155 } }],
        lead_status_changed: [
          { lead_status: { id: 26034988, pipeline_id: 1731979 } },
          { lead_status: { id: 142, pipeline_id: 1731979 } },
        ],
        entity_responsible_changed: [{ responsible_user: { id: 504141 } }, { responsible_user: { id: 504143 } }],
      }
      for (const [type, [before, after]] of Object.entries(expected)) {
        expect(await latest(amo, type)).toMatchObject({ entity_id: id, value_before: [before], value_after: [after] })
      }
      expect(await latest(amo, 'entity_tag_added')).toMatchObject({ value_after: [{ tag: { name: 'new' } }] })
      expect(await latest(amo, 'entity_tag_deleted')).toMatchObject({ value_before: [{ tag: { name: 'old' } }] })
      expect(await latest(amo, 'custom_field_685731_value_changed')).toMatchObject({
        value_before: [],
        value_after: [{ custom_field_value: { field_id: 685731, field_type: 1, enum_id: null, text: 'Иван' } }],
      })
      expect(await types(amo)).toHaveLength(8)
    },
  ],
  [
    'RU:events-and-notes',
    'name their entities where that is asked for',
    async (amo) => {
      await amo.patch('/contacts/7143599', { name: 'Росс' })
      const company = await amo.post('/companies', [{ name: 'ООО' }])
      const lead = await amo.lead()
      await amo.post(`/leads/${lead}/link`, [
        { to_entity_id: 525439, to_entity_type: 'catalog_elements', metadata: { catalog_id: 4521 } },
      ])
      const named = async (asked: string, entity: string) =>
        (await events(amo, `with=${asked}&filter[entity]=${entity}`)).map(({ _embedded }) => _embedded.entity)
      expect(await named('contact_name', 'contact')).toMatchObject([{ id: 7143599, name: 'Росс' }])
      expect(await named('company_name,lead_name', 'company')).toMatchObject([
        { id: company.body._embedded.companies[0].id, name: 'ООО' },
      ])
      expect(await named('catalog_element_name,catalog_name', 'catalog_4521')).toMatchObject([
        { id: 525439, name: 'Автоклав - Бак с переливом', catalog_id: 4521, catalog_name: 'Товары' },
      ])
      expect((await named('lead_name', 'contact'))[0]).not.toHaveProperty('name')
    },
  ],
  [
    'contract',
    'are not made by a change to what is already so, nor by a request that is refused',
    async (amo) => {
      const id = await amo.lead({ price: 5 })
      await amo.patch(`/leads/${id}`, { price: 5 })
      expect((await amo.patch('/leads', [{ id, price: 7 }, { id: 1 }])).status).toBe(400)
      expect(await types(amo)).toEqual(['lead_added'])
    },
  ],
  [
    'RU:events-and-notes',
    'tell of contacts, companies, notes and tasks',
    async (amo) => {
      const contact = (await amo.post('/contacts', [{ name: 'Анна' }])).body._embedded.contacts[0].id
      await amo.post('/companies', [{ name: 'ООО' }])
      const notes = await amo.post(`/contacts/${contact}/notes`, [
        { note_type: 'common', params: { text: 'а' } },
        { note_type: 'service_message', params: { service: 's', text: 'б' } },
        { note_type: 'sms_out', params: { phone: '1', text: 'в' } },
      ])
      const task = (await amo.post('/tasks', [{ text: 'т', complete_till: 9 }])).body._embedded.tasks[0].id
      await amo.patch(`/tasks/${task}`, {
        text: 'у',
        complete_till: 10,
        task_type_id: 2,
        is_completed: true,
        result: { text: 'ок' },
      })
      expect(await types(amo)).toEqual([
        'task_completed',
        'task_result_added',
        'task_deadline_changed',
        'task_type_changed',
        'task_text_changed',
        'task_added',
        'outgoing_sms',
        'service_note_added',
        'common_note_added',
        'company_added',
        'contact_added',
      ])
      expect(await latest(amo, 'common_note_added')).toMatchObject({
        entity_type: 'contact',
        entity_id: contact,
        value_after: [{ note: { id: notes.body._embedded.notes[0].id } }],
      })
      expect(await latest(amo, 'task_deadline_changed')).toMatchObject({
        entity_type: 'task',
        value_before: [{ task_deadline: { timestamp: 9 } }],
        value_after: [{ task_deadline: { timestamp: 10 } }],
        _embedded: { entity: { _links: { self: { href: expect.stringContaining(`/tasks/${task}`) } } } },
      })
    },
  ],
  [
    'RU:events-and-notes',
    'tell both ends of a link, and of its end',
    async (amo) => {
      const id = await amo.lead({ _embedded: { contacts: [{ id: 7143599 }] } })
      expect(await events(amo, 'filter[type]=entity_linked')).toMatchObject([
        { entity_type: 'contact', entity_id: 7143599, value_after: [{ link: { entity: { type: 'lead', id } } }] },
        { entity_type: 'lead', entity_id: id, value_after: [{ link: { entity: { type: 'contact', id: 7143599 } } }] },
      ])
      const end = { to_entity_id: 525439, to_entity_type: 'catalog_elements', metadata: { catalog_id: 4521 } }
      await amo.post(`/leads/${id}/link`, [end])
      await amo.post(`/leads/${id}/link`, [{ ...end, metadata: { catalog_id: 4521, quantity: 5 } }])
      expect(await events(amo, 'filter[type]=entity_linked&filter[entity]=catalog_4521')).toMatchObject([
        { entity_id: 525439, _embedded: { entity: { catalog_id: 4521 } } },
      ])
      await amo.post(`/leads/${id}/unlink`, [end])
      expect(await events(amo, 'filter[type]=entity_unlinked&filter[entity]=lead')).toMatchObject([
        {
          entity_id: id,
          value_before: [{ unlink: { entity: { type: 'catalog_4521', id: 525439 } } }],
          value_after: [],
        },
      ])
    },
  ],
  [
    'SDK:EventsFilter',
    'are filtered by lists with brackets or with commas',
    async (amo) => {
      const id = await amo.lead()
      await amo.patch(`/leads/${id}`, { price: 1, name: 'x' })
      const both = ['name_field_changed', 'lead_added']
      expect((await types(amo, `filter[type]=${both.join(',')}`)).sort()).toEqual(both.toSorted())
      expect((await types(amo, `filter[type][]=${both.join('&filter[type][]=')}`)).sort()).toEqual(both.toSorted())
      expect(await types(amo, 'filter[entity]=contact,task')).toEqual([])
      expect(await types(amo, `filter[entity]=lead&filter[entity_id]=${id},5`)).toHaveLength(3)
      expect(await types(amo, 'filter[created_by]=5')).toEqual([])
      const [first, second] = await events(amo)
      expect(await events(amo, `filter[id]=${first?.id},${second?.id}`)).toHaveLength(2)
    },
  ],
  [
    'RU:events-and-notes',
    'are filtered by time, a single value being from',
    async (amo) => {
      await amo.lead()
      amo.advance(10_000)
      const [from, later] = [amo.seconds(), await amo.lead()]
      expect(await events(amo, `filter[created_at]=${from}`)).toMatchObject([{ entity_id: later }])
      expect(await events(amo, `filter[created_at][from]=0&filter[created_at][to]=${from - 1}`)).toHaveLength(1)
    },
  ],
  [
    'RU:events-and-notes',
    'are filtered by the value before or after',
    async (amo) => {
      const id = await amo.lead({ price: 1 })
      await amo.patch(`/leads/${id}`, { price: 155, status_id: 26034991 })
      await amo.patch(`/leads/${id}`, { price: 200, status_id: 142 })
      await amo.patch('/contacts/7143599', {
        custom_fields_values: [{ field_code: 'PHONE', values: [{ value: '1', enum_code: 'HOME' }] }],
      })
      const after = 'filter[value_after]'
      expect(await types(amo, `${after}[value]=155`)).toEqual(['sale_field_changed'])
      expect(await types(amo, 'filter[value_before][value]=155')).toEqual(['sale_field_changed'])
      const stage = (of: string) =>
        `${of}[leads_statuses][0][pipeline_id]=1731979&${of}[leads_statuses][0][status_id]=142`
      expect(await types(amo, stage(after))).toEqual(['lead_status_changed'])
      expect(await types(amo, stage('filter[value_before]'))).toEqual([])
      const field = 'filter[type]=custom_field_641201_value_changed'
      expect(await types(amo, `${field}&${after}[custom_field_values]=5,193234`)).toHaveLength(1)
      expect(await types(amo, `${field}&${after}[custom_field_values]=193226`)).toEqual([])
      expect(await types(amo, 'filter[type]=custom_field_value_changed')).toHaveLength(1)
      expect(await types(amo, `${after}[responsible_user_id]=504141`)).toEqual([])
    },
  ],
  [
    'RU:events-and-notes',
    'refuse more than ten authors or entities, entities of no kind, and a field beside other types',
    async (amo) => {
      const eleven = Array.from({ length: 11 }, (_, index) => index).join(',')
      const faults = async (query: string) => faultsOf(await amo.get(`/events?${query}`))
      expect(await faults(`filter[created_by]=${eleven}`)).toEqual(['0: filter.created_by InvalidType'])
      expect(await faults(`filter[entity]=lead&filter[entity_id]=${eleven}`)).toEqual([
        '0: filter.entity_id InvalidType',
      ])
      expect(await faults('filter[entity_id]=1')).toEqual(['0: filter.entity InvalidType'])
      expect(await faults('filter[entity]=lead,contact&filter[entity_id]=1')).toEqual(['0: filter.entity InvalidType'])
      expect(await faults('filter[type]=lead_added,custom_field_5_value_changed')).toEqual([
        '0: filter.type InvalidType',
      ])
    },
  ],
  [
    'RU:events-and-notes',
    'come a hundred to a page at most',
    async (amo) => {
      await amo.post('/leads', Array(150).fill({}))
      const { body } = await amo.get('/events?limit=250')
      expect(body._embedded.events).toHaveLength(100)
      expect((await amo.get('/events?limit=250&page=2')).body._embedded.events).toHaveLength(50)
    },
  ],
  [
    'RU:events-and-notes',
    'have a dictionary of types',
    async (amo) => {
      const { _total_items, _embedded } = (await amo.get('/events/types')).body
      expect(_embedded.events_types).toHaveLength(_total_items)
      expect(_embedded.events_types[0]).toEqual({ key: 'lead_added', type: 1, lang: 'Новая сделка' })
      const numbers = _embedded.events_types.map(({ type }: { type: number }) => type)
      expect(new Set(numbers).size).toBe(_total_items)
    },
  ],
  [
    'contract',
    'name whoever sent the request, and tell of a thing once however often a request does it',
    async (amo) => {
      await amo.admin('/reset', {
        users: [
          { id: 504143, name: 'B' },
          { id: 504141, name: 'A' },
        ],
      })
      await amo.settings({ rate_limit: null })
      const id = await amo.lead()
      const end = { to_entity_id: 525439, to_entity_type: 'catalog_elements', metadata: { catalog_id: 4521 } }
      await amo.post(`/leads/${id}/link`, [end, { ...end, metadata: { catalog_id: 4521, quantity: 2 } }])
      const linked = await events(amo, 'filter[type]=entity_linked')
      expect(linked).toMatchObject([{ created_by: 504141 }, { created_by: 504141 }])
    },
  ],
  [
    '§10',
    'are seen late where that is set',
    async (amo) => {
      await amo.settings({ events_delay_ms: 5000 })
      await amo.lead()
      expect(await events(amo)).toEqual([])
      amo.advance(5000)
      expect(await types(amo)).toEqual(['lead_added'])
    },
  ],
  [
    '§10',
    'a reset forgets, and what the account is born with makes none',
    async (amo) => {
      await amo.lead()
      await amo.admin('/reset', {})
      expect((await amo.get('/events')).status).toBe(204)
    },
  ],
])

describe('the filter of events', () => {
  it('never breaks, whatever is asked', async () => {
    const amo = await connect()
    await amo.settings({ rate_limit: null })
    await amo.lead()
    const key = fc.constantFrom(
      'id',
      'type',
      'entity',
      'entity_id',
      'created_at',
      'created_by',
      'value_after',
      'value_before',
    )
    const inner = fc.constantFrom(
      '',
      '[]',
      '[0]',
      '[from]',
      '[value]',
      '[leads_statuses]',
      '[leads_statuses][0]',
      '[__proto__]',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(key, inner, fc.string({ unit: 'grapheme' }))), async (parts) => {
        const query = parts.map(([name, path, value]) => `filter[${name}]${path}=${encodeURIComponent(value)}`)
        expect([200, 204, 400]).toContain((await amo.get(`/events?${query.join('&')}`)).status)
      }),
      { numRuns: 150 },
    )
    await amo.sandbox.close()
  })
})
