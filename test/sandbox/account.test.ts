import { expect } from 'vitest'
import { faultsOf, tell } from './client.ts'

tell('the account', [
  [
    'RU:account-info',
    'tells more when asked by with',
    async (amo) => {
      const brief = (await amo.get('/account')).body
      expect(brief).toMatchObject({
        name: 'Паром: песочница',
        subdomain: 'sandbox',
        currency: 'RUB',
        current_user_id: 504141,
      })
      expect(brief).not.toHaveProperty('is_api_filter_enabled')
      expect((await amo.get('/account?with=is_api_filter_enabled,datetime_settings')).body).toMatchObject({
        is_api_filter_enabled: false,
        _embedded: {
          datetime_settings: { timezone: 'Europe/Moscow', timezone_offset: '+03:00', date_formant: 'd.m.Y' },
        },
      })
    },
  ],
  [
    'RU:users-api',
    'has users',
    async (amo) => {
      expect((await amo.get('/users')).body._embedded.users).toMatchObject([{ id: 504141, name: 'Администратор' }])
    },
  ],
  [
    'RU:leads_pipelines',
    'has pipelines, each with unsorted, 142 and 143',
    async (amo) => {
      const { body } = await amo.get('/leads/pipelines')
      expect(body._total_items).toBe(2)
      const [main, retail] = body._embedded.pipelines
      expect(main).toMatchObject({
        id: 1731979,
        name: 'Дропшиппинг',
        is_main: true,
        _embedded: {
          statuses: [
            { id: 26034985, type: 1, sort: 10, is_editable: false },
            { id: 26034988, name: 'Новый заказ', type: 0, is_editable: true },
            { id: 26034991 },
            { id: 142, sort: 10000, is_editable: false },
            { id: 143, sort: 11000 },
          ],
        },
      })
      expect((await amo.get('/leads/pipelines/1158625')).body).toEqual(retail)
      expect((await amo.get('/leads/pipelines/5')).status).toBe(404)
    },
  ],
])

tell('contacts', [
  [
    'RU:contacts-api',
    'are created and read back with phone and e-mail',
    async (amo) => {
      const answer = await amo.post('/contacts', [
        {
          first_name: 'Пётр',
          last_name: 'Ткач',
          request_id: 'c-1',
          custom_fields_values: [
            { field_code: 'PHONE', values: [{ value: '+79123456789', enum_code: 'WORK' }] },
            { field_id: 641351, values: [{ value: 'CUST-1' }] },
          ],
          _embedded: { tags: [{ name: 'partner' }] },
        },
      ])
      const [created] = answer.body._embedded.contacts
      expect(created).toMatchObject({ is_deleted: false, is_unsorted: false, request_id: 'c-1' })
      expect((await amo.get(`/contacts/${created.id}?with=leads`)).body).toMatchObject({
        name: 'Пётр Ткач',
        first_name: 'Пётр',
        last_name: 'Ткач',
        custom_fields_values: [{ field_code: 'PHONE', field_type: 'multitext' }, { field_id: 641351 }],
        _embedded: { tags: [{ name: 'partner' }], companies: [], leads: [] },
      })
    },
  ],
  [
    'RU:contacts-api',
    'are changed one by one or together',
    async (amo) => {
      amo.advance(1000)
      const together = await amo.patch('/contacts', [
        { id: 7143599, name: 'Росс' },
        { id: 7143601, last_name: 'Сидоров' },
      ])
      expect(together.body._embedded.contacts).toMatchObject([
        { id: 7143599, name: 'Росс', updated_at: amo.seconds() },
        { id: 7143601, name: 'Иван Сидоров' },
      ])
      expect((await amo.patch('/contacts/7143603', { name: 'Ромашка' })).body).toMatchObject({
        id: 7143603,
        name: 'Ромашка',
      })
      expect(faultsOf(await amo.patch('/contacts', [{ id: 1 }]))).toEqual(['0: id NotSupportedChoice'])
    },
  ],
  [
    'RU:contacts-api',
    'cannot be given leads',
    async (amo) => {
      const answer = await amo.post('/contacts', [{ _embedded: { leads: [{ id: 1 }] } }])
      expect(faultsOf(answer)).toEqual(['0: _embedded.leads FieldNotExpected'])
    },
  ],
  [
    'RU:companies-api',
    'have companies beside them',
    async (amo) => {
      const created = await amo.post('/companies', [{ name: 'ООО Пример' }])
      const [{ id }] = created.body._embedded.companies
      const lead = await amo.lead({ _embedded: { companies: [{ id }] } })
      expect((await amo.get(`/leads/${lead}`)).body._embedded.companies).toMatchObject([{ id }])
      expect((await amo.get(`/companies/${id}`)).body).toMatchObject({ name: 'ООО Пример' })
    },
  ],
])

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
