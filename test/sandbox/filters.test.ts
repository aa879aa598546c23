import { expect } from 'vitest'
import { administrator, manager } from './access.ts'
import { type Client, type Fact, tell } from './client.ts'
import { found } from './found.ts'

const text = (field_id: number, value: string) => ({ field_id, values: [{ value }] })
const filtering = (amo: Client) => amo.settings({ is_api_filter_enabled: true })

/** Two records of each kind: who made the second, when, and what it holds. */
async function plant(amo: Client) {
  const users = [administrator, manager]
  await amo.admin('/reset', { users, contacts: [], companies: [], links: [], leads: [] })
  await amo.settings({ rate_limit: null })
  const by = { created_by: manager.id, updated_by: manager.id, responsible_user_id: manager.id }
  const second = { name: 'Второй', created_at: 500, updated_at: 600, ...by }
  const idsOf = async (type: string, more: object = {}): Promise<number[]> => {
    const { body } = await amo.post(`/${type}`, [{ name: 'Первый' }, { ...second, ...more }])
    return body._embedded[type].map(({ id }: { id: number }) => id)
  }
  const closed = { price: 700, status_id: 142, closed_at: 900, pipeline_id: 1158625 }
  const ids: Record<string, number[]> = {
    leads: await idsOf('leads', closed),
    contacts: await idsOf('contacts'),
    companies: await idsOf('companies'),
  }
  for (const [entity_type, [, id]] of Object.entries(ids))
    await amo.post('/tasks', [{ text: 'а', complete_till: 800, entity_type, entity_id: id }])
  return ids
}

const onAll = [
  'name]=Второй',
  'name][]=Второй&filter[name][]=Третий',
  'created_by]=504143',
  'updated_by][]=504143',
  'responsible_user_id]=504143',
  'created_at][from]=400&filter[created_at][to]=500',
  'updated_at][to]=600',
  'closest_task_at][from]=800',
]
const onLeads = [
  'price][from]=600&filter[price][to]=700',
  'pipeline_id]=1158625',
  'pipeline_id][0]=1158625&filter[pipeline_id][1]=5',
  'statuses][0][pipeline_id]=1158625&filter[statuses][0][status_id]=142',
  'closed_at][from]=900',
]

tell('a filter of the paid add-on', [
  ...['leads', 'contacts', 'companies'].map(
    (type): Fact => [
      'RU:filters-api',
      `narrows ${type} by everything they are said to be filtered by, and by nothing where it is not paid for`,
      async (amo) => {
        const [, second] = (await plant(amo))[type] ?? []
        const filters = [`id]=${second}`, ...onAll, ...(type === 'leads' ? onLeads : [])]
        for (const filter of filters) expect(await found(amo, type, `filter[${filter}`), filter).toHaveLength(2)
        await filtering(amo)
        for (const filter of filters) expect(await found(amo, type, `filter[${filter}`), filter).toEqual([second])
      },
    ],
  ),
  [
    'RU:filters-api',
    'of leads alone does nothing to contacts and companies',
    async (amo) => {
      await plant(amo)
      await filtering(amo)
      for (const filter of onLeads) {
        for (const type of ['contacts', 'companies'])
          expect(await found(amo, type, `filter[${filter}`), filter).toHaveLength(2)
      }
    },
  ],
  [
    'RU:filters-api',
    'takes several values of a field, and lists in every way of PHP',
    async (amo) => {
      await filtering(amo)
      const [one, two] = [
        await amo.lead({ custom_fields_values: [text(685731, 'EXT-42')] }),
        await amo.lead({ custom_fields_values: [text(685731, 'EXT-43')] }),
        await amo.lead({ custom_fields_values: [text(685731, 'EXT-44')] }),
      ]
      const field = 'filter[custom_fields_values][685731]'
      for (const query of [
        `${field}[]=EXT-42&${field}[]=EXT-43`,
        `${field}[0]=EXT-42&${field}[7]=EXT-43`,
        `${encodeURIComponent(field)}%5B%5D=EXT-42&${encodeURIComponent(field)}%5B%5D=EXT-43`,
      ]) {
        expect(await found(amo, 'leads', query), query).toEqual([one, two])
      }
    },
  ],
  [
    'GH#507',
    'cannot look for what is empty',
    async (amo) => {
      await filtering(amo)
      await amo.lead()
      expect(await found(amo, 'leads', 'filter[custom_fields_values][685731][]=')).toEqual([])
    },
  ],
  [
    '§4.2',
    'compares texts with regard to case, unless that is set',
    async (amo) => {
      await filtering(amo)
      const id = await amo.lead({ name: 'Заказ Ord-1', custom_fields_values: [text(685731, 'Ord-1')] })
      const field = 'filter[custom_fields_values][685731][]=ORD-1'
      expect(await found(amo, 'leads', field)).toEqual([])
      await amo.settings({ text_filter: 'exact_any_case' })
      expect(await found(amo, 'leads', field)).toEqual([id])
      expect(await found(amo, 'leads', 'filter[name]=заказ ord-1')).toEqual([id])
      expect(await found(amo, 'leads', 'filter[name]=ord-1')).toEqual([])
    },
  ],
  [
    '§4.2',
    'by a checkbox works in both forms, unless that is set',
    async (amo) => {
      await filtering(amo)
      const made = await amo.post('/leads/custom_fields', [{ name: 'Подарок', type: 'checkbox' }])
      const field = made.body._embedded.custom_fields[0].id
      await amo.lead()
      await amo.lead({ custom_fields_values: [{ field_id: field, values: [{ value: true }] }] })
      const counts = async () => {
        const filter = `filter[custom_fields_values][${field}]`
        const [list, scalar] = [await found(amo, 'leads', `${filter}[]=1`), await found(amo, 'leads', `${filter}=1`)]
        return [list.length, scalar.length]
      }
      expect(await counts()).toEqual([1, 1])
      await amo.settings({ checkbox_filter: 'list' })
      expect(await counts()).toEqual([1, 2])
      await amo.settings({ checkbox_filter: 'scalar' })
      expect(await counts()).toEqual([2, 1])
    },
  ],
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
])
