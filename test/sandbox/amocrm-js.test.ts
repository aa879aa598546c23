import { Agent, globalAgent } from 'node:https'
import { connect as connectTcp } from 'node:net'
import { Client } from 'amocrm-js'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { connect } from './client.ts'

/** A client that others wrote for the real amoCRM, at work in the sandbox. */
describe('amocrm-js', () => {
  let amo: Awaited<ReturnType<typeof connect>>
  let client: Client

  beforeAll(async () => {
    amo = await connect({ now: Date.now })
    const port = Number(new URL(amo.sandbox.url).port)
    // It speaks https to port 443 of the account's host, by the agent that everybody shares: here without TLS.
    globalAgent.createConnection = () => connectTcp(port, '127.0.0.1')
    vi.spyOn(console, 'error').mockImplementation(() => {})
  })
  beforeEach(async () => {
    await amo.admin('/reset', {})
    await amo.settings({ rate_limit: null })
    const { client_id, client_secret, redirect_uri, code } = amo.sandbox.credentials()
    client = new Client({ domain: 'sandbox.amocrm.ru', auth: { client_id, client_secret, redirect_uri, code } })
  })
  afterAll(async () => {
    globalAgent.createConnection = Agent.prototype.createConnection
    vi.restoreAllMocks()
    await amo.sandbox.close()
  })

  const grants = async () =>
    (await amo.admin('/journal')).body.requests.flatMap(({ grant_type }: { grant_type?: string }) => grant_type ?? [])

  it('exchanges a code, and refreshes tokens that are over', async () => {
    expect((await client.request.get('/api/v4/account')).data).toMatchObject({ id: 31000001, subdomain: 'sandbox' })
    const first = client.token.getValue()
    if (!first) throw new Error('no token')
    client.token.setValue({ ...first, expires_at: Date.now() - 1000 })
    expect((await client.request.get('/api/v4/account')).data).toMatchObject({ id: 31000001 })
    expect(client.token.getValue()?.refresh_token).not.toBe(first.refresh_token)
    expect(await grants()).toEqual(['authorization_code', 'refresh_token'])
    client.token.setValue({ ...first, expires_at: Date.now() - 1000 })
    await expect(client.request.get('/api/v4/account')).rejects.toMatchObject({
      message: 'API_RESPONSE_ERROR',
      data: { hint: 'Token has been revoked', status: 401 },
    })
  })

  it('creates, reads, changes and saves leads', async () => {
    const [created] = await client.leads.create([{ name: 'Первая', price: 100, _embedded: { tags: [{ name: 'a' }] } }])
    const lead = await client.leads.getById(created?.id ?? 0)
    expect(lead).toMatchObject({
      name: 'Первая',
      price: 100,
      status_id: 26034988,
      _embedded: { tags: [{ name: 'a' }] },
    })
    await client.leads.update([{ id: created?.id ?? 0, price: 200 }])
    expect(await client.leads.getById(created?.id ?? 0)).toMatchObject({ name: 'Первая', price: 200 })
  })

  it('saves a lead as a whole after a change', async () => {
    const made = new client.Lead({ name: 'Новая', price: 1 })
    await made.save()
    const lead = await client.leads.getById(made.id ?? 0)
    if (!lead) throw new Error('no lead')
    lead.price = 300
    await lead.save()
    expect((await client.leads.getById(made.id ?? 0))?.price).toBe(300)
  })

  it('turns pages there and back', async () => {
    await client.leads.create(Array.from({ length: 5 }, (_, index) => ({ name: `Заказ ${index + 1}` })))
    const pages = await client.leads.get({ limit: 2 })
    const names = () => pages.getData().map(({ name }) => name)
    expect([names(), pages.hasPrev(), pages.hasNext()]).toEqual([['Заказ 1', 'Заказ 2'], false, true])
    await pages.next()
    await pages.next()
    expect([names(), pages.getPage(), pages.hasNext()]).toEqual([['Заказ 5'], 3, false])
    await pages.prev()
    expect(names()).toEqual(['Заказ 3', 'Заказ 4'])
    await pages.prev()
    expect([names(), pages.hasPrev()]).toEqual([['Заказ 1', 'Заказ 2'], false])
  })

  it('finds contacts, and gets everything by a filter that is not paid for', async () => {
    const found = await client.contacts.get({ query: 'Росс' })
    expect(found.getData()).toMatchObject([{ id: 7143599, name: 'Росс Партнёр' }])
    expect((await client.contacts.get({ query: 'нет такого' })).getData()).toEqual([])
    // Its types know no filter, its requests do.
    const criteria = { limit: 250, 'filter[id]': '7143599' }
    expect((await client.contacts.get(criteria)).getData()).toHaveLength(69)
    await amo.settings({ is_api_filter_enabled: true })
    expect((await client.contacts.get(criteria)).getData()).toHaveLength(1)
  })

  it('creates contacts with fields and links them to leads', async () => {
    const [contact] = await client.contacts.create([
      { name: 'Анна', custom_fields_values: [{ field_code: 'PHONE', values: [{ value: '+79', enum_code: 'WORK' }] }] },
    ])
    const [lead] = await client.leads.create([{ name: 'A', _embedded: { contacts: [{ id: contact?.id }] } }])
    const read = await client.leads.getById(lead?.id ?? 0, { with: ['contacts'] })
    expect(read?._embedded?.contacts).toMatchObject([{ id: contact?.id, is_main: true }])
  })

  it('throws what was refused', async () => {
    await expect(client.leads.create([{ status_id: 1 }])).rejects.toMatchObject({
      message: 'API_RESPONSE_ERROR',
      data: { status: 400, 'validation-errors': [{ request_id: '0', errors: [{ path: 'status_id' }] }] },
    })
    await amo.admin('/faults', [{ path: '/api/v4/account', effect: 'status', status: 429, html: true }])
    await expect(client.request.get('/api/v4/account')).rejects.toMatchObject({ message: 'JSON_PARSE_ERROR' })
  })

  it('reads lists and their elements', async () => {
    const { data } = await client.request.get('/api/v4/catalogs/4521/elements', { limit: 250, query: 'P-194' })
    expect(data).toMatchObject({ _embedded: { elements: [{ id: 525439, catalog_id: 4521 }] } })
  })
})
