import { expect } from 'vitest'
import { faultsOf, tell } from './client.ts'

tell('catalogs', [
  [
    'RU:catalogs-api',
    'are products and other lists',
    async (amo) => {
      const { body } = await amo.get('/catalogs')
      expect(body._embedded.catalogs).toMatchObject([
        { id: 4521, name: 'Товары', type: 'products', can_link_multiple: true, can_be_deleted: false },
        { name: 'Услуги', type: 'regular' },
      ])
    },
  ],
  [
    'RU:catalogs-api',
    'hold elements with their fields',
    async (amo) => {
      const { body } = await amo.get('/catalogs/4521/elements?limit=1')
      expect(body._embedded.elements).toMatchObject([
        {
          id: 525439,
          name: 'Автоклав - Бак с переливом',
          catalog_id: 4521,
          is_deleted: null,
          custom_fields_values: [
            { field_code: 'SKU', field_type: 'text', values: [{ value: 'P-194' }] },
            { field_code: 'PRICE', field_type: 'price', values: [{ value: '12500' }] },
            { field_code: 'GROUP', field_type: 'category', values: [{ value: 'Автоклавы', enum_id: 10665 }] },
          ],
        },
      ])
    },
  ],
  [
    'RU:catalogs-api',
    'are searched by query and by ids',
    async (amo) => {
      const names = async (query: string) =>
        (await amo.get(`/catalogs/4521/elements?${query}`)).body._embedded.elements.map(
          ({ name }: { name: string }) => name,
        )
      expect(await names(`query=${encodeURIComponent('бак из черного')}`)).toEqual(['Бак из черного метала - 300 л.'])
      expect(await names(`query=${encodeURIComponent('"Премиум" & Ко')}`)).toEqual(['Бак "Премиум" & Ко'])
      expect(await names('filter[id][]=525441')).toEqual(['Бак - Реактор'])
      expect(await names('id[]=525439&id[]=525441')).toHaveLength(2)
    },
  ],
  [
    'RU:catalogs-api',
    'take new elements and answer with all of them',
    async (amo) => {
      const answer = await amo.post('/catalogs/4521/elements', [
        {
          name: 'Чайник',
          request_id: 'sku:TEA-1',
          custom_fields_values: [{ field_code: 'SKU', values: [{ value: 'TEA-1' }] }],
        },
        { name: 'Чашка' },
      ])
      expect(answer).toMatchObject({
        status: 200,
        body: {
          _embedded: {
            elements: [
              { name: 'Чайник', request_id: 'sku:TEA-1', catalog_id: 4521, invoice_link: null },
              { name: 'Чашка', request_id: 1 },
            ],
          },
        },
      })
      const [{ id }] = answer.body._embedded.elements
      expect((await amo.get(`/catalogs/4521/elements/${id}`)).body.name).toBe('Чайник')
      expect(faultsOf(await amo.post('/catalogs/4521/elements', [{}, { name: 5 }]))).toEqual([
        '0: name FieldMissing',
        '1: name InvalidType',
      ])
    },
  ],
  [
    'RU:catalogs-api',
    'that are not there are 404',
    async (amo) => {
      expect((await amo.get('/catalogs/1/elements')).status).toBe(404)
    },
  ],
])

tell('lists', [
  [
    'RU:catalogs-api',
    'are made and changed, and answered whole',
    async (amo) => {
      const { status, body } = await amo.post('/catalogs', [
        { name: 'Счета', type: 'invoices', request_id: 'c1' },
        { name: 'Склады', sort: 5, can_add_elements: false, can_link_multiple: false },
      ])
      expect(status).toBe(200)
      const [invoices, stores] = body._embedded.catalogs
      expect(invoices).toMatchObject({
        type: 'invoices',
        can_be_deleted: false,
        request_id: 'c1',
        account_id: 31000001,
      })
      expect(stores).toMatchObject({ type: 'regular', sort: 5, can_add_elements: false, can_link_multiple: false })
      const changed = await amo.patch('/catalogs', [{ id: stores.id, name: 'Точки', can_link_multiple: true }])
      expect(changed.body._embedded.catalogs).toMatchObject([{ name: 'Точки', sort: 5, can_link_multiple: true }])
      expect((await amo.patch(`/catalogs/${stores.id}`, { sort: 7 })).body).toMatchObject({ name: 'Точки', sort: 7 })
      expect((await amo.get(`/catalogs/${stores.id}`)).body).toMatchObject({ name: 'Точки', sort: 7 })
      expect((await amo.patch('/catalogs/5', { sort: 7 })).status).toBe(404)
    },
  ],
  [
    'RU:catalogs-api',
    'are ten at most, one of products and one of invoices',
    async (amo) => {
      const answer = await amo.post('/catalogs', [
        { name: 'A', type: 'products' },
        { name: 'B', type: 'invoices' },
        { name: 'C', type: 'invoices' },
        { name: 'D', type: 'suppliers' },
        {},
      ])
      expect(faultsOf(answer)).toEqual([
        '0: type NotSupportedChoice',
        '2: type NotSupportedChoice',
        '3: type NotSupportedChoice',
        '4: name FieldMissing',
      ])
      const eight = Array.from({ length: 8 }, (_, index) => ({ name: `Список ${index}` }))
      expect((await amo.post('/catalogs', eight)).status).toBe(200)
      expect((await amo.post('/catalogs', [{ name: 'x' }])).status).toBe(400)
    },
  ],
  [
    'RU:catalogs-api',
    'keep their type, and what is changed has to be there',
    async (amo) => {
      const answer = await amo.patch('/catalogs', [{ id: 4523, type: 'products' }, { id: 1, name: 'x' }, { name: 'x' }])
      expect(faultsOf(answer)).toEqual(['0: type NotSupportedChoice', '1: id NotSupportedChoice', '2: id FieldMissing'])
    },
  ],
])

const price = (value: string) => ({ field_code: 'PRICE', values: [{ value }] })

tell('elements', [
  [
    'RU:catalogs-api',
    'are changed together, with their ids as request_id, or one by one',
    async (amo) => {
      amo.advance(1000)
      const answer = await amo.patch('/catalogs/4521/elements', [
        { id: 525439, name: 'Автоклав', custom_fields_values: [price('99')] },
        { id: 525441, request_id: 'e2' },
      ])
      expect(answer.body._embedded.elements).toMatchObject([
        { id: 525439, name: 'Автоклав', request_id: 525439, updated_at: amo.seconds(), invoice_link: null },
        { id: 525441, name: 'Бак - Реактор', request_id: 'e2' },
      ])
      expect((await amo.patch('/catalogs/4521/elements/525443', { name: 'Бак' })).body).toMatchObject({ name: 'Бак' })
      const { body } = await amo.get('/catalogs/4521/elements/525439')
      expect(JSON.stringify(body.custom_fields_values)).toContain('"99"')
      expect(JSON.stringify(body.custom_fields_values)).toContain('P-194')
    },
  ],
  [
    'RU:catalogs-api',
    'are changed only in their own list',
    async (amo) => {
      expect(faultsOf(await amo.patch('/catalogs/4523/elements', [{ id: 525439 }, {}, { name: '' }]))).toEqual([
        '0: id NotSupportedChoice',
        '1: id FieldMissing',
        '2: name InvalidType',
      ])
      expect((await amo.patch('/catalogs/4523/elements/525439', { name: 'x' })).status).toBe(404)
    },
  ],
  [
    'RU:catalogs-api',
    'tell their invoice when asked',
    async (amo) => {
      const read = async (query: string) =>
        (await amo.get(`/catalogs/4521/elements?limit=1${query}`)).body._embedded.elements[0]
      expect(await read('&with=invoice_link')).toHaveProperty('invoice_link', null)
      expect(await read('')).not.toHaveProperty('invoice_link')
    },
  ],
  [
    'RU:catalogs/capabilities',
    'need the fields that their list requires, also when they are changed',
    async (amo) => {
      const fields = await amo.get('/catalogs/4521/custom_fields')
      const { id } = fields.body._embedded.custom_fields.find(({ code }: { code: string }) => code === 'PRICE')
      await amo.patch(`/catalogs/4521/custom_fields/${id}`, { is_required: true })
      const missing = ['0: custom_fields_values FieldMissing']
      expect(faultsOf(await amo.post('/catalogs/4521/elements', [{ name: 'Чайник' }]))).toEqual(missing)
      expect(faultsOf(await amo.patch('/catalogs/4521/elements/525439', { name: 'x' }))).toEqual(missing)
      const answer = await amo.post('/catalogs/4521/elements', [{ name: 'Чайник', custom_fields_values: [price('5')] }])
      expect(answer.status).toBe(200)
    },
  ],
  [
    'RU:catalogs-api',
    'name users that are there as their authors',
    async (amo) => {
      const answer = await amo.post('/catalogs/4521/elements', [{ name: 'A', created_by: 1 }])
      expect(faultsOf(answer)).toEqual(['0: created_by NotSupportedChoice'])
    },
  ],
])
