import { expect, it } from 'vitest'
import { manyOrders, startBacklog } from '../support/backlog.ts'
import { amoFields, people } from '../support/buyer.ts'
import { onEachDatabase } from '../support/databases.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { startParom, startTestSandbox } from '../support/parom.ts'

const create = { method: 'POST', path: '/api/v4/leads' }
const loss = { effect: 'lost_answer', times: 1 }
const badGateway = { effect: 'status', status: 502, html: true, commit: true, times: 1 }

onEachDatabase('the lost answer to a batch', (database) => {
  it.each([
    ['/leads', loss, '/leads?'],
    ['/leads', badGateway, '/leads?'],
    ['/leads', { effect: 'truncate', times: 1 }, '/leads?'],
    ['/leads/link', loss, '/leads/links?'],
    ['/leads/link', badGateway, '/leads/links?'],
    ['/leads/notes', loss, '/leads/notes?'],
    ['/leads/notes', badGateway, '/leads/notes?'],
  ])('is looked for once for all of it, and nothing is made twice: POST %s, %j', async (path, fault, read) => {
    await using backlog = await startBacklog(database)
    await backlog.sandbox.settings({ link_again: 'sum' })
    await backlog.sandbox.faults([{ method: 'POST', path: `/api/v4${path}`, ...fault }])
    const orders = manyOrders(50)
    const ids = await backlog.keepBack(orders)
    await backlog.letGo()
    await backlog.patiently(ids)
    await backlog.expectEachOnce(ids, orders)
    expect((await backlog.writes()).map((write) => write.path)).toEqual(['leads', 'leads/link', 'leads/notes'])
    const reads = (await backlog.requests()).filter((request) => request.method === 'GET')
    expect(reads.map((request) => request.path).filter((each) => each.startsWith(`/api/v4${read}`))).toHaveLength(1)
    for (const { attempts } of await backlog.readMessages(ids)) expect(attempts).toBe(2)
  })

  it('to their buyers leaves each buyer one card', async () => {
    await using backlog = await startBacklog(database, {
      form: { ...people, entities_create: ['lead', 'contact'] },
      amoFields,
    })
    await backlog.sandbox.faults([{ method: 'POST', path: '/api/v4/contacts', ...loss }])
    const orders = manyOrders(20)
    const ids = await backlog.keepBack(orders)
    await backlog.letGo()
    await backlog.patiently(ids)
    expect((await backlog.writes()).map(({ path, items }) => [path, items])).toEqual([
      ['contacts', 20],
      ['leads', 20],
      ['leads/link', 50],
      ['leads/notes', 20],
    ])
    expect((await backlog.sandbox.state()).contacts).toHaveLength(backlog.before.contacts.length + 20)
  })

  it('keeps the older lead where there are two with the same key, and tells of the younger', async () => {
    await using backlog = await startBacklog(database)
    await backlog.sandbox.faults([{ ...create, ...loss }])
    const orders = manyOrders(3)
    const ids = await backlog.keepBack(orders)
    const [, twin = ''] = ids
    await backlog.letGo()
    await expect.poll(async () => (await backlog.inbox.find(twin))?.reason).toBe('crm_unavailable')
    const [older] = (await backlog.seen()).get(twin) ?? []
    const younger = await backlog.doubleLead(twin)
    await backlog.patiently(ids)
    const { lead_id, warnings } = (await backlog.inbox.find(twin)) ?? {}
    expect(lead_id).toBe(older?.id)
    const params = { lead: `${older?.id}`, others: `${younger}` }
    expect(JSON.parse(warnings ?? '')).toEqual([{ code: 'lead_doubled', params }])
    const leads = await backlog.seen()
    expect(ids.map((id) => leads.get(id)?.map(({ notes }) => notes.length))).toEqual([[1], [1, 0], [1]])
    expect(await backlog.writes('/leads')).toMatchObject([{ items: 3 }, { items: 1 }])
  })

  it('to a second lead that a person has asked for leaves the first one alone', async () => {
    await using backlog = await startBacklog(database)
    const orders = manyOrders(5)
    const ids = await backlog.post(orders)
    await backlog.delivered(ids)
    const first = await backlog.seen()
    await backlog.sandbox.faults([{ ...create, ...loss }])
    await backlog.keepBack([])
    for (const id of ids) expect(await backlog.inbox.askForAnotherLead(id, 1)).toBe(true)
    await backlog.letGo()
    await backlog.patiently(ids)
    const leads = await backlog.seen()
    expect([...leads.keys()].toSorted()).toEqual(ids.flatMap((id) => [id, `${id}:2`]).toSorted())
    for (const id of ids) {
      expect(leads.get(id)).toEqual(first.get(id))
      const [{ id: _, key: __, ...before } = {}] = leads.get(id) ?? []
      expect(leads.get(`${id}:2`)).toEqual([{ ...before, id: (await backlog.inbox.find(id))?.lead_id, key: `${id}:2` }])
    }
    expect(await backlog.writes('/leads')).toHaveLength(1)
  })
})

onEachDatabase('orders for an account that cannot hold the key of an order', (database) => {
  const noMarker = { method: 'POST', path: '/api/v4/leads/custom_fields', effect: 'status', status: 403 }

  it('go one by one, and only the one whose answer was lost is left to a person, also when the account can by then', async () => {
    const databaseUrl = await database.fresh()
    const sandbox = await startTestSandbox()
    await sandbox.faults([noMarker, { ...create, ...loss, mentions: 'Заказ 1.' }])
    const first = await startParom({ databaseUrl, sandbox })
    const ids: string[] = []
    for (const order of manyOrders(3)) ids.push((await first.post(asForm(order))).body.id)
    const [one = '', lost = '', three = ''] = ids
    await first.reaches(one, 'delivered')
    await expect.poll(async () => (await first.inbox.find(lost))?.reason).toBe('crm_unavailable')
    await first.reaches(three, 'delivered')
    await first.close()

    await sandbox.faults([])
    const second = await startParom({ databaseUrl, sandbox, clock: first.clock })
    second.advance(60_000)
    expect(await second.reaches(lost, 'dead')).toMatchObject({ reason: 'unknown_outcome', lead_id: null })
    const { body } = await second.post(asForm(anOrder({ order_id: 'next' })))
    await second.reaches(body.id, 'delivered')
    expect((await sandbox.state()).leads).toHaveLength(4)
    await second.close()
    await sandbox.close()
  })
})
