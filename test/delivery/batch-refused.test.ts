import { expect, it } from 'vitest'
import { manyOrders, startBacklog } from '../support/backlog.ts'
import { onEachDatabase } from '../support/databases.ts'

const create = { method: 'POST', path: '/api/v4/leads' }
const unnamed = { effect: 'status', status: 400, body: { title: 'Bad Request' } }
const tooLong = 'слишком длинно '.repeat(10).trim()

onEachDatabase('a batch that the CRM refuses', (database) => {
  /** Orders of which some have a comment that the CRM does not take. */
  async function startWith(sick: number[], settings: object = {}) {
    const backlog = await startBacklog(database)
    await backlog.sandbox.settings({ textarea_max: 100, ...settings })
    const commentOf = (index: number) => (sick.includes(index) ? { comment: `${tooLong} ${index}.` } : {})
    const orders = manyOrders(50, commentOf)
    const ids = await backlog.keepBack(orders)
    return { ...backlog, orders, ids, sickIds: ids.filter((_, index) => sick.includes(index)) }
  }

  it.each([[[7]], [[0, 49]], [[3, 4, 5]]])('goes at once without those that it names, %j', async (sick) => {
    await using backlog = await startWith(sick)
    const { ids, orders, sickIds } = backlog
    await backlog.letGo()
    await backlog.delivered(ids)
    const healthy = 50 - sick.length
    expect((await backlog.writes()).slice(0, 4)).toMatchObject([
      { path: 'leads', items: 50, status: 400 },
      { path: 'leads', items: healthy, status: 200 },
      { path: 'leads/link', status: 200 },
      { path: 'leads/notes', items: healthy, status: 200 },
    ])
    expect((await backlog.writes()).length).toBeLessThanOrEqual(8)
    await backlog.expectEachOnce(ids, orders, sickIds)
    for (const id of ids) expect(await backlog.codesOf(id)).toEqual(sickIds.includes(id) ? ['field_refused'] : [])
  })

  it.each([
    [
      'names it',
      (id: string) => [{ request_id: id, errors: [{ code: 'Odd', path: 'nobody.knows', detail: 'No' }] }],
      6,
    ],
    ['names nobody', () => [], 17],
  ])('delivers all but the one that nothing can make good: the CRM %s', async (_case, faults, most) => {
    await using backlog = await startWith([])
    const { ids, orders } = backlog
    const [sickId = ''] = ids.slice(7)
    const body = { title: 'Bad Request', 'validation-errors': faults(sickId) }
    await backlog.sandbox.faults([{ ...create, ...unnamed, body, mentions: sickId }])
    await backlog.letGo()
    await backlog.allReach(ids, { delivered: 49, dead: 1 })
    expect(await backlog.inbox.find(sickId)).toMatchObject({ state: 'dead', reason: 'crm_rejected', attempts: 1 })
    const others = (list: unknown[]) => list.filter((_, index) => index !== 7)
    await backlog.expectEachOnce(others(ids) as string[], others(orders) as typeof orders)

    // At last it is tried alone, barer and barer.
    expect((await backlog.writes('/leads')).length).toBeLessThanOrEqual(most)
    expect(await backlog.writes('/link')).toMatchObject([{ status: 200 }])
    expect(await backlog.writes('/notes')).toMatchObject([{ items: 49, status: 200 }])

    await backlog.sandbox.faults([])
    await backlog.inbox.redeliver(sickId)
    await backlog.delivered(ids)
    await backlog.expectEachOnce(ids, orders)
  })

  it.each(['partial_200', 'partial_400'])(
    'and does in part all the same, leaves nothing twice: %s',
    async (batch_failure) => {
      await using backlog = await startWith([7, 30], { batch_failure, link_again: 'sum' })
      const { ids, orders, sickIds } = backlog
      await backlog.letGo()
      await backlog.delivered(ids)
      await backlog.expectEachOnce(ids, orders, sickIds)
      const sent = (await backlog.writes('/leads')).map(({ items }) => items)
      expect(sent[0]).toBe(50)
      expect(sent.slice(1).reduce((sum, items) => sum + items, 0)).toBeLessThanOrEqual(6)
    },
  )
})

onEachDatabase('a request for the links or notes of many orders', (database) => {
  const rare = 'Автоклав бытовой - 15 л.'

  /** Of which one has a product that no other has. */
  async function startWithRare() {
    const backlog = await startBacklog(database)
    const lines = [{ product_id: '9', name: rare, quantity: 2, price: '5.0000' }]
    const orders = manyOrders(20, (index) => (index === 7 ? { products: lines } : {}))
    const ids = await backlog.keepBack(orders)
    const elements: { id: number; name: string }[] = (await backlog.sandbox.state()).elements
    const elementId = elements.find(({ name }) => name === rare)?.id ?? 0
    const withoutRare = orders.map((order, index) => (index === 7 ? { ...order, products: [] } : order))
    return { ...backlog, orders, ids, elementId, withoutRare, rareId: ids[7] ?? '' }
  }

  it('of which one product is gone is sent without it', async () => {
    await using backlog = await startWithRare()
    const { ids, rareId } = backlog
    await backlog.sandbox.remove('elements', backlog.elementId)
    await backlog.letGo()
    await backlog.delivered(ids)
    await backlog.expectEachOnce(ids, backlog.withoutRare)
    for (const id of ids) expect(await backlog.codesOf(id)).toEqual(id === rareId ? ['products_unknown'] : [])
    expect((await backlog.writes('/notes')).map(({ items }) => items)).toEqual([19, 1])
  })

  it('that is refused for one order is sent without it: links', async () => {
    await using backlog = await startWithRare()
    const { ids, rareId, elementId } = backlog
    await backlog.sandbox.settings({ link_again: 'sum' })
    const mentions = `"to_entity_id":${elementId}`
    await backlog.sandbox.faults([{ method: 'POST', path: '/api/v4/leads/link', ...unnamed, mentions }])
    await backlog.letGo()
    await backlog.delivered(ids)
    await backlog.expectEachOnce(ids, backlog.withoutRare)
    for (const id of ids) expect(await backlog.codesOf(id)).toEqual(id === rareId ? ['products_refused'] : [])
    expect(await backlog.writes('/leads')).toHaveLength(1)
  })

  it('that is refused for one order is sent without it: notes', async () => {
    await using backlog = await startWithRare()
    const { ids, orders, rareId } = backlog
    await backlog.sandbox.faults([{ method: 'POST', path: '/api/v4/leads/notes', ...unnamed, mentions: 'Заказ 7.' }])
    await backlog.letGo()
    await backlog.allReach(ids, { delivered: 19, dead: 1 })
    expect(await backlog.inbox.find(rareId)).toMatchObject({ state: 'dead', reason: 'crm_rejected' })
    await backlog.sandbox.faults([])
    await backlog.inbox.redeliver(rareId)
    await backlog.delivered(ids)
    await backlog.expectEachOnce(ids, orders)
    expect(await backlog.writes('/leads')).toHaveLength(1)
  })

  it.each(['/leads', '/leads/link', '/leads/notes'])(
    'that is too much for the CRM is cut into smaller ones, until it is well: %s',
    async (path) => {
      await using backlog = await startBacklog(database)
      await backlog.sandbox.settings({ link_again: 'sum' })
      const tooMuch = {
        method: 'POST',
        path: `/api/v4${path}`,
        items_over: 30,
        effect: 'status',
        status: 504,
        html: true,
      }
      await backlog.sandbox.faults([tooMuch])
      const { products = [] } = manyOrders(2)[1] ?? {}
      const fifty = (name: string) => manyOrders(50, (index) => ({ order_id: `${name} ${index}`, products }))
      const orders = fifty('first')
      const ids = await backlog.keepBack(orders)
      await backlog.letGo()
      await backlog.patiently(ids)
      await backlog.expectEachOnce(ids, orders)

      await backlog.sandbox.faults([])
      for (const name of ['second', 'third', 'fourth', 'fifth']) {
        const more = fifty(name)
        const moreIds = await backlog.keepBack(more)
        await backlog.letGo()
        await backlog.delivered(moreIds)
        orders.push(...more)
        ids.push(...moreIds)
      }
      expect(await backlog.writes(path)).toHaveLength(1)
      await backlog.expectEachOnce(ids, orders)
    },
  )
})
