import { expect } from 'vitest'
import { faultsOf, tell } from './client.ts'

tell('tags', [
  [
    'RU:tags-api',
    'are made once per name and kind of entity',
    async (amo) => {
      const { status, body } = await amo.post('/leads/tags', [
        { name: 'опт', color: 'EBEBEB', request_id: 't1' },
        { name: 'сайт' },
        { name: 'Опт' },
      ])
      expect(status).toBe(200)
      const [first, second, again] = body._embedded.tags
      expect(body._total_items).toBe(3)
      expect(first).toEqual({ id: first.id, name: 'опт', color: 'EBEBEB', request_id: 't1' })
      expect(second).toMatchObject({ name: 'сайт', color: null, request_id: '1' })
      expect(again.id).toBe(first.id)
      expect((await amo.post('/contacts/tags', [{ name: 'опт' }])).body._embedded.tags[0].id).not.toBe(first.id)
      expect((await amo.get('/leads/tags?filter[name]=опт')).body._embedded.tags).toMatchObject([{ id: first.id }])
      expect((await amo.get('/companies/tags')).status).toBe(204)
    },
  ],
  [
    'RU:tags-api',
    'need a name and have a colour only on leads',
    async (amo) => {
      const answer = await amo.post('/leads/tags', [{}, { name: '' }, { name: 'a', color: '#EBEBEB' }])
      expect(faultsOf(answer)).toEqual(['0: name FieldMissing', '1: name InvalidType', '2: color NotSupportedChoice'])
      const onContacts = await amo.post('/contacts/tags', [{ name: 'a', color: 'EBEBEB' }])
      expect(faultsOf(onContacts)).toEqual(['0: color FieldNotExpected'])
    },
  ],
  [
    'RU:tags-api',
    'of contacts and companies are added, removed, replaced and cleared with them',
    async (amo) => {
      for (const [type, id] of [
        ['contacts', 7143599],
        ['companies', 7143801],
      ] as const) {
        const tagsAfter = async (change: object) => {
          await amo.patch(`/${type}/${id}`, change)
          return (await amo.get(`/${type}/${id}`)).body._embedded.tags.map(({ name }: { name: string }) => name)
        }
        expect(await tagsAfter({ tags_to_add: [{ name: 'a' }, { name: 'b' }] })).toEqual(['a', 'b'])
        expect(await tagsAfter({ tags_to_delete: [{ name: 'a' }] })).toEqual(['b'])
        expect(await tagsAfter({ _embedded: { tags: [{ name: 'c' }] } })).toEqual(['c'])
        expect(await tagsAfter({ _embedded: { tags: null } })).toEqual([])
      }
    },
  ],
])
