import { expect, it } from 'vitest'
import { findLeadsByField } from '../../src/amocrm/leads.ts'

it('a lead that others push to the next page while the list is read is found once', async () => {
  const lead = (id: number) => ({
    id,
    created_at: id,
    custom_fields_values: [{ field_id: 7, values: [{ value: `key ${id}` }] }],
  })
  const all = Array.from({ length: 400 }, (_, index) => lead(400 - index))
  const client = {
    async request({ path }: { path: string }) {
      const page = Number(/[&?]page=(\d+)/.exec(path)?.[1])
      const items = all.slice((page - 1) * 250, page * 250)
      all.unshift(lead(all.length + 1))
      return { _embedded: { leads: items }, _links: page * 250 < all.length ? { next: { href: 'x' } } : {} }
    },
  }
  expect(await findLeadsByField(client, 7, ['key 151', 'key 1'], 0)).toEqual(
    new Map([
      ['key 151', [151]],
      ['key 1', [1]],
    ]),
  )
})
