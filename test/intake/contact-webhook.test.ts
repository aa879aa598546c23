import fc from 'fast-check'
import qs from 'qs'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { onEachDatabase } from '../support/databases.ts'
import { contactOf, partnerFieldId } from '../support/mirror.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { startParom } from '../support/parom.ts'

const token = 'secret-of-the-shop'
const accountId = '31000001'
const everything = ['add', 'update', 'delete', 'restore'].flatMap((action) => [
  `${action}_contact`,
  `${action}_company`,
])

onEachDatabase('webhooks of amoCRM', (database) => {
  let parom: Awaited<ReturnType<typeof startParom>>
  beforeEach(async () => {
    parom = await startParom({ databaseUrl: await database.fresh(), env: { WEBHOOK_TOKEN: token } })
  })
  afterEach(() => parom.close())

  const address = (presented = token) => `${parom.url}/api/cache/update/contacts?token=${presented}`

  const post = (body: string, url = address(), contentType = 'application/x-www-form-urlencoded') =>
    fetch(url, { method: 'POST', headers: { 'content-type': contentType }, body })

  async function api(method: string, path: string, body: unknown) {
    const { access_token } = await parom.sandbox.credentials()
    const headers = { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' }
    const response = await fetch(`${parom.sandbox.url}/api/v4/${path}`, { method, headers, body: JSON.stringify(body) })
    expect(response.ok, path).toBe(true)
  }

  /** What an order of the partner is linked to. */
  async function contactsOf(partner: string, comment: string) {
    const answer = await parom.post(asForm(anOrder({ customer_id: partner, comment })), { 'x-webhook-token': token })
    const { lead_id } = await parom.reaches(answer.body.id, 'delivered')
    const { leads } = await parom.sandbox.state()
    const lead = leads.find(({ id }: { id: number }) => id === lead_id)
    return lead._embedded.contacts.map(({ id }: { id: number }) => id)
  }

  const contactReads = async () =>
    (await parom.sandbox.requests())
      .filter(({ method, path }) => method === 'GET' && path.startsWith('/api/v4/contacts'))
      .map(({ path }) => path)

  /** As amoCRM posts it. */
  function told(action: string, contact: object, account = accountId) {
    return qs.stringify({ contacts: { [action]: [{ type: 'contact', ...contact }] }, account: { id: account } })
  }

  function edited(id: number, partner: string, updated_at: number) {
    const custom_fields = [{ id: partnerFieldId, name: 'ID партнёра', values: [{ value: partner }] }]
    return told('update', { id, name: 'Правка', updated_at, created_at: 1_700_000_000, custom_fields })
  }

  it('are what the next order goes by, without a look at the CRM', async () => {
    await api('POST', 'webhooks', { destination: address(), settings: everything })
    const happens = async (change: () => Promise<unknown>) => {
      const before = (await deliveries()).length
      await change()
      await vi.waitFor(async () => {
        const all = await deliveries()
        expect(all.length).toBeGreaterThan(before)
        expect(all.at(-1)?.attempts).toMatchObject([{ status: 200 }])
      })
    }
    expect(await contactsOf('1', 'до')).toEqual([7143599])
    // Two changes within a second would have to be read.
    await parom.sandbox.advance(5000)
    const reads = await contactReads()

    await happens(() => api('PATCH', 'contacts/7143771', contactOf({ name: 'Мария', partner: 'P-77' })))
    expect(await contactsOf('P-77', 'после правки')).toEqual([7143771])
    await happens(() => api('POST', 'contacts', [contactOf({ name: 'Новый', partner: 'P-78' })]))
    expect(await contactsOf('P-78', 'после создания')).toHaveLength(1)
    expect(await contactReads()).toEqual(reads)

    await happens(() => parom.sandbox.trash('contacts', 7143599))
    expect(await contactsOf('1', 'после удаления')).toEqual([])
    await happens(() => parom.sandbox.restore('contacts', 7143599))
    expect(await contactsOf('1', 'после возвращения')).toEqual([7143599])
  })

  async function deliveries() {
    const answer = await fetch(`${parom.sandbox.url}/__sandbox/deliveries`)
    return ((await answer.json()) as { deliveries: { attempts: object[] }[] }).deliveries
  }

  it('may come twice, late and out of order', async () => {
    await contactsOf('1', 'до')
    const ahead = Math.floor(Date.now() / 1000) + 1000
    for (const body of [
      edited(7143771, 'new', ahead + 1),
      edited(7143771, 'new', ahead + 1),
      edited(7143771, 'old', ahead),
    ])
      expect((await post(body)).status).toBe(200)
    expect(await contactsOf('new', 'один')).toEqual([7143771])
    expect(await contactsOf('old', 'два')).toEqual([])
  })

  it('do not bring back who is deleted', async () => {
    await contactsOf('1', 'до')
    await parom.sandbox.trash('contacts', 7143771)
    await post(told('delete', { id: 7143771 }))
    await post(edited(7143771, 'late', 1_900_000_000))
    expect(await contactsOf('late', 'после')).toEqual([])
    // Nor was it tried.
    expect((await parom.sandbox.requests()).filter(({ status }) => status === 400)).toEqual([])
  })

  it('lead to a look at a contact of which they say too little', async () => {
    await contactsOf('1', 'до')
    await api('PATCH', 'contacts/7143771', contactOf({ name: 'Мария', partner: 'P-77' }))
    await post(told('update', { id: 7143771, name: 'Мария', updated_at: 1_900_000_000 }))
    expect(await contactsOf('P-77', 'после')).toEqual([7143771])
  })

  it('tell nothing of companies to contacts', async () => {
    await contactsOf('1', 'до')
    const body = { ...qs.parse(edited(7143801, '42', 1_900_000_000)) }
    const company = qs.stringify(body).replaceAll('type%5D=contact', 'type%5D=company')
    expect((await post(company)).status).toBe(200)
    expect(await contactsOf('42', 'после')).toEqual([7143603])
  })

  it('change nothing when they come from another account', async () => {
    await contactsOf('1', 'до')
    const answer = await post(told('delete', { id: 7143599 }, '1'))
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ message: expect.stringContaining('не из того аккаунта') })
    expect(await contactsOf('1', 'после')).toEqual([7143599])
  })

  it.each([
    ['a wrong token', () => address('wrong'), 'account[id]=1', 'application/x-www-form-urlencoded', 401],
    ['no token', () => address(''), 'account[id]=1', 'application/x-www-form-urlencoded', 401],
    ['a body that is no webhook', () => address(), 'a=b', 'application/x-www-form-urlencoded', 400],
    ['an empty body', () => address(), '', 'application/x-www-form-urlencoded', 400],
    ['JSON', () => address(), '{}', 'application/json', 415],
    ['far too much', () => address(), `a=${'x'.repeat(1_100_000)}`, 'application/x-www-form-urlencoded', 413],
  ])('are refused with %s', async (_case, url, body, contentType, status) => {
    const answer = await post(body, url(), contentType)
    expect(answer.status).toBe(status)
    expect(await answer.json()).toMatchObject({ status, message: expect.stringMatching(/[а-я]/) })
  })

  it('are taken by POST only, and need neither a session nor a form token', async () => {
    const answer = await fetch(address())
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST'])
    const posted = await post(`account[id]=${accountId}`)
    expect([posted.status, posted.headers.get('set-cookie')]).toEqual([200, null])
  })

  it('are none refused for being many, and none of what they tell is missed', async () => {
    await contactsOf('1', 'до')
    await api('PATCH', 'contacts/7143771', contactOf({ name: 'Мария', partner: 'P-77' }))
    await parom.sandbox.trash('contacts', 7143599)
    const junk = Array.from({ length: 250 }, () => post(`account[id]=${accountId}`))
    const news = [told('update', { id: 7143771 }), told('delete', { id: 7143599 })].map((body) => post(body))
    for (const answer of await Promise.all([...junk, ...news])) expect(answer.status).toBe(200)
    expect(await contactsOf('P-77', 'после')).toEqual([7143771])
    parom.advance(61_000)
    expect(await contactsOf('1', 'потом')).toEqual([])
    // Nor was it tried.
    expect((await parom.sandbox.requests()).filter(({ status }) => status === 400)).toEqual([])
  })

  it('may tell of thousands at once, and are answered in time', async () => {
    await contactsOf('1', 'до')
    await api('PATCH', 'contacts/7143771', contactOf({ name: 'Мария', partner: 'P-77' }))
    const restored = Array.from({ length: 20_000 }, (_, index) => `contacts[restore][${index}][id]=${index + 1}`)
    expect((await post(`account[id]=${accountId}&${restored.join('&')}`)).status).toBe(200)
    expect(await contactsOf('P-77', 'после')).toEqual([7143771])
  })

  it('of a time that never was count for a day at most', async () => {
    await contactsOf('1', 'до')
    await post(edited(7143771, 'wrong', 4_000_000_000))
    expect(await contactsOf('wrong', 'после')).toEqual([7143771])
    parom.advance(24 * 60 * 60_000)
    expect(await contactsOf('wrong', 'потом')).toEqual([])
  })

  it('may hold any junk', async () => {
    const part = fc.constantFrom(
      'contacts',
      '[update]',
      '[delete]',
      '[0]',
      '[id]',
      '[custom_fields]',
      '=',
      '&',
      '1',
      '%',
    )
    const junk = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(part).map((parts) => parts.join('')),
    )
    const check = async (body: string) => {
      expect([200, 400]).toContain((await post(body)).status)
    }
    await fc.assert(fc.asyncProperty(junk, check), { numRuns: 90 })
  })
})
