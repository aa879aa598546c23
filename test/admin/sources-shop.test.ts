import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openDatabase } from '../../src/database/open.ts'
import { addShop, callApi } from '../support/api-shops.ts'
import { onEachDatabase } from '../support/databases.ts'
import { startParom } from '../support/parom.ts'
import { contentOf, send, signedIn } from '../support/people.ts'
import { createVisitor, formWith } from '../support/visitor.ts'

onEachDatabase('a shop of the order API', (database) => {
  let databaseUrl: string
  let parom: Awaited<ReturnType<typeof startParom>>
  /** Another process of the same installation. */
  let other: typeof parom
  let boss: Awaited<ReturnType<typeof signedIn>>
  beforeAll(async () => {
    databaseUrl = await database.fresh()
    const users = [
      { login: 'petr', roles: ['admin'] },
      { login: 'olga', roles: ['viewer'] },
    ]
    parom = await startParom({ databaseUrl, users })
    other = await startParom({ databaseUrl, users, sandbox: parom.sandbox })
    boss = await signedIn(parom.url)
  })
  afterAll(async () => {
    await other.close()
    await parom.close()
  })

  let source: string
  let token: string
  let page: string
  let number = 0
  beforeEach(async () => {
    number += 1
    const shop = await addShop(databaseUrl, { name: `Ромашка ${number}`, email: `romashka${number}@shop.example` })
    source = shop.source
    token = shop.token
    page = `/app/sources/${source}`
  })

  const deed = (what: string, fields: Record<string, string> = {}, visitor = boss) =>
    send(visitor, page, { what, ...fields })
  const tokenIn = (html: string) => /id="token"[^>]*>(\d+\|[\w-]{40})</.exec(html)?.[1] ?? expect.fail('no token')
  const idOf = (text: string) => text.split('|')[0] ?? ''
  const call = (shown: string, url = other.url) =>
    callApi(url, 'callback', { phone: '+7 912 000-00-00' }, { token: shown })
  const isTaken = async (shown: string, url = other.url) => (await call(shown, url)).status === 201
  const settingsForm = async (visitor = boss) =>
    formWith('what', 'settings', (await visitor.visit(page)).text.replaceAll('&quot;', "'"))

  async function change(fields: Record<string, string>, visitor = boss) {
    const { seen = '', name = '', partner = '', requests = '', seconds = '' } = await settingsForm(visitor)
    return deed('settings', { seen: seen.replaceAll("'", '"'), name, partner, requests, seconds, ...fields }, visitor)
  }

  it('is changed, and the list and the record say so', async () => {
    const changed = { name: 'Лилия', partner: '100500', form: 'default', requests: '20', seconds: '1' }
    expect(await change(changed)).toMatchObject({ status: 303, location: `${page}?done=saved` })
    expect((await boss.visit(`${page}?done=saved`)).text).toMatch(/Лилия[\s\S]*Сохранено[\s\S]*100500[\s\S]*20 за 1 с/)
    const audit = (await boss.visit(`/app/audit?target=${source}`)).text
    expect(contentOf(audit)).toMatch(/название:[\s\S]*Лилия[\s\S]*предел:[\s\S]*20\/1/)
    expect(audit).not.toContain(`romashka${number}@`)
    expect(audit).toContain(`href="${page}"`)

    expect((await change({ partner: '', form: '', requests: '', seconds: '' })).status).toBe(303)
    expect((await boss.visit(page)).text).not.toContain('20 за 1 с')
    const before = await deedsOf(databaseUrl, source)
    expect((await change({})).status).toBe(303)
    expect(await deedsOf(databaseUrl, source)).toEqual(before)
  })

  it('is limited at once in every process', async () => {
    expect(await isTaken(token)).toBe(true)
    await change({ requests: '1', seconds: '3600' })
    await call(token)
    expect((await call(token)).headers.get('retry-after')).toMatch(/^\d+$/)
  })

  it('keeps what was typed where something of it cannot be', async () => {
    const { status, text } = await change({ name: 'Ирис', partner: '7', requests: 'x', seconds: '1' })
    expect(status).toBe(422)
    expect(text).toContain('id="requests-problem">Нужно целое число больше нуля')
    expect(text).toMatch(/name="name" value="Ирис"[\s\S]*name="partner" value="7"[\s\S]*name="requests" value="x"/)
    expect(contentOf(text)).toContain(`<h1>Ромашка ${number}</h1>`)
  })

  it('is not changed blindly by two administrators at once', async () => {
    const petr = await signedIn(parom.url, 'petr', 'petr-password')
    const seen = ((await settingsForm())['seen'] ?? '').replaceAll("'", '"')
    expect((await change({ partner: '1' }, petr)).status).toBe(303)
    const late = await deed('settings', { seen, name: 'Ирис', partner: '2' })
    expect([late.status, late.text]).toEqual([409, expect.stringContaining('настройки изменил кто-то ещё')])
    expect(late.text).toMatch(/<dd>1<\/dd>[\s\S]*name="name" value="Ирис"[\s\S]*name="partner" value="2"/)
    const again = formWith('what', 'settings', late.text.replaceAll('&quot;', "'"))['seen'] ?? ''
    expect((await deed('settings', { seen: again.replaceAll("'", '"'), name: 'Ирис', partner: '2' })).status).toBe(303)
    expect((await deed('settings', { seen: '{', name: 'Ирис', partner: '3' })).status).toBe(409)
  })

  it('gets further tokens, each shown once and good everywhere at once', async () => {
    const made = tokenIn((await deed('token')).text)
    expect([await isTaken(token), await isTaken(made)]).toEqual([true, true])
    const { text } = await boss.visit(page)
    expect(text).toMatch(new RegExp(`№ ${idOf(made)}[\\s\\S]*admin[\\s\\S]*№ ${idOf(token)}`))
    expect(text).not.toContain(made.split('|')[1])
  })

  it('changes over to a new token without losing an order', async () => {
    const { text } = await deed('rotate', { id: idOf(token) })
    const fresh = tokenIn(text)
    expect(text).toContain(`Отозвать старый № ${idOf(token)}`)
    expect([await isTaken(token), await isTaken(fresh)]).toEqual([true, true])
    expect(await deed('revoke', { id: idOf(token) })).toMatchObject({ status: 303, location: `${page}?done=revoked` })
    expect([await isTaken(token), await isTaken(fresh)]).toEqual([false, true])
    expect((await call(token)).body).toEqual({ message: 'Unauthenticated' })
  })

  it('loses the older tokens that were seen, and none that has been made since', async () => {
    const second = tokenIn((await deed('token')).text)
    const seen = formWith('what', 'revoke', (await boss.visit(page)).text)
    const third = tokenIn((await deed('token')).text)
    await boss.submit(page, seen)
    expect([await isTaken(token), await isTaken(second), await isTaken(third)]).toEqual([false, true, true])
    await deed('revoke_all')
    expect([await isTaken(second), await isTaken(third)]).toEqual([false, false])
    expect((await boss.visit(page)).text).toContain('Войти нечем')
  })

  it('has no token of another shop revoked', async () => {
    const neighbour = await addShop(databaseUrl, { name: 'Сосед', email: `sosed${number}@shop.example` })
    await deed('revoke', { id: idOf(neighbour.token) })
    expect([await isTaken(neighbour.token), await isTaken(token)]).toEqual([true, true])
    expect(await deedsOf(databaseUrl, source)).toEqual([])
  })

  it('is blocked and unblocked at once in every process', async () => {
    expect(await isTaken(token)).toBe(true)
    expect(await deed('block')).toMatchObject({ status: 303, location: `${page}?done=blocked` })
    expect([await isTaken(token), await isTaken(token, parom.url)]).toEqual([false, false])
    expect(contentOf((await boss.visit(page)).text)).toMatch(/Заблокирован[\s\S]*admin/)
    await deed('block')
    expect(await deed('unblock')).toMatchObject({ status: 303, location: `${page}?done=unblocked` })
    expect(await isTaken(token)).toBe(true)
    expect(await deedsOf(databaseUrl, source)).toEqual(['api_user_blocked', 'api_user_unblocked'])
  })

  it('gets a new code that makes the one before void', async () => {
    const codeIn = (html: string) => /id="invitation"[^>]*>([\w-]{43})</.exec(html)?.[1] ?? expect.fail('no code')
    const first = codeIn((await deed('invite')).text)
    const second = codeIn((await deed('invite')).text)
    const body = { name: 'Ромашка', email: `romashka${number}@shop.example`, password: 'correct horse battery' }
    const register = (invitation: string) =>
      callApi(other.url, 'register', { ...body, password_confirmation: body.password, invitation })
    expect((await register(first)).status).toBe(400)
    expect((await register(second)).body).toMatchObject({ signedUp: true })
    expect((await boss.visit(page)).text).not.toContain(second)
  })

  it('is called by its name wherever its orders are, by a viewer, too', async () => {
    await call(token)
    const olga = createVisitor(parom.url)
    await olga.signIn('olga', 'olga-password')
    for (const visitor of [boss, olga]) {
      const { text } = await visitor.visit(`/app/transactions?source=${source}`)
      expect(text).toContain(`<option value="${source}" selected>Ромашка ${number} (${source})</option>`)
      expect(text).toContain(`источник Ромашка ${number}`)
      expect(text).toContain(`title="Ромашка ${number} (${source})">Ромашка ${number}</span>`)
      const [, order = ''] = /href="(\/app\/transactions\/[\da-f-]{36})"/.exec(text) ?? []
      expect(contentOf((await visitor.visit(order)).text)).toContain(`Ромашка ${number}`)
    }
    expect(contentOf((await boss.visit(`/app/runs/new?source=${source}`)).text)).toContain(`: Ромашка ${number}</li>`)
    const exported = async (format: string) => (await send(boss, '/app/transactions/export', { format, source })).text
    expect(await exported('csv')).toContain(`;Ромашка ${number} (${source});`)
    expect(JSON.parse(await exported('json'))).toEqual([
      expect.objectContaining({ source, source_name: `Ромашка ${number}` }),
    ])
  })

  describe.each(['api-zz', 'API-ZZ', 'lk', 'api-z', "api-z'", 'constructor', '%00'])('that is none: %s', (name) => {
    it('is not found', async () => {
      expect((await boss.visit(`/app/sources/${name}`)).status).toBe(404)
      expect((await send(boss, `/app/sources/${name}`, { what: 'token' })).status).toBe(404)
    })
  })

  it.each(['', 'constructor', 'no such thing'])('is asked for no such deed: %j', async (what) => {
    expect((await deed(what)).status).toBe(404)
  })
})

async function deedsOf(databaseUrl: string, target: string) {
  const { db, close } = openDatabase(databaseUrl)
  const rows = await db.selectFrom('audit').select('action').where('target', '=', target).orderBy('id').execute()
  await close()
  return rows.map(({ action }) => action)
}
