import fc from 'fast-check'
import { expect, it } from 'vitest'
import { AmocrmError } from '../../src/amocrm/errors.ts'
import { createLeadSearch } from '../../src/amocrm/lead-search.ts'

const fieldId = 7

/** An account whose leads a test makes, one a second unless it says otherwise; newest first, as they are listed. */
function openAccount(count = 0) {
  const leads: { id: number; created_at: number; key: string }[] = []
  const add = (createdAt = leads.length + 1) => {
    const id = leads.length + 1
    leads.push({ id, created_at: createdAt, key: `key ${id}` })
  }
  for (let made = 0; made < count; made++) add()
  const asked: number[] = []
  const account = {
    asked,
    add,
    leads,
    before: (_page: number): void => {},
    async request({ path }: { path: string }) {
      const page = Number(/[&?]page=(\d+)/.exec(path)?.[1])
      asked.push(page)
      account.before(page)
      const newestFirst = leads.toSorted((a, b) => b.created_at - a.created_at || b.id - a.id)
      const items = newestFirst.slice((page - 1) * 250, page * 250).map(({ id, created_at, key }) => ({
        id,
        created_at,
        custom_fields_values: [{ field_id: fieldId, values: [{ value: key }] }],
      }))
      const next = page * 250 < leads.length ? { next: { href: 'x' } } : {}
      return items.length === 0 ? null : { _embedded: { leads: items }, _links: next }
    },
  }
  return account
}

it('finds a lead once that others push to the next page while the list is read', async () => {
  const account = openAccount(400)
  account.before = () => account.add()
  expect(await createLeadSearch().find(account, { fieldId, values: ['key 151', 'key 1'], since: 0 })).toEqual(
    new Map([
      ['key 151', [151]],
      ['key 1', [1]],
    ]),
  )
})

it('reads what it has read no second time', async () => {
  const account = openAccount(20_000)
  const search = createLeadSearch()
  const idsOf = async (key: string, since: number) => [
    ...(await search.find(account, { fieldId, values: [key], since })).values(),
  ]
  expect(await Promise.all([idsOf('key 18700', 18_500_000), idsOf('key 19000', 18_600_000)])).toEqual([
    [[18700]],
    [[19000]],
  ])
  expect(account.asked).toEqual([1, 2, 3, 4, 5, 6, 7, 1, 2])
  account.asked.length = 0
  for (let more = 0; more < 100; more++) account.add()
  expect(await idsOf('key 18800', 18_500_000)).toEqual([[18800]])
  expect(account.asked).toEqual([1, 2])
  account.asked.length = 0
  for (let more = 0; more < 5000; more++) account.add()
  expect(await idsOf('key 25100', 25_000_000), 'what came long before it is none of its business').toEqual([[25100]])
  expect(account.asked).toEqual([1])
})

it('asks for a page again that fails, but not for the first', async () => {
  const account = openAccount(600)
  const failing = new Set([2])
  account.before = (page) => {
    if (failing.delete(page)) throw new AmocrmError('unavailable', 'no answer')
  }
  const wanted = { fieldId, values: ['key 1'], since: 0 }
  expect(await createLeadSearch().find(account, wanted)).toEqual(new Map([['key 1', [1]]]))
  expect(account.asked).toEqual([1, 2, 2, 3])
  failing.add(1)
  await expect(createLeadSearch().find(account, wanted)).rejects.toThrow('no answer')
})

it('knows of all leads what one who reads everything knows, however searches follow each other', async () => {
  const step = fc.record({
    made: fc.integer({ min: 0, max: 300 }),
    /** Some appear late, and some are dated ahead. */
    late: fc.integer({ min: 0, max: 29 }),
    ahead: fc.integer({ min: 0, max: 2000 }),
    ago: fc.oneof(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 4000 })),
    fails: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const account = openAccount()
      const search = createLeadSearch()
      let clock = 10_000
      for (const { made, late, ahead, ago, fails } of steps) {
        for (let each = 0; each < made; each++) {
          clock += 1
          account.add(clock - (each % 7 === 0 ? late : 0) + (each % 50 === 49 ? ahead : 0))
        }
        account.before = () => {
          if (fails) throw new AmocrmError('rate_limited', 'not now')
        }
        const since = clock - ago
        const wanted = account.leads.filter(({ created_at }) => created_at >= since)
        const found = await search
          .find(account, { fieldId, values: wanted.map(({ key }) => key), since: since * 1000 })
          .catch(() => null)
        if (found) expect([...found]).toEqual(wanted.map(({ key, id }) => [key, [id]]))
      }
    }),
    { numRuns: 60 },
  )
})
