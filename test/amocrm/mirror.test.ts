import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { AmocrmError } from '../../src/amocrm/errors.ts'
import { onEachDatabase } from '../support/databases.ts'
import { account, contactOf, openMirror } from '../support/mirror.ts'
import { startTestSandbox } from '../support/parom.ts'

type Mirror = Awaited<ReturnType<typeof openMirror>>
type Sandbox = Awaited<ReturnType<typeof startTestSandbox>>

onEachDatabase('the mirror', (database) => {
  let sandbox: Sandbox
  let now: number
  /** How often somebody has looked at the time. */
  let looks = 0
  let databaseUrl: string
  let opened: Mirror[]

  beforeEach(async () => {
    now = Date.now()
    sandbox = await startTestSandbox()
    databaseUrl = await database.fresh()
    opened = []
  })
  afterEach(async () => {
    for (const { close } of opened) await close()
    await sandbox.close()
  })

  function lookAtTheTime() {
    looks++
    return now
  }

  async function open(ttl: Record<string, { ttl: number }> = {}, crm = sandbox) {
    const mirror = await openMirror({ databaseUrl, sandbox: crm, now: lookAtTheTime, ttl })
    opened.push(mirror)
    return mirror
  }

  async function isBeingRead({ db }: Mirror) {
    await vi.waitFor(async () => {
      const lists = await db.selectFrom('mirror_lists').select('filling_until').execute()
      expect(lists.some(({ filling_until }) => filling_until !== null)).toBe(true)
    })
  }

  const reads = async (path: string) =>
    (await sandbox.requests()).filter((request) => request.path.split('?')[0] === path).length

  async function api(method: string, path: string, body: unknown) {
    const { access_token } = await sandbox.credentials()
    const response = await fetch(`${sandbox.url}/api/v4/${path}`, {
      method,
      headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    expect(response.status, path).toBe(200)
    // biome-ignore lint/suspicious/noExplicitAny: what the sandbox answers is looked at by the tests themselves
    return (await response.json()) as any
  }

  it('knows each of 10,000 contacts and forgets those that are gone', async () => {
    const written = { created_at: 1_700_000_000, updated_at: 1_700_000_000 }
    const contacts = Array.from({ length: 10_000 }, (_, index) => ({
      ...contactOf({ id: 8_000_000 + index, name: `Партнёр ${index}`, partner: `P${index}` }),
      ...written,
    }))
    await sandbox.seed({ contacts })
    const mirror = await open()
    for (const index of [0, 249, 250, 5000, 9999])
      expect(await mirror.contactsOf(`P${index}`)).toMatchObject([{ id: 8_000_000 + index }])
    // 40 full pages, a few more because they overlap, and the newest change.
    expect(await reads('/api/v4/contacts')).toBeLessThanOrEqual(44)
    expect(await mirror.counts()).toMatchObject({ contacts: 10_000, withPartner: 10_000, duplicatePartners: [] })

    await sandbox.seed({ contacts: contacts.slice(1) })
    now += 24 * 60 * 60_000
    expect(await mirror.contactsOf('P0')).toEqual([])
    expect(await mirror.contactsOf('P1')).toHaveLength(1)
    expect((await mirror.counts()).contacts).toBe(9999)
  })

  it('takes no part of a list for the whole, and goes on where the CRM comes back', async () => {
    const contacts = Array.from({ length: 1000 }, (_, index) =>
      contactOf({ id: 8_000_000 + index, name: `Партнёр ${index}`, partner: `P${index}` }),
    )
    await sandbox.seed({ contacts })
    const mirror = await open()
    // The newest change, two pages, and then nothing any more.
    await sandbox.faults([
      { path: '/api/v4/contacts', effect: 'delay', delay_ms: 1, times: 3 },
      { path: '/api/v4/contacts', effect: 'status', status: 500 },
    ])
    await expect(mirror.contactsOf('P0')).rejects.toThrow(AmocrmError)
    await expect(mirror.contactsOf('P0')).rejects.toThrow(AmocrmError)
    await sandbox.faults([])
    expect(await mirror.contactsOf('P999')).toHaveLength(1)
    expect((await mirror.counts()).contacts).toBe(1000)
  })

  it('asks nothing after a restart, nor in a second process', async () => {
    const first = await open()
    await first.contactsOf('1')
    await first.products([{ name: 'Бак - Реактор', sku: '' }], ['name'])
    await first.account()
    const before = (await sandbox.requests()).length
    const second = await open()
    expect(await second.contactsOf('1')).toHaveLength(1)
    expect((await second.products([{ name: 'Бак - Реактор', sku: '' }], ['name']))?.found).toEqual([525441])
    expect(await second.account()).toEqual(await first.account())
    expect(await sandbox.requests()).toHaveLength(before)
  })

  it('is filled once, however many ask in however many processes', async () => {
    const mirrors = [await open(), await open()]
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => mirrors[index % 2]?.contactsOf(String(100 + index))),
    )
    for (const answer of answers) expect(answer).toHaveLength(1)
    expect(await reads('/api/v4/contacts')).toBe(1)
  })

  it('reads only the changes once the time is over, and finds who was edited', async () => {
    const mirror = await open({ all_contacts: { ttl: 300 } })
    await mirror.contactsOf('1')
    const before = await reads('/api/v4/contacts')
    await sandbox.advance(60_000)
    await api('PATCH', 'contacts/7143771', contactOf({ name: 'Мария', partner: 'new' }))
    now += 299_000
    await mirror.contactsOf('1')
    expect(await reads('/api/v4/contacts')).toBe(before)
    now += 1000
    expect(await mirror.contactsOf('new')).toMatchObject([{ id: 7143771, name: 'Мария' }])
    expect(await reads('/api/v4/contacts')).toBe(before + 1)
  })

  it('looks for whom it does not know, but not twice within 5 s', async () => {
    const mirror = await open()
    await mirror.contactsOf('1')
    now += 5000
    const before = await reads('/api/v4/contacts')
    expect(await mirror.contactsOf('nobody')).toEqual([])
    expect(await mirror.contactsOf('nobody else')).toEqual([])
    expect(await reads('/api/v4/contacts')).toBe(before + 1)
    await api('POST', 'contacts', [contactOf({ name: 'Никто', partner: 'nobody' })])
    now += 5000
    expect(await mirror.contactsOf('nobody')).toHaveLength(1)
  })

  it('does not take its own look for one of the future when a clock was ten minutes ahead', async () => {
    now += 10 * 60_000
    const ahead = await open()
    await ahead.contactsOf('1')
    now += 5000
    await ahead.contactsOf('nobody')
    now -= 10 * 60_000
    await api('POST', 'contacts', [contactOf({ name: 'Никто', partner: 'nobody' })])
    expect(await ahead.contactsOf('nobody')).toHaveLength(1)
  })

  it('misses no change though a card says that it was changed in the future', async () => {
    const contacts = Array.from({ length: 300 }, (_, index) =>
      contactOf({ id: 8_000_000 + index, name: `Партнёр ${index}`, partner: `P${index}` }),
    )
    const written = { created_at: 1_700_000_000, updated_at: 1_700_000_000 }
    const [first = {}, ...others] = contacts.map((contact) => ({ ...contact, ...written }))
    await sandbox.seed({ contacts: [{ ...first, updated_at: 4_000_000_000 }, ...others] })
    const mirror = await open()
    await mirror.contactsOf('P0')
    const changed = others.map((_, index) => ({
      ...contactOf({ name: 'Н', partner: `N${index}` }),
      id: 8_000_001 + index,
    }))
    await api('PATCH', 'contacts', changed.slice(0, 50))
    await sandbox.advance(1000)
    await api('PATCH', 'contacts', changed.slice(50))
    now += 5000
    expect(await mirror.contactsOf('N0')).toHaveLength(1)
  })

  it('misses nobody when somebody is deleted while the pages are read', async () => {
    const contacts = Array.from({ length: 1000 }, (_, index) =>
      contactOf({ id: 8_000_000 + index, name: `Партнёр ${index}`, partner: `P${index}` }),
    )
    await sandbox.seed({ contacts })
    const mirror = await open()
    await sandbox.faults([
      { path: '/api/v4/contacts', effect: 'delay', delay_ms: 1, times: 2 },
      { path: '/api/v4/contacts', effect: 'delay', delay_ms: 500, times: 1 },
    ])
    const asked = mirror.contactsOf('P999')
    await vi.waitFor(async () => expect(await reads('/api/v4/contacts')).toBe(3))
    await sandbox.trash('contacts', 8_000_000)
    await asked
    for (const index of [249, 250, 251, 499, 500]) expect(await mirror.contactsOf(`P${index}`)).toHaveLength(1)
    expect((await mirror.counts()).contacts).toBeGreaterThanOrEqual(999)
  })

  it('goes by what it knows while the CRM cannot be asked, but does not call anybody unknown', async () => {
    const mirror = await open()
    await mirror.contactsOf('1')
    now += 24 * 60 * 60_000
    await sandbox.faults([{ path: '/api/v4/*', effect: 'status', status: 500 }])
    expect(await mirror.contactsOf('1')).toHaveLength(1)
    await expect(mirror.contactsOf('nobody')).rejects.toThrow(AmocrmError)
  })

  it('takes over from a process that died while it read, but not from one that is at it', async () => {
    const mirror = await open()
    await mirror.contactsOf('1')
    await mirror.forget()
    await mirror.db
      .updateTable('mirror_lists')
      .set({ filling_until: now + 1000 })
      .execute()
    const asked = mirror.contactsOf('1')
    const looksBefore = looks
    await vi.waitFor(() => expect(looks).toBeGreaterThan(looksBefore + 2))
    expect(await reads('/api/v4/contacts')).toBe(1)
    now += 1000
    expect(await asked).toHaveLength(1)
  })

  it('reads everything anew after it was told to forget, by whichever process', async () => {
    const [one, other] = [await open(), await open()]
    await one.contactsOf('1')
    await sandbox.remove('contacts', 7143599)
    expect(await one.contactsOf('1')).toHaveLength(1)
    await other.forget()
    expect(await one.contactsOf('1')).toEqual([])
  })

  it('begins anew when it is told to forget while it reads', async () => {
    const [one, other] = [await open(), await open()]
    await sandbox.faults([{ path: '/api/v4/contacts', effect: 'delay', delay_ms: 500, times: 1 }])
    const asked = one.contactsOf('1')
    await isBeingRead(one)
    await other.forget()
    expect(await asked).toHaveLength(1)
    expect(await reads('/api/v4/contacts')).toBe(2)
  })

  it('uses nothing of an account that was connected before', async () => {
    const mirror = await open()
    expect(await mirror.contactsOf('1')).toHaveLength(1)
    expect((await mirror.account()).currency).toBe('RUB')
    const other = await startTestSandbox()
    await other.seed({ account: { id: 32000002, name: 'Другой', subdomain: 'other', currency: 'EUR' }, contacts: [] })
    await mirror.db.updateTable('connections').set({ account_id: null, version: 1 }).execute()
    const elsewhere = await open({}, other)
    expect(await elsewhere.contactsOf('1')).toEqual([])
    expect((await elsewhere.account()).currency).toBe('EUR')
    const lists = await mirror.db.selectFrom('mirror_lists').select('crm_account').distinct().execute()
    expect(lists).toEqual([{ crm_account: 32000002 }])
    expect(await mirror.db.selectFrom('mirror_items').select('id').where('id', '=', 7143599).execute()).toEqual([])
    await other.close()
  })

  it('keeps nothing of an answer that came while another account was being connected', async () => {
    const mirror = await open()
    await mirror.contactsOf('1')
    await mirror.forget()
    await sandbox.faults([{ path: '/api/v4/contacts', effect: 'delay', delay_ms: 300 }])
    const asked = expect(mirror.contactsOf('1')).rejects.toThrow('another account')
    await isBeingRead(mirror)
    await mirror.db.updateTable('connections').set({ account_id: 32000002 }).where('account', '=', account).execute()
    await asked
  })

  it('finds at once what was just made, and no more what the CRM does not have', async () => {
    const mirror = await open()
    await mirror.contactsOf('1')
    const made = {
      id: 9_000_001,
      name: 'Новый',
      createdAt: 1_800_000_000,
      partnerIds: ['fresh'],
      phones: ['8 912 777-77-77'],
    }
    await mirror.remember('contacts', [made])
    await mirror.remember('products', [{ id: 9_000_002, name: 'Новинка', createdAt: 1_800_000_000, sku: 'N-1' }])
    expect(await mirror.contactsOf('fresh')).toMatchObject([{ id: 9_000_001, name: 'Новый' }])
    expect(await mirror.contactsBy({ phones: ['+79127777777'], emails: [] })).toHaveLength(1)
    await mirror.doubt('contacts', [9_000_001, 7143599])
    await mirror.doubt('products', [9_000_002])
    expect(await mirror.contactsOf('fresh')).toEqual([])
    expect(await mirror.contactsOf('1')).toHaveLength(1)
    expect((await mirror.products([{ name: 'Новинка', sku: '' }], ['name']))?.found).toEqual([null])
  })

  it('answers for an order of 70,000 phones and products', async () => {
    const mirror = await open()
    const many = Array.from({ length: 70_000 }, (_, index) => String(index).padStart(5, '0'))
    const phones = [...many.map((number) => `+7 999 55${number}`), '+7 912 345-67-89']
    expect(await mirror.contactsBy({ phones, emails: [] })).toHaveLength(1)
    const wanted = [...many.map((name) => ({ name, sku: '' })), { name: 'Бак - Реактор', sku: '' }]
    expect((await mirror.products(wanted, ['name']))?.found.at(-1)).toBe(525441)
  })

  it('tells which partners have several contacts', async () => {
    await sandbox.seed({
      contacts: [
        contactOf({ id: 1, name: 'А', partner: 'двое' }),
        contactOf({ id: 2, name: 'Б', partner: ' двое ' }),
        contactOf({ id: 3, name: 'В', partner: 'один' }),
        contactOf({ id: 4, name: 'Г' }),
      ],
    })
    const counts = await (await open()).counts()
    expect(counts).toEqual({
      contacts: 4,
      withPartner: 3,
      duplicatePartners: [{ partnerId: 'двое', ids: [1, 2] }],
    })
  })

  it('survives a last page that is announced and empty', async () => {
    const contacts = Array.from({ length: 500 }, (_, index) =>
      contactOf({ id: 8_000_000 + index, name: `Партнёр ${index}`, partner: `P${index}` }),
    )
    await sandbox.seed({ contacts })
    await sandbox.settings({ next_link_when_empty: true })
    expect(await (await open()).contactsOf('P499')).toHaveLength(1)
  })
})
