import { expect } from 'vitest'
import { type Client, faultsOf, tell } from './client.ts'

const enums = [{ value: 'Курьер', code: 'courier' }, { value: 'Самовывоз' }]

/** Type, entry as it is written, entry as it is read or the fault. */
const values: [type: string, source: string, sent: object, read: object | string][] = [
  ['text', 'RU:custom-fields', { value: 'a' }, { value: 'a' }],
  ['text', 'GH#327', { value: 5 }, 'value InvalidType'],
  ['textarea', 'RU:custom-fields', { value: 'a\nb' }, { value: 'a\nb' }],
  ['url', 'RU:custom-fields', { value: 'https://shop.example' }, { value: 'https://shop.example' }],
  ['streetaddress', 'RU:custom-fields', { value: 'ул. Мира, 1' }, { value: 'ул. Мира, 1' }],
  ['numeric', 'RU:custom-fields', { value: '1.5' }, { value: '1.5' }],
  ['numeric', 'RU:custom-fields', { value: 7 }, { value: '7' }],
  ['numeric', 'GH#399', { value: 'many' }, { value: '' }],
  ['numeric', 'RU:custom-fields', { value: true }, 'value InvalidType'],
  ['numeric', 'RU:custom-fields', { value: -0.5 }, { value: '-0.5' }],
  ['numeric', 'GH#399', { value: '123456789012345678901234567890' }, { value: '' }],
  ['numeric', 'RU:custom-fields', { value: '' }, { value: '' }],
  ['monetary', 'RU:custom-fields', { value: '100.50' }, { value: '100.50' }],
  ['tracking_data', 'RU:custom-fields', { value: 'ya' }, { value: 'ya' }],
  ['url', 'RU:custom-fields', { value: 1 }, 'value InvalidType'],
  ['text', 'GH#314', { value: 'a', colour: 'red' }, 'colour FieldNotExpected'],
  ['checkbox', 'RU:custom-fields', { value: true }, { value: true }],
  ['checkbox', 'RU:custom-fields', { value: 'yes' }, 'value InvalidType'],
  ['date_time', 'SDK:DateCustomFieldValueModel', { value: '2026-07-04T09:30:00+03:00' }, { value: 1783146600 }],
  ['date', 'RU:custom-fields', { value: 1577836800 }, { value: 1577836800 }],
  ['birthday', 'RU:custom-fields', { value: '04.07.1990' }, 'value InvalidType'],
  ['birthday', 'SDK:DateCustomFieldValueModel', { value: '1990-07-04T00:00:00Z' }, { value: 647049600 }],
  ['date', 'RU:custom-fields', { value: 1e300 }, 'value InvalidType'],
  ['date', 'RU:custom-fields', { value: '2026-13-45T00:00:00Z' }, 'value InvalidType'],
  ['select', 'GH#115', { value: 'Самовывоз' }, { value: 'Самовывоз', enum_code: null }],
  ['select', 'RU:custom-fields', { enum_code: 'courier' }, { value: 'Курьер', enum_code: 'courier' }],
  ['radiobutton', 'GH#115', { value: 'Почта' }, 'value NotSupportedChoice'],
  ['select', 'RU:error-codes', { enum_id: 1 }, 'enum_id NotSupportedChoice'],
  ['select', 'RU:error-codes', { enum_code: 'none' }, 'enum_code NotSupportedChoice'],
  ['select', 'RU:error-codes', {}, 'value NotSupportedChoice'],
  [
    'smart_address',
    'RU:custom-fields',
    { value: 'Омск', enum_id: 3 },
    { value: 'Омск', enum_id: 3, enum_code: 'city' },
  ],
  ['smart_address', 'RU:custom-fields', { value: 'RU', enum_code: 'country' }, { value: 'RU', enum_id: 6 }],
  ['smart_address', 'RU:custom-fields', { value: 'Россия', enum_code: 'country' }, 'value NotSupportedChoice'],
  ['smart_address', 'RU:custom-fields', { value: 'Омск' }, 'enum_id FieldMissing'],
  ['smart_address', 'RU:custom-fields', { value: 'Омск', enum_id: 7 }, 'enum_id NotSupportedChoice'],
  [
    'legal_entity',
    'RU:custom-fields',
    { value: { name: 'ООО', entity_type: 1, vat_id: '77' } },
    { value: { name: 'ООО', entity_type: 1, vat_id: '77' } },
  ],
  ['legal_entity', 'RU:custom-fields', { value: { vat_id: '77' } }, 'value.name FieldMissing'],
  [
    'legal_entity',
    'RU:custom-fields',
    { value: { name: 'ООО', entity_type: 3 } },
    'value.entity_type NotSupportedChoice',
  ],
  ['legal_entity', 'RU:custom-fields', { value: 'ООО' }, 'value InvalidType'],
  [
    'chained_list',
    'RU:custom-fields',
    { catalog_id: 4521, catalog_element_id: 525439 },
    { catalog_id: 4521, catalog_element_id: 525439 },
  ],
  [
    'chained_list',
    'RU:custom-fields',
    { value: 525439, catalog_id: 1, catalog_element_id: 1 },
    'value FieldNotExpected',
  ],
  [
    'file',
    'RU:custom-fields',
    { value: { file_uuid: 'u', file_name: 'a.pdf', file_size: 5 } },
    { value: { file_uuid: 'u', file_name: 'a.pdf' } },
  ],
  ['file', 'RU:custom-fields', { value: { file_name: 'a.pdf' } }, 'value.file_uuid FieldMissing'],
]

/** The same for the types that only lists have. */
const elementValues: [type: string, source: string, sent: object, read: object | string][] = [
  ['price', 'RU:custom-fields', { value: '1200' }, { value: '1200' }],
  ['category', 'RU:catalogs-api', { value: 'Кухня' }, { value: 'Кухня' }],
  ['category', 'RU:catalogs-api', { enum_id: 1 }, 'enum_id NotSupportedChoice'],
  [
    'items',
    'RU:custom-fields',
    { value: { sku: 'A', quantity: 2, unit_price: 5.5, discount: { type: 'amount', value: 1 } } },
    { value: { sku: 'A', quantity: 2, total_sum: 10, product_id: null, is_discount_recalculated: false } },
  ],
  [
    'items',
    'RU:catalogs-api',
    { value: { quantity: '3', unit_price: '10', discount: { type: 'percentage', value: 50 }, total_sum: 1 } },
    { value: { total_sum: 15, vat_rate_value: 0, is_total_sum_recalculated: false, bonus_points_per_purchase: 0 } },
  ],
  ['items', 'GH#314', { value: { colour: 'red' } }, 'value.colour FieldNotExpected'],
  [
    'items',
    'RU:custom-fields',
    { value: { discount: { type: 'gift', value: 1 } } },
    'value.discount.type NotSupportedChoice',
  ],
  [
    'linked_entity',
    'RU:custom-fields',
    { value: { name: 'Росс', entity_id: 7143599, entity_type: 'contacts' } },
    { value: { entity_id: 7143599 } },
  ],
  [
    'linked_entity',
    'RU:custom-fields',
    { value: { entity_id: 1, entity_type: 'leads' } },
    'value.entity_type NotSupportedChoice',
  ],
  [
    'payer',
    'RU:custom-fields',
    { value: { name: 'ООО', address: 'Омск' }, type: 'legal' },
    { value: { address: 'Омск' }, type: 'legal' },
  ],
  [
    'payer',
    'RU:custom-fields',
    { value: { name: 'Росс', entity_type: 'contacts', entity_id: 7143599 } },
    { value: { entity_type: 'contacts', entity_id: 7143599 } },
  ],
  ['supplier', 'RU:custom-fields', { value: { entity_id: 521717 } }, { value: { entity_id: 521717 } }],
  ['supplier', 'RU:custom-fields', { value: {} }, 'value.entity_id FieldMissing'],
]

tell(
  'a value of a list',
  elementValues.map(([type, source, sent, read]) => [
    source,
    `${JSON.stringify(sent)} of a ${type} field is ${typeof read === 'string' ? 'refused' : `read as ${JSON.stringify(read)}`}`,
    async (amo) => {
      const id = await newField(amo, type, '/catalogs/4523')
      const answer = await amo.post('/catalogs/4523/elements', [
        { name: 'A', custom_fields_values: [{ field_id: id, values: [sent] }] },
      ])
      if (typeof read === 'string')
        return expect(faultsOf(answer)).toEqual([`0: custom_fields_values.0.values.0.${read}`])
      expect(answer.body._embedded.elements[0].custom_fields_values).toMatchObject([
        { field_id: id, field_type: type, values: [read] },
      ])
    },
  ]),
)

tell(
  'a value',
  values.map(([type, source, sent, read]) => [
    source,
    `${JSON.stringify(sent)} of a ${type} field is ${typeof read === 'string' ? 'refused' : `read as ${JSON.stringify(read)}`}`,
    async (amo) => {
      const id = await newField(amo, type)
      const answer = await amo.post('/leads', [{ custom_fields_values: [{ field_id: id, values: [sent] }] }])
      if (typeof read === 'string')
        return expect(faultsOf(answer)).toEqual([`0: custom_fields_values.0.values.0.${read}`])
      const lead = await amo.get(`/leads/${answer.body._embedded.leads[0].id}`)
      expect(lead.body.custom_fields_values).toMatchObject([{ field_id: id, field_type: type, values: [read] }])
    },
  ]),
)

tell('a value with several entries', [
  [
    'RU:custom-fields',
    'of a chained list has five of them at most',
    async (amo) => {
      const id = await newField(amo, 'chained_list')
      const chain = (length: number) => [
        {
          custom_fields_values: [
            { field_id: id, values: Array.from({ length }, () => ({ catalog_id: 4521, catalog_element_id: 525439 })) },
          ],
        },
      ]
      expect((await amo.post('/leads', chain(5))).status).toBe(200)
      expect(faultsOf(await amo.post('/leads', chain(6)))).toEqual(['0: custom_fields_values.0.values TooMany'])
    },
  ],
  [
    'RU:custom-fields',
    'is how an address is written, and what is sent takes the place of the old list',
    async (amo) => {
      const id = await newField(amo, 'smart_address')
      const lines = (...values: object[]) => ({ custom_fields_values: [{ field_id: id, values }] })
      const lead = await amo.lead(lines({ value: 'Омск', enum_id: 3 }, { value: '644000', enum_code: 'zip' }))
      await amo.patch(`/leads/${lead}`, lines({ value: 'Томск', enum_id: 3 }))
      expect((await amo.get(`/leads/${lead}`)).body.custom_fields_values[0].values).toEqual([
        { value: 'Томск', enum_id: 3, enum_code: 'city' },
      ])
    },
  ],
  [
    'RU:custom-fields',
    'fits a multiselect, not a select',
    async (amo) => {
      const two = [{ value: 'Курьер' }, { value: 'Самовывоз' }]
      const [many, one] = [await newField(amo, 'multiselect'), await newField(amo, 'select')]
      expect((await amo.post('/leads', [{ custom_fields_values: [{ field_id: many, values: two }] }])).status).toBe(200)
      const refused = await amo.post('/leads', [{ custom_fields_values: [{ field_id: one, values: two }] }])
      expect(faultsOf(refused)).toEqual(['0: custom_fields_values.0.values.1 FieldNotExpected'])
    },
  ],
  [
    'RU:contacts-api',
    'is how phones are written, of a kind that the field knows',
    async (amo) => {
      const phones = (...values: object[]) => [{ custom_fields_values: [{ field_code: 'PHONE', values }] }]
      const answer = await amo.post('/contacts', phones({ value: '+7 1', enum_code: 'MOB' }, { value: '+7 2' }))
      const { body } = await amo.get(`/contacts/${answer.body._embedded.contacts[0].id}`)
      expect(body.custom_fields_values[0].values).toEqual([
        { value: '+7 1', enum_id: 193230, enum_code: 'MOB' },
        { value: '+7 2', enum_id: 193226, enum_code: 'WORK' },
      ])
      const refused = await amo.post('/contacts', phones({ value: '+7 1', enum_code: 'CAR' }))
      expect(faultsOf(refused)).toEqual(['0: custom_fields_values.0.values.0.enum_code NotSupportedChoice'])
    },
  ],
])

const extras = {
  currency: 'RUB',
  search_in: 'contacts',
  chained_lists: [{ catalog_id: 4521 }],
  nested: [{ value: 'Кухня' }],
}

async function newField(amo: Client, type: string, place = '/leads'): Promise<number> {
  const choices = ['select', 'multiselect', 'radiobutton'].includes(type) ? { enums } : {}
  const { body } = await amo.post(`${place}/custom_fields`, [{ name: type, type, ...extras, ...choices }])
  return body._embedded.custom_fields[0].id
}
