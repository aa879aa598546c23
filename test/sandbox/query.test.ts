import { expect } from 'vitest'
import { tell } from './client.ts'
import { found } from './found.ts'

const text = (field_id: number, value: string) => ({ field_id, values: [{ value }] })

tell('query', [
  [
    'RU:contacts-api',
    'finds leads, contacts and companies by their fields as well',
    async (amo) => {
      const lead = await amo.lead({ custom_fields_values: [text(685731, 'ORD-1001')] })
      amo.advance(2000)
      expect(await found(amo, 'leads', 'query=ord-1001')).toEqual([lead])
      expect(await found(amo, 'contacts', 'query=partner42%40shop')).toEqual([7143603])
      expect(await found(amo, 'companies', `query=${encodeURIComponent('4950000042')}`)).toEqual([7143801])
    },
  ],
  [
    'GH#515',
    'finds what only looks alike: the text in another field, or as a part of a longer one',
    async (amo) => {
      const ids = [
        await amo.lead({ name: 'Заказ ORD-10' }),
        await amo.lead({ custom_fields_values: [text(685741, 'вместо ORD-1')] }),
        await amo.lead({ custom_fields_values: [text(685731, 'ORD-1')] }),
      ]
      amo.advance(2000)
      expect(await found(amo, 'leads', 'query=ORD-1')).toEqual(ids)
      expect(await found(amo, 'leads', 'query=ORD-1&order[id]=desc')).toEqual(ids.toReversed())
    },
  ],
])

tell('a stuck search index', [
  [
    '§14.2',
    'finds what was there before and nothing new, until it is repaired',
    async (amo) => {
      await amo.lead({ name: 'Прежняя' })
      amo.advance(5000)
      await amo.settings({ query_index_stuck: true })
      await amo.lead({ name: 'Новая' })
      amo.advance(3_600_000)
      const found = async (name: string) => (await amo.get(`/leads?query=${encodeURIComponent(name)}`)).status
      expect([await found('Прежняя'), await found('Новая')]).toEqual([200, 204])
      await amo.settings({ query_index_stuck: false })
      expect(await found('Новая')).toBe(200)
    },
  ],
])
