import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserName } from '../../src/admin/browser-name.ts'
import { onEachDatabase } from '../support/databases.ts'
import { createClock, startParom } from '../support/parom.ts'
import { contentOf, join, password, send, signedIn } from '../support/people.ts'
import { createVisitor, formWith } from '../support/visitor.ts'

const hour = 3600_000
type Visitor = ReturnType<typeof createVisitor>

onEachDatabase('sessions', (database) => {
  const clock = createClock()
  let parom: Awaited<ReturnType<typeof startParom>>
  /** Another process on the same database. */
  let twin: Awaited<ReturnType<typeof startParom>>
  let boss: Visitor
  beforeAll(async () => {
    const databaseUrl = await database.fresh()
    parom = await startParom({ databaseUrl, clock })
    twin = await startParom({ databaseUrl, clock, sandbox: parom.sandbox })
    boss = await signedIn(parom.url)
  })
  afterAll(async () => {
    await twin.close()
    await parom.close()
  })

  const isIn = async (visitor: Visitor) => (await visitor.visit('/app/transactions')).status === 200
  const listed = async (visitor: Visitor) => contentOf((await visitor.visit('/app/sessions')).text)
  const idsIn = (html: string) => [...html.matchAll(/name="id" value="(\w{64})"/g)].map(([, id = '']) => id)
  /** The same browser at the other process. */
  const atTwin = (visitor: Visitor) => {
    const same = createVisitor(twin.url)
    for (const [name, value] of visitor.cookies) same.cookies.set(name, value)
    return same
  }

  it('are listed to their person, this one first, without those of others', async () => {
    const olga = await join(parom.url, boss, 'olga', 'viewer')
    await signedIn(parom.url, 'olga', password)
    const html = await listed(olga)
    expect(html).toMatch(/Этот[\s\S]*Завершить/)
    expect(idsIn(html)).toHaveLength(1)
    expect(html).not.toContain('admin')
    expect(await listed(boss)).toMatch(/Остальные люди[\s\S]*olga[\s\S]*olga/)
  })

  it('end one by one, or all but this one, at once in every process', async () => {
    const [first, second, third] = [await signedIn(parom.url), await signedIn(parom.url), await signedIn(parom.url)]
    const away = atTwin(second)
    expect(await isIn(away)).toBe(true)
    const own = (html: string) => html.slice(0, html.indexOf('Остальные люди'))
    const before = idsIn(own(await listed(first)))
    const others = idsIn(own(await listed(second)))
    const ofSecond = before.find((id) => !others.includes(id)) ?? expect.fail()
    expect((await send(first, '/app/sessions', { id: ofSecond })).location).toBe('/app/sessions?ended=1')
    expect(await Promise.all([second, away].map(isIn))).toEqual([false, false])
    expect(await isIn(third)).toBe(true)

    expect((await send(third, '/app/sessions', { others: '1' })).location).toMatch(/ended=\d+$/)
    expect(await Promise.all([first, third, atTwin(third), boss].map(isIn))).toEqual([false, true, true, false])
    boss = third
  })

  it('of others end only for who decides about people', async () => {
    const eve = await join(parom.url, boss, 'eve', 'operator')
    const [other] = [await join(parom.url, boss, 'nick', 'viewer')]
    const id = await idOf('nick')
    expect((await send(eve, '/app/sessions', { id })).location).toBe('/app/sessions?ended=0')
    expect(await isIn(other)).toBe(true)
    await send(boss, '/app/sessions', { id })
    expect(await isIn(other)).toBe(false)
  })

  async function idOf(login: string) {
    const rows = (await listed(boss)).split('<tr>').filter((row) => row.includes(`${login}</td>`))
    return idsIn(rows.join(''))[0] ?? expect.fail()
  }

  it('last seven days, however often their person comes by', async () => {
    const visitor = await signedIn(parom.url)
    for (let passed = 11; passed < 7 * 24; passed += 11) {
      clock.advance(11 * hour)
      expect(await isIn(visitor), `after ${passed} hours`).toBe(true)
    }
    clock.advance(3 * hour)
    expect(await isIn(visitor)).toBe(false)
    boss = await signedIn(parom.url)
  })

  it('end when nobody comes by, though a page that is open looks again and again', async () => {
    const visitor = await signedIn(parom.url)
    expect(await isIn(visitor)).toBe(true)
    const look = (path: string) => visitor.visit(path, { headers: { 'x-look': 'again' } })
    for (const path of ['/app/transactions/news', '/app', '/app/runs']) {
      clock.advance(3 * hour)
      const { status, headers } = await look(path)
      expect([status, headers.getSetCookie()]).toEqual([200, []])
    }
    clock.advance(3 * hour)
    expect((await look('/app')).status).toBe(302)
    expect(await isIn(visitor)).toBe(false)
    boss = await signedIn(parom.url)
  })

  it('of everybody end by one button, with that of who pressed it', async () => {
    const olga = await signedIn(parom.url, 'olga', password)
    const stranger = createVisitor(parom.url)
    const form = formWith('login', /^$/, (await stranger.visit('/login')).text)
    const page = await boss.visit('/api/auth_session/clear')
    expect(page.text).toMatch(/Сейчас открыт[оы]? \d+ вход/)
    expect(await isIn(olga)).toBe(true)

    const { location } = await send(boss, '/api/auth_session/clear', {})
    expect(location).toMatch(/^\/login\?ended=\d+$/)
    expect(await Promise.all([boss, olga].map(isIn))).toEqual([false, false])
    expect((await boss.visit(location ?? '')).text).toMatch(/Завершено \d+ вход/)
    // Whoever was about to sign in still can.
    expect((await stranger.submit('/login', { ...form, login: 'admin', password: 'admin' })).status).toBe(303)
    boss = stranger
  })

  it('are reset altogether, also by the address that the PHP script had', async () => {
    expect((await boss.visit('/api/session/clear')).text).toMatch(/Сейчас хран[ия]тся \d+ сесси/)
    const { location } = await send(boss, '/api/session/clear', {})
    expect(location).toMatch(/^\/login\?reset=\d+$/)
    expect((await boss.visit(location ?? '')).text).toMatch(/Сброшен[оа] \d+ сесси/)
    boss = await signedIn(parom.url)
  })

  it('but this one end when their person changes his password', async () => {
    const other = 'entirely different words'
    const maria = await join(parom.url, boss, 'maria', 'viewer')
    const elsewhere = await signedIn(twin.url, 'maria', password)
    const before = maria.cookies.get('parom')
    const change = (fields: object) =>
      send(maria, '/app/password', { current: password, password: other, again: other, ...fields })
    for (const [fields, words] of [
      [{ current: 'wrong' }, 'Нынешний пароль неверен'],
      [{ again: 'x' }, 'Пароли не совпадают'],
      [{ password: 'short' }, 'от 10 до 1000'],
      [{ password: 'qwertyuiop', again: 'qwertyuiop' }, 'подберут первым'],
    ] as const)
      expect(await change(fields)).toMatchObject({ status: 422, text: expect.stringContaining(words) })
    expect((await change({})).location).toBe('/app/password?changed')
    expect(await Promise.all([maria, elsewhere].map(isIn))).toEqual([true, false])
    expect(maria.cookies.get('parom')).not.toBe(before)
    expect((await createVisitor(parom.url).signIn('maria', password)).status).toBe(401)
    expect((await createVisitor(parom.url).signIn('maria', other)).status).toBe(303)
    expect((await send(boss, '/app/password', { current: 'admin', password: other, again: other })).status).toBe(403)
  })
})

describe('a browser', () => {
  const windows = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0'
  it.each([
    [`${windows} Safari/537.36`, 'Chrome, Windows'],
    [`${windows} YaBrowser/25.8.0 Yowser/2.5 Safari/537.36`, 'Яндекс Браузер, Windows'],
    [`${windows} Safari/537.36 Edg/139.0.0.0`, 'Edge, Windows'],
    [`${windows} Safari/537.36 OPR/121.0.0.0`, 'Opera, Windows'],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0', 'Firefox, Linux'],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1',
      'Safari, iPhone',
    ],
    ['curl/8.5.0', null],
    ['', null],
    [null, null],
  ])('is called by its name: %s', (agent, name) => expect(browserName(agent)).toBe(name))
})
