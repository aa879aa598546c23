import { afterEach, beforeEach, expect, it } from 'vitest'
import { AmocrmError } from '../../src/amocrm/errors.ts'
import { onEachDatabase } from '../support/databases.ts'
import { contactOf, openMirror } from '../support/mirror.ts'
import { startTestSandbox } from '../support/parom.ts'

onEachDatabase('what the mirror tells', (database) => {
  let sandbox: Awaited<ReturnType<typeof startTestSandbox>>
  let mirror: Awaited<ReturnType<typeof openMirror>>
  let now: number

  beforeEach(async () => {
    now = Date.now()
    sandbox = await startTestSandbox()
    const ttl = { custom_fields_leads: { ttl: 600 }, users: { ttl: 60 } }
    mirror = await openMirror({ databaseUrl: await database.fresh(), sandbox, now: () => now, ttl })
  })
  afterEach(async () => {
    await mirror.close()
    await sandbox.close()
  })

  it('of the account is all that orders are mapped by', async () => {
    const { timeZone, currency, fields, pipelines, users } = await mirror.account()
    expect({ timeZone, currency }).toEqual({ timeZone: 'Europe/Moscow', currency: 'RUB' })
    expect(fields).toContainEqual({
      entity: 'leads',
      id: 685731,
      name: 'Покупатель',
      type: 'text',
      code: null,
      choices: [],
      isComputed: false,
      groupId: null,
      catalogIds: [],
    })
    const phone = fields.find(({ entity, code }) => entity === 'contacts' && code === 'PHONE')
    expect(phone?.choices).toContainEqual({ id: 193226, value: 'WORK', code: 'WORK' })
    expect(fields.some(({ entity }) => entity === 'companies')).toBe(true)
    expect(pipelines[0]).toEqual({
      id: 1731979,
      name: 'Дропшиппинг',
      isArchive: false,
      statuses: [
        { id: 26034988, name: 'Новый заказ' },
        { id: 26034991, name: 'В работе' },
        { id: 142, name: 'Успешно реализовано' },
        { id: 143, name: 'Закрыто и не реализовано' },
      ],
    })
    expect(users).toEqual([{ id: 504141, name: 'Администратор', isActive: true }])
  })

  it('of the account is the same object until something changes', async () => {
    const facts = await mirror.account()
    expect(await mirror.account()).toBe(facts)
    now += 24 * 60 * 60_000
    expect(await mirror.account()).toBe(facts)
    await rename('Получатель')
    expect(await mirror.account()).toBe(facts)
    now += 600_000
    const renamed = await mirror.account()
    expect(renamed.fields).toContainEqual(expect.objectContaining({ id: 685731, name: 'Получатель' }))
    expect(await mirror.account()).toBe(renamed)
  })

  it('is read anew after it was forgotten, and no contacts or products are', async () => {
    await mirror.account()
    await rename('Получатель')
    await mirror.forgetAccount()
    const before = (await sandbox.requests()).length
    expect((await mirror.account()).fields).toContainEqual(expect.objectContaining({ name: 'Получатель' }))
    const asked = (await sandbox.requests()).slice(before).map(({ path }) => path.split('?')[0])
    const fields = ['companies', 'contacts', 'leads'].map((entity) => `/api/v4/${entity}/custom_fields`)
    expect(asked.sort()).toEqual(['/api/v4/account', ...fields, '/api/v4/leads/pipelines', '/api/v4/users'])
  })

  it('of users is nothing where we may not know', async () => {
    await sandbox.faults([{ path: '/api/v4/users', effect: 'status', status: 403 }])
    expect((await mirror.account()).users).toBeNull()
  })

  it.each([
    ['is down for a while', 500, true],
    ['refuses', 402, false],
  ])('is what it was when the CRM %s, or not', async (_case, status, isKept) => {
    const facts = await mirror.account()
    now += 60_000
    await sandbox.faults([{ path: '/api/v4/users', effect: 'status', status }])
    if (isKept) expect(await mirror.account()).toBe(facts)
    else await expect(mirror.account()).rejects.toThrow(AmocrmError)
  })

  it('of contacts is whoever has any of the phones and e-mails: most matches first, then the newest', async () => {
    const both = { phones: ['+7 912 111-11-11'], emails: ['Anna@shop.example'] }
    await sandbox.seed({
      contacts: [
        { ...contactOf({ id: 1, name: 'Оба', ...both }), created_at: 1_700_000_000 },
        {
          ...contactOf({ id: 2, name: 'Новее', phones: ['8 (912) 111-11-11', '+7 999 000-00-00'] }),
          created_at: 1_700_000_002,
        },
        { ...contactOf({ id: 3, name: 'Старее', emails: ['anna@shop.example'] }), created_at: 1_700_000_001 },
        contactOf({ id: 4, name: 'Другая', phones: ['+375 29 111-11-11'], emails: ['anna@shop.example.org'] }),
      ],
    })
    const found = await mirror.contactsBy({ phones: ['9121111111'], emails: [' anna@shop.example '] })
    expect(found.map(({ id }) => id)).toEqual([1, 2, 3])
    expect(await mirror.contactsBy({ phones: ['12345', ''], emails: [''] })).toEqual([])
  })

  it('of a partner is each contact, the newest first', async () => {
    await sandbox.seed({
      contacts: [
        { ...contactOf({ id: 1, name: 'Раз', partner: '77' }), created_at: 1_700_000_000 },
        { ...contactOf({ id: 3, name: 'Три', partner: ' 77 ' }), created_at: 1_700_000_001 },
        contactOf({
          id: 4,
          name: '77',
          partner: '077',
          phones: ['77', '+7 777 777-77-77'],
          emails: ['77@shop.example'],
        }),
      ],
    })
    expect((await mirror.contactsOf('77')).map(({ id }) => id)).toEqual([3, 1])
    expect(await mirror.contactsOf('')).toEqual([])
  })

  it('of namesakes is who was made since then', async () => {
    await sandbox.seed({
      contacts: [
        { ...contactOf({ id: 1, name: 'Анна  Ким' }), created_at: 1_700_000_000 },
        { ...contactOf({ id: 2, name: 'Анна Ким' }), created_at: 1_700_000_100 },
        { ...contactOf({ id: 3, name: 'Анна Кимова' }), created_at: 1_700_000_100 },
      ],
    })
    expect(await mirror.contactsNamed('Анна Ким', 1_700_000_100)).toMatchObject([{ id: 2, createdAt: 1_700_000_100 }])
    expect(await mirror.contactsNamed('Анна Ким', 0)).toHaveLength(2)
  })

  it('of companies is read only when somebody asks', async () => {
    const reads = async () =>
      (await sandbox.requests()).filter(({ path }) => path.startsWith('/api/v4/companies?')).length
    await mirror.contactsOf('1')
    expect(await reads()).toBe(0)
    expect(await mirror.companiesNamed('ООО "ромашка"')).toMatchObject([{ id: 7143801, name: 'ООО «Ромашка»' }])
    expect(await mirror.companiesNamed('Ромашка')).toEqual([])
    expect(await reads()).toBe(1)
  })

  async function rename(name: string) {
    const { access_token } = await sandbox.credentials()
    const answer = await fetch(`${sandbox.url}/api/v4/leads/custom_fields/685731`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name }),
    })
    expect(answer.status).toBe(200)
  }
})
