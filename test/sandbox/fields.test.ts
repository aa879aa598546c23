import { expect } from 'vitest'
import { faultsOf, tell } from './client.ts'

tell('custom fields', [
  [
    'RU:custom-fields',
    'are listed 50 to a page with the count of all',
    async (amo) => {
      const { body } = await amo.get('/leads/custom_fields?limit=4&page=2')
      expect(body).toMatchObject({
        _total_items: 17,
        _page: 2,
        _page_count: 5,
        _links: { last: { href: expect.stringContaining('page=5') } },
      })
      expect(body._embedded.custom_fields).toHaveLength(4)
    },
  ],
  [
    'RU:custom-fields',
    'tell type, code, enums and where they belong',
    async (amo) => {
      const { body } = await amo.get('/contacts/custom_fields')
      expect(body._embedded.custom_fields[0]).toMatchObject({
        name: 'Телефон',
        type: 'multitext',
        code: 'PHONE',
        entity_type: 'contacts',
        is_predefined: true,
        is_deletable: false,
        enums: ['WORK', 'WORKDD', 'MOB', 'FAX', 'HOME', 'OTHER'].map((value) => ({ value })),
      })
      expect(body._embedded.custom_fields[1]).toMatchObject({
        code: 'EMAIL',
        enums: ['WORK', 'PRIV', 'OTHER'].map((value) => ({ value })),
      })
      expect((await amo.get('/contacts/custom_fields/641351')).body).toMatchObject({
        name: 'ID партнёра',
        code: null,
        enums: null,
      })
    },
  ],
  [
    'RU:custom-fields',
    'are created with 201 and full objects',
    async (amo) => {
      const { status, body } = await amo.post('/leads/custom_fields', [
        { name: 'Ключ', type: 'text', code: 'PAROM_ORDER_KEY', sort: 510, is_api_only: true },
        {
          name: 'Канал',
          type: 'multiselect',
          enums: [
            { value: 'Сайт', sort: 1 },
            { value: 'Телефон', sort: 2, code: 'phone' },
          ],
        },
      ])
      expect(status).toBe(201)
      expect(body).toMatchObject({
        _total_items: 2,
        _embedded: {
          custom_fields: [
            { name: 'Ключ', code: 'PAROM_ORDER_KEY', is_api_only: true, sort: 510, entity_type: 'leads' },
            {
              enums: [
                { value: 'Сайт', code: null },
                { value: 'Телефон', code: 'phone' },
              ],
            },
          ],
        },
      })
      const id = await amo.lead({
        custom_fields_values: [{ field_code: 'PAROM_ORDER_KEY', values: [{ value: 'k1' }] }],
      })
      expect((await amo.get(`/leads/${id}`)).body.custom_fields_values).toMatchObject([{ values: [{ value: 'k1' }] }])
    },
  ],
  [
    'RU:custom-fields',
    'need a name, a type that fits, and choices where there is something to choose',
    async (amo) => {
      const answer = await amo.post('/leads/custom_fields', [
        { type: 'text' },
        { name: 'A', type: 'price' },
        { name: 'B', type: 'select' },
        { name: 'C', type: 'monetary' },
      ])
      expect(faultsOf(answer)).toEqual([
        '0: name FieldMissing',
        '1: type NotSupportedChoice',
        '2: enums FieldMissing',
        '3: currency FieldMissing',
      ])
    },
  ],
  [
    'RU:custom-fields',
    'of a catalog are listed under the catalog',
    async (amo) => {
      const { body } = await amo.get('/catalogs/4521/custom_fields')
      expect(body._embedded.custom_fields.map(({ code }: { code: string }) => code)).toEqual([
        'SKU',
        'DESCRIPTION',
        'PRICE',
        'GROUP',
      ])
    },
  ],
])
