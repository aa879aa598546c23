import { expect } from 'vitest'
import { type Client, faultsOf, tell } from './client.ts'

const remove = (amo: Client, path: string) => amo.call('DELETE', `/api/v4${path}`)

async function newField(amo: Client, place: string, field: object): Promise<number> {
  const { body } = await amo.post(`${place}/custom_fields`, [field])
  return body._embedded.custom_fields[0].id
}

const enums = [{ value: 'Курьер', code: 'courier' }, { value: 'Самовывоз' }]
const chained_lists = [{ title: 'Товар', catalog_id: 4521, parent_catalog_id: null }]
const extras = { enums, currency: 'RUB', search_in: 'contacts', chained_lists }

const everywhere = ['leads', 'contacts', 'companies', 'catalogs/4523']
const cards = ['leads', 'contacts', 'companies']

/** Type and the places that have fields of it. */
const places: [type: string, places: string[]][] = [
  ...[
    ...['text', 'numeric', 'checkbox', 'select', 'multiselect', 'date', 'url', 'date_time'],
    ...['textarea', 'radiobutton', 'streetaddress', 'file'],
  ].map((type): [string, string[]] => [type, everywhere]),
  ['multitext', ['contacts', 'companies']],
  ['smart_address', cards],
  ['birthday', cards],
  ['legal_entity', cards],
  ['monetary', cards],
  ['tracking_data', ['leads']],
  ['chained_list', ['leads']],
  ...['price', 'category', 'items', 'linked_entity', 'supplier', 'payer'].map((type): [string, string[]] => [
    type,
    ['catalogs/4523'],
  ]),
]

tell(
  'a field',
  places.map(([type, allowed]) => [
    'RU:custom-fields',
    `of type ${type} can be made for ${allowed.join(', ')}`,
    async (amo) => {
      for (const place of everywhere) {
        const answer = await amo.post(`/${place}/custom_fields`, [{ name: type, type, ...extras }])
        if (allowed.includes(place)) expect(answer, place).toMatchObject({ status: 201 })
        else expect(faultsOf(answer), place).toEqual(['0: type NotSupportedChoice'])
      }
    },
  ]),
)

tell('fields', [
  [
    'RU:custom-fields',
    'of some types need more than a name',
    async (amo) => {
      const onLeads = ['select', 'multiselect', 'radiobutton', 'monetary', 'chained_list', 'nonsense', 'constructor']
      const answer = await amo.post(
        '/leads/custom_fields',
        onLeads.map((type) => ({ name: type, type })),
      )
      expect(faultsOf(answer)).toEqual([
        '0: enums FieldMissing',
        '1: enums FieldMissing',
        '2: enums FieldMissing',
        '3: currency FieldMissing',
        '4: chained_lists FieldMissing',
        '5: type NotSupportedChoice',
        '6: type NotSupportedChoice',
      ])
      const inCatalog = await amo.post('/catalogs/4523/custom_fields', [{ name: 'A', type: 'linked_entity' }])
      expect(faultsOf(inCatalog)).toEqual(['0: search_in FieldMissing'])
    },
  ],
  [
    'RU:custom-fields',
    'keep what was set on them',
    async (amo) => {
      const stages = [{ pipeline_id: 1731979, status_id: 26034991 }]
      const onLead = {
        name: 'A',
        type: 'chained_list',
        chained_lists,
        required_statuses: stages,
        hidden_statuses: stages,
      }
      expect((await amo.post('/leads/custom_fields', [onLead])).body._embedded.custom_fields[0]).toMatchObject(onLead)
      const onContact = { name: 'B', type: 'birthday', remind: 'week' }
      expect((await amo.post('/contacts/custom_fields', [onContact])).body._embedded.custom_fields[0]).toMatchObject(
        onContact,
      )
      const inCatalog = { name: 'C', type: 'linked_entity', search_in: '4521', is_required: true, is_visible: false }
      expect(
        (await amo.post('/catalogs/4523/custom_fields', [inCatalog])).body._embedded.custom_fields[0],
      ).toMatchObject(inCatalog)
    },
  ],
  [
    'RU:custom-fields',
    'refer only to what is there',
    async (amo) => {
      const answer = await amo.post('/leads/custom_fields', [
        { name: 'A', type: 'text', code: 'UTM_SOURCE' },
        { name: 'A', type: 'text', group_id: 'leads_1' },
        { name: 'A', type: 'text', required_statuses: [{ pipeline_id: 1731979, status_id: 1 }] },
        { name: 'A', type: 'chained_list', chained_lists: [{ catalog_id: 1 }] },
        { name: 'A', type: 'birthday', remind: 'hourly' },
        { name: 'A', type: 'text', colour: 'red' },
      ])
      expect(faultsOf(answer)).toEqual([
        '0: code NotSupportedChoice',
        '1: group_id NotSupportedChoice',
        '2: required_statuses.0.status_id NotSupportedChoice',
        '3: chained_lists.0.catalog_id NotSupportedChoice',
        '4: remind NotSupportedChoice',
        '5: colour FieldNotExpected',
      ])
    },
  ],
  [
    'RU:custom-fields',
    'of the paid kinds are 402 where they are not paid for',
    async (amo) => {
      await amo.settings({ super_fields: false })
      expect((await amo.post('/leads/custom_fields', [{ name: 'A', type: 'monetary', ...extras }])).status).toBe(402)
      expect((await amo.post('/leads/custom_fields', [{ name: 'A', type: 'text' }])).status).toBe(201)
    },
  ],
  [
    'RU:custom-fields',
    'are narrowed by type and ordered',
    async (amo) => {
      const names = async (query: string) =>
        (await amo.get(`/leads/custom_fields?${query}`)).body._embedded.custom_fields.map(
          ({ id }: { id: number }) => id,
        )
      expect(await names('filter[type][0]=textarea')).toEqual([685741, 685759])
      expect(await names('filter[type][]=textarea&filter[type][]=tracking_data&order[id]=desc')).toEqual([
        685759, 685755, 685753, 685751, 685741,
      ])
      await amo.patch('/leads/custom_fields/685755', { sort: 1 })
      expect((await names('order[sort]=asc'))[0]).toBe(685755)
    },
  ],
  [
    'RU:custom-fields',
    'are changed together or one by one, except for their type',
    async (amo) => {
      const answer = await amo.patch('/leads/custom_fields', [
        { id: 685731, name: 'Получатель', is_api_only: true, request_id: 'f' },
        { id: 685733, code: 'STREET', sort: 3 },
      ])
      expect(answer).toMatchObject({
        status: 200,
        body: {
          _embedded: {
            custom_fields: [
              { id: 685731, name: 'Получатель', type: 'text', is_api_only: true, request_id: 'f' },
              { id: 685733, name: 'Адрес: улица', code: 'STREET', sort: 3 },
            ],
          },
        },
      })
      expect((await amo.patch('/leads/custom_fields/685731', { name: 'Кто' })).body).toMatchObject({ name: 'Кто' })
      expect((await amo.get('/leads/custom_fields/685731')).body).toMatchObject({ name: 'Кто', is_api_only: true })
      const faulty = await amo.patch('/leads/custom_fields', [
        { id: 685731, type: 'numeric' },
        { id: 641351, name: 'x' },
        { name: 'x' },
        { id: 685731, code: 'UTM_SOURCE' },
      ])
      expect(faultsOf(faulty)).toEqual([
        '0: type NotSupportedChoice',
        '1: id NotSupportedChoice',
        '2: id FieldMissing',
        '3: code NotSupportedChoice',
      ])
      expect((await amo.patch('/leads/custom_fields/1', { name: 'x' })).status).toBe(404)
    },
  ],
  [
    'RU:custom-fields',
    'have their choices replaced: a renamed one is shown so on leads, a removed one is gone',
    async (amo) => {
      const id = await newField(amo, '/leads', { name: 'Доставка', type: 'select', enums })
      const [courier, pickup] = (await amo.get(`/leads/custom_fields/${id}`)).body.enums
      const choose = (enum_id: number) => amo.lead({ custom_fields_values: [{ field_id: id, values: [{ enum_id }] }] })
      const leads = [await choose(courier.id), await choose(pickup.id)]
      const changed = await amo.patch(`/leads/custom_fields/${id}`, {
        enums: [{ id: courier.id, value: 'Гонец', code: 'courier' }, { value: 'Почта' }],
      })
      expect(changed.body.enums).toMatchObject([{ id: courier.id, value: 'Гонец' }, { value: 'Почта' }])
      const shown = await Promise.all(
        leads.map(async (lead) => (await amo.get(`/leads/${lead}`)).body.custom_fields_values),
      )
      expect(shown).toMatchObject([[{ values: [{ value: 'Гонец', enum_id: courier.id, enum_code: 'courier' }] }], null])
      const faulty = await amo.patch(`/leads/custom_fields/${id}`, { enums: [{ id: pickup.id, value: 'x' }] })
      expect(faultsOf(faulty)).toEqual(['0: enums.0.id NotSupportedChoice'])
    },
  ],
  [
    '§14.2',
    'that are deleted take their values with them, and writing to them is refused',
    async (amo) => {
      const values = [{ field_id: 685731, values: [{ value: 'Иван' }] }]
      const id = await amo.lead({ name: 'A', custom_fields_values: values })
      expect(await remove(amo, '/leads/custom_fields/685731')).toMatchObject({ status: 204, text: '' })
      expect((await amo.get(`/leads/${id}`)).body.custom_fields_values).toBeNull()
      expect((await amo.get('/leads/custom_fields/685731')).status).toBe(404)
      expect(faultsOf(await amo.patch(`/leads/${id}`, { custom_fields_values: values }))).toEqual([
        '0: custom_fields_values.0.field_id NotSupportedChoice',
      ])
      amo.advance(5000)
      expect((await amo.get(`/leads?query=${encodeURIComponent('Иван')}`)).status).toBe(204)
    },
  ],
  [
    'RU:custom-fields',
    'that every account has cannot be deleted',
    async (amo) => {
      expect((await remove(amo, '/contacts/custom_fields/641201')).status).toBe(400)
      expect((await remove(amo, '/contacts/custom_fields/1')).status).toBe(404)
    },
  ],
])

const groups = '/leads/custom_fields/groups'

tell('groups of fields', [
  [
    'RU:custom-fields',
    'are made, read, changed and deleted, and their fields stay',
    async (amo) => {
      expect((await amo.get(groups)).status).toBe(204)
      const { body } = await amo.post(groups, [{ name: 'Адрес', sort: 3, fields: [685733, 685735], request_id: 'g' }])
      const [group] = body._embedded.custom_field_groups
      expect(group).toMatchObject({
        id: expect.stringMatching(/^leads_\d{14}$/),
        name: 'Адрес',
        entity_type: 'leads',
        sort: 3,
        fields: [685733, 685735],
        request_id: 'g',
      })
      const groupOf = async (id: number) => (await amo.get(`/leads/custom_fields/${id}`)).body.group_id
      expect(await groupOf(685733)).toBe(group.id)
      await amo.patch(`${groups}/${group.id}`, { name: 'Куда', fields: [685735, 685737] })
      expect((await amo.get(`${groups}/${group.id}`)).body).toMatchObject({ name: 'Куда', fields: [685735, 685737] })
      expect(await groupOf(685733)).toBeNull()
      await amo.patch('/leads/custom_fields/685731', { group_id: group.id })
      expect((await amo.get(groups)).body._embedded.custom_field_groups[0].fields).toContain(685731)
      expect((await remove(amo, `${groups}/${group.id}`)).status).toBe(204)
      expect((await amo.get(`${groups}/${group.id}`)).status).toBe(404)
      expect(await groupOf(685735)).toBeNull()
    },
  ],
  [
    'RU:custom-fields',
    'need a name and fields of their own kind of entity',
    async (amo) => {
      const answer = await amo.post(groups, [{}, { name: 'A', fields: [685731, 641351] }])
      expect(faultsOf(answer)).toEqual(['0: name FieldMissing', '1: fields.1 NotSupportedChoice'])
      expect((await amo.get(`/contacts/custom_fields/groups`)).status).toBe(204)
    },
  ],
])
