import { expect } from 'vitest'
import { faultsOf, tell } from './client.ts'

const text = (field_id: number, value: unknown) => ({ field_id, values: [{ value }] })

tell('creating leads', [
  [
    'RU:leads-api',
    'is answered 200 with ids and the request_id as it was sent',
    async (amo) => {
      const { status, body } = await amo.post('/leads', [{ name: 'A', request_id: 'ORD-1' }, { name: 'B' }])
      expect(status).toBe(200)
      expect(body._embedded.leads).toMatchObject([{ request_id: 'ORD-1' }, { request_id: '1' }])
      expect(Object.keys(body._embedded.leads[0]).sort()).toEqual(['_links', 'id', 'request_id'])
    },
  ],
  [
    'RU:leads-api',
    'keeps price, fields, tags and contacts',
    async (amo) => {
      const id = await amo.lead({
        price: 20000,
        created_by: 0,
        custom_fields_values: [text(685731, 'Иван'), { field_code: 'UTM_SOURCE', values: [{ value: 'ya' }] }],
        tags_to_add: [{ name: 'site' }],
        _embedded: { tags: [{ name: 'parom' }], contacts: [{ id: 7143599, is_main: true }, { id: 7143601 }] },
      })
      const { body } = await amo.get(`/leads/${id}?with=contacts,catalog_elements`)
      expect(body).toMatchObject({
        name: 'Заказ',
        price: 20000,
        pipeline_id: 1731979,
        status_id: 26034988,
        created_by: 0,
        responsible_user_id: 504141,
        created_at: amo.seconds(),
        closed_at: null,
        account_id: 31000001,
        custom_fields_values: [
          {
            field_id: 685731,
            field_name: 'Покупатель',
            field_code: null,
            field_type: 'text',
            values: [{ value: 'Иван' }],
          },
          { field_code: 'UTM_SOURCE', field_type: 'tracking_data' },
        ],
        _embedded: {
          tags: [{ name: 'parom' }, { name: 'site' }],
          contacts: [
            { id: 7143599, is_main: true },
            { id: 7143601, is_main: false },
          ],
          catalog_elements: [],
        },
      })
    },
  ],
  [
    'RU:leads-api',
    'shows contacts and products only when asked, and null for no fields',
    async (amo) => {
      const { body } = await amo.get(`/leads/${await amo.lead()}`)
      expect(Object.keys(body._embedded)).toEqual(['tags', 'companies'])
      expect(body.custom_fields_values).toBeNull()
    },
  ],
  [
    'RU:leads-api',
    'needs nothing at all',
    async (amo) => {
      const { status, body } = await amo.post('/leads', [{}])
      expect(status).toBe(200)
      const { name } = (await amo.get(`/leads/${body._embedded.leads[0].id}`)).body
      expect(name).toBe(`Сделка #${body._embedded.leads[0].id}`)
    },
  ],
  [
    '§0.2',
    'the same again makes a second lead',
    async (amo) => {
      const twice = [{ name: 'Заказ', request_id: 'ORD-1' }]
      const [first, second] = [await amo.post('/leads', twice), await amo.post('/leads', twice)]
      expect(first.body._embedded.leads[0].id).not.toBe(second.body._embedded.leads[0].id)
    },
  ],
  [
    'RU:leads_pipelines',
    'closes the lead where the stage is 142 or 143',
    async (amo) => {
      const id = await amo.lead({ status_id: 142 })
      expect((await amo.get(`/leads/${id}`)).body).toMatchObject({ status_id: 142, closed_at: amo.seconds() })
    },
  ],
  [
    'KM:http-codes',
    'needs an array with something in it, of 250 at most',
    async (amo) => {
      const empty = { status: 400, body: { detail: 'Request data can not be empty' } }
      expect(await amo.post('/leads', [])).toMatchObject(empty)
      expect(await amo.call('POST', '/api/v4/leads')).toMatchObject(empty)
      const many = await amo.post(
        '/leads',
        Array.from({ length: 251 }, () => ({})),
      )
      expect(many).toMatchObject({ status: 422, body: { detail: 'Limit 250 per page' } })
      expect(faultsOf(await amo.post('/leads', { name: 'A' }))).toEqual(['0:  InvalidType'])
    },
  ],
])

tell('a faulty lead', [
  [
    'RU:error-codes',
    'refuses the whole request with its request_id and the path by index',
    async (amo) => {
      const answer = await amo.post('/leads', [
        { name: 'good', _embedded: { tags: [{ name: 'new tag' }] } },
        { name: 'bad', request_id: 'ORD-2', custom_fields_values: [text(685731, 'x'), text(999, 'y')] },
      ])
      expect(answer.type).toContain('application/problem+json')
      expect(answer.body).toEqual({
        'validation-errors': [
          {
            request_id: 'ORD-2',
            errors: [
              {
                code: 'NotSupportedChoice',
                path: 'custom_fields_values.1.field_id',
                detail: 'The value you selected is not a valid choice.',
              },
            ],
          },
        ],
        title: 'Bad Request',
        type: 'https://httpstatus.es/400',
        status: 400,
        detail: 'Request validation failed',
      })
      expect((await amo.get('/leads')).status).toBe(204)
      expect((await amo.get('/leads/tags')).status).toBe(204)
    },
  ],
  [
    'RU:leads-api',
    'names a user, a pipeline, a stage or a contact that is not there',
    async (amo) => {
      const answer = await amo.post('/leads', [
        { responsible_user_id: 1 },
        { pipeline_id: 1 },
        { pipeline_id: 1731979, status_id: 30584881 },
        { _embedded: { contacts: [{ id: 7143599 }, { id: 1 }] } },
        { custom_fields_values: [{ field_code: 'NONE', values: [{ value: '1' }] }] },
      ])
      expect(faultsOf(answer)).toEqual([
        '0: responsible_user_id NotSupportedChoice',
        '1: pipeline_id NotSupportedChoice',
        '2: status_id NotSupportedChoice',
        '3: _embedded.contacts.1.id NotSupportedChoice',
        '4: custom_fields_values.0.field_code NotSupportedChoice',
      ])
    },
  ],
  [
    'GH#12',
    'has a key that was not expected',
    async (amo) => {
      const answer = await amo.post('/leads', [
        { title: 'A' },
        { _embedded: { tags: [{ name: 'a', request_id: '1' }] } },
      ])
      expect(faultsOf(answer)).toEqual(['0: title FieldNotExpected', '1: _embedded.tags.0.request_id FieldNotExpected'])
    },
  ],
  [
    'GH#487',
    'carries products, which can only be linked afterwards',
    async (amo) => {
      const answer = await amo.post('/leads', [{ _embedded: { catalog_elements: [{ id: 525439 }] } }])
      expect(faultsOf(answer)).toEqual(['0: _embedded.catalog_elements FieldNotExpected'])
    },
  ],
  [
    'RU:error-codes',
    'has values of a wrong type',
    async (amo) => {
      const answer = await amo.post('/leads', [{ name: 5, price: '100', status_id: '142', custom_fields_values: {} }])
      expect(faultsOf(answer).sort()).toEqual([
        '0: custom_fields_values InvalidType',
        '0: name InvalidType',
        '0: price InvalidType',
        '0: status_id InvalidType',
      ])
    },
  ],
  [
    'GH#224',
    'has a text of more than 256 characters',
    async (amo) => {
      const values = (length: number) => [{ custom_fields_values: [text(685731, 'я'.repeat(length))] }]
      expect((await amo.post('/leads', values(256))).status).toBe(200)
      expect(faultsOf(await amo.post('/leads', values(257)))).toEqual([
        '0: custom_fields_values.0.values.0.value TooLong',
      ])
      expect((await amo.post('/leads', [{ custom_fields_values: [text(685741, 'я'.repeat(5000))] }])).status).toBe(200)
    },
  ],
])

tell('changing leads', [
  [
    'RU:leads-api',
    'leaves alone what was not sent',
    async (amo) => {
      const id = await amo.lead({ price: 5, custom_fields_values: [text(685731, 'a'), text(685733, 'b')] })
      amo.advance(60_000)
      const answer = await amo.patch('/leads', [{ id, name: 'Новое имя', custom_fields_values: [text(685731, 'c')] }])
      expect(answer.body._embedded.leads).toMatchObject([{ id, updated_at: amo.seconds() }])
      const { body } = await amo.get(`/leads/${id}`)
      const values = Object.fromEntries(
        body.custom_fields_values.map((f: { field_id: number; values: unknown }) => [f.field_id, f.values]),
      )
      expect(body).toMatchObject({ name: 'Новое имя', price: 5 })
      expect(values).toEqual({ 685731: [{ value: 'c' }], 685733: [{ value: 'b' }] })
    },
  ],
  [
    'SDK:NullCustomFieldValueCollection',
    'clears a field by null or an empty list',
    async (amo) => {
      const id = await amo.lead({ custom_fields_values: [text(685731, 'a'), text(685733, 'b')] })
      const cleared = [
        { field_id: 685731, values: null },
        { field_id: 685733, values: [] },
      ]
      expect((await amo.patch(`/leads/${id}`, { custom_fields_values: cleared })).status).toBe(200)
      expect((await amo.get(`/leads/${id}`)).body.custom_fields_values).toBeNull()
    },
  ],
  [
    'RU:tags-api',
    'adds, removes, replaces and clears tags',
    async (amo) => {
      const id = await amo.lead({ _embedded: { tags: [{ name: 'new' }, { name: 'site' }] } })
      const tagsAfter = async (change: object) => {
        await amo.patch('/leads', [{ id, ...change }])
        return (await amo.get(`/leads/${id}`)).body._embedded.tags.map(({ name }: { name: string }) => name)
      }
      expect(await tagsAfter({ tags_to_add: [{ name: 'paid' }], tags_to_delete: [{ name: 'new' }] })).toEqual([
        'site',
        'paid',
      ])
      expect(await tagsAfter({ _embedded: { tags: [{ name: 'only' }] } })).toEqual(['only'])
      expect(await tagsAfter({ _embedded: { tags: null } })).toEqual([])
      expect((await amo.get('/leads/tags')).body._embedded.tags).toHaveLength(4)
    },
  ],
  [
    'RU:leads-api',
    'moves to another pipeline with its stage',
    async (amo) => {
      const id = await amo.lead()
      await amo.patch(`/leads/${id}`, { pipeline_id: 1158625, status_id: 143 })
      expect((await amo.get(`/leads/${id}`)).body).toMatchObject({
        pipeline_id: 1158625,
        status_id: 143,
        closed_at: amo.seconds(),
      })
      expect(faultsOf(await amo.patch(`/leads/${id}`, { status_id: 26034988 }))).toEqual([
        '0: status_id NotSupportedChoice',
      ])
    },
  ],
  [
    'RU:leads-api',
    'needs the id of a lead that is there',
    async (amo) => {
      expect(faultsOf(await amo.patch('/leads', [{ name: 'A' }, { id: 1, name: 'B' }]))).toEqual([
        '0: id FieldMissing',
        '1: id NotSupportedChoice',
      ])
    },
  ],
])
