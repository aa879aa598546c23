import { expect, it } from 'vitest'
import { manyOrders, phoneOf, startBacklog } from '../support/backlog.ts'
import { onEachDatabase } from '../support/databases.ts'

onEachDatabase('orders that have waited', (database) => {
  it.each([
    [
      1,
      [
        ['leads', 1],
        ['leads/link', 1],
        ['leads/notes', 1],
      ],
    ],
    [
      50,
      [
        ['leads', 50],
        ['leads/link', 123],
        ['leads/notes', 50],
      ],
    ],
  ])('go together, three requests in all: %i', async (count, expected) => {
    await using backlog = await startBacklog(database)
    const orders = manyOrders(count)
    const ids = await backlog.keepBack(orders)
    await backlog.letGo()
    await backlog.delivered(ids)
    expect((await backlog.writes()).map(({ path, items }) => [path, items])).toEqual(expected)
    expect(await backlog.requests()).toHaveLength(3)
    await backlog.expectEachOnce(ids, orders)
  })

  it('go in as few batches as must be, each lead with what is its own', async () => {
    await using backlog = await startBacklog(database)
    const orders = manyOrders(120)
    const ids = await backlog.keepBack(orders)
    await backlog.letGo()
    await backlog.delivered(ids)
    for (const kind of ['/leads', '/leads/link', '/leads/notes'])
      expect(await backlog.writes(kind), kind).toHaveLength(3)
    expect(await backlog.requests()).toHaveLength(9)
    await backlog.expectEachOnce(ids, orders)
  })

  it('show on their pages their own part of what was sent for all of them', async () => {
    await using backlog = await startBacklog(database)
    const ids = await backlog.keepBack(manyOrders(50))
    await backlog.letGo()
    await backlog.delivered(ids)
    const leads = await backlog.seen()
    const host = new URL(backlog.sandbox.url).host
    for (const [index, id] of ids.entries()) {
      const [attempt, ...others] = await backlog.inbox.attempts(id)
      expect(others).toEqual([])
      expect(attempt).toMatchObject({
        outcome: 'delivered',
        host: expect.stringMatching(/./),
        config_version: expect.stringMatching(/./),
        steps: ['lead', 'products', 'note'].map((name) => ({
          name,
          state: 'confirmed',
          orders: 50,
          host,
          http_status: 200,
        })),
      })
      for (const { sent_at, finished_at, request, answer } of attempt?.steps ?? []) {
        expect(finished_at).toBeGreaterThanOrEqual(sent_at ?? Number.POSITIVE_INFINITY)
        const [leadId = 0] = (leads.get(id) ?? []).map((lead) => lead.id)
        expect(JSON.parse(answer ?? '')._embedded).toSatisfy((lists: Record<string, object[]>) =>
          Object.values(lists).every((list) => list.length > 0),
        )
        expect(`${answer}`).toContain(`${leadId}`)
        const others = [...leads].filter(([key]) => key !== id)
        for (const [key, [lead]] of others)
          expect(`${request}${answer}`).not.toMatch(new RegExp(`${key}|\\b${lead?.id}\\b`))
        expect(`${request}${answer}`.match(/\(921\) 555-\d+/g) ?? []).toSatisfy((phones: string[]) =>
          phones.every((phone) => phoneOf(index).endsWith(phone)),
        )
      }
    }
  })
})
