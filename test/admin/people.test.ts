import { verify } from '@node-rs/argon2'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onEachDatabase } from '../support/databases.ts'
import { startParom } from '../support/parom.ts'
import { contentOf, invite, join, password, send, signedIn, takeUp, tokenIn } from '../support/people.ts'
import { createVisitor } from '../support/visitor.ts'

const day = 24 * 3600_000

onEachDatabase('people', (database) => {
  let parom: Awaited<ReturnType<typeof startParom>>
  let boss: ReturnType<typeof createVisitor>
  beforeAll(async () => {
    parom = await startParom({ databaseUrl: await database.fresh() })
    boss = await signedIn(parom.url)
  })
  afterAll(() => parom.close())

  const statusOf = async (visitor: typeof boss, path: string) => (await visitor.visit(path)).status

  it('come in by a link that is shown once, and do what their role may', async () => {
    const token = await invite(boss, 'olga', 'operator')
    expect((await boss.visit('/app/people')).text).not.toContain(token)
    expect(contentOf((await boss.visit('/app/people')).text)).toMatch(/The olga[\s\S]*Приглашён/)
    expect((await createVisitor(parom.url).signIn('olga', password)).status).toBe(401)

    expect(await takeUp(parom.url, token)).toMatchObject({ status: 303, location: '/login?password=set' })
    expect((await takeUp(parom.url, token)).status).toBe(404)
    const olga = await signedIn(parom.url, 'olga', password)
    expect(await statusOf(olga, '/app/transactions')).toBe(200)
    for (const path of ['/app/people', '/app/audit', '/api/session/clear', '/app/password-hash'])
      expect(await statusOf(olga, path), path).toBe(403)
    expect((await send(olga, '/app/people', { login: 'eve', roles: 'admin' })).status).toBe(403)
  })

  it('are signed out at once when their roles change, and may then do what the new ones may', async () => {
    const petr = await join(parom.url, boss, 'petr', 'viewer')
    expect(await statusOf(petr, '/app/people')).toBe(403)
    expect((await send(boss, '/app/people/petr', { what: 'roles', roles: 'admin' })).status).toBe(303)
    expect(await statusOf(petr, '/app/transactions')).toBe(302)
    await petr.signIn('petr', password)
    expect(await statusOf(petr, '/app/people')).toBe(200)
  })

  it('lose the password and their sessions with a reset, and set another one by its link', async () => {
    const ivan = await join(parom.url, boss, 'ivan', 'viewer')
    const { text } = await send(boss, '/app/people/ivan', { what: 'link' })
    expect(await statusOf(ivan, '/app/transactions')).toBe(302)
    expect((await ivan.signIn('ivan', password)).status).toBe(401)
    const other = 'another long password'
    expect((await takeUp(parom.url, tokenIn(text), { password: other, again: other })).status).toBe(303)
    expect((await ivan.signIn('ivan', other)).status).toBe(303)
  })

  it('cannot sign in while their access is closed, neither with the password nor by a link', async () => {
    const anna = await join(parom.url, boss, 'anna', 'viewer')
    const token = await invite(boss, 'late', 'viewer')
    for (const login of ['anna', 'late']) await send(boss, `/app/people/${login}`, { what: 'close' })
    expect(await statusOf(anna, '/app/transactions')).toBe(302)
    expect((await anna.signIn('anna', password)).status).toBe(401)
    expect((await takeUp(parom.url, token)).status).toBe(410)
    await send(boss, '/app/people/anna', { what: 'reopen' })
    expect((await anna.signIn('anna', password)).status).toBe(303)
  })

  it('have seven days for the link, and get a new one that makes it void', async () => {
    const own = await startParom({ databaseUrl: await database.fresh() })
    const first = await invite(await signedIn(own.url), 'olga', 'viewer')
    own.clock.advance(7 * day - 60_000)
    expect((await createVisitor(own.url).visit(`/invitations/${first}`)).status).toBe(200)
    own.clock.advance(60_000)
    expect((await takeUp(own.url, first)).status).toBe(410)
    const chief = await signedIn(own.url)
    expect((await chief.visit('/app/people')).text).toContain('Ссылка устарела')
    const second = tokenIn((await send(chief, '/app/people/olga', { what: 'link' })).text)
    expect((await createVisitor(own.url).visit(`/invitations/${first}`)).status).toBe(404)
    expect((await takeUp(own.url, second)).status).toBe(303)
    await own.close()
  })

  it('of users.ts are shown as such, and are changed there only', async () => {
    const { text } = await boss.visit('/app/people/admin')
    expect(text).toContain('записан в config/users.ts')
    expect(text).not.toContain('name="what"')
    for (const what of ['roles', 'link', 'close', 'reopen'])
      expect((await send(boss, '/app/people/admin', { what, roles: 'viewer' })).status).toBe(404)
    expect((await boss.visit('/app/people/nobody')).status).toBe(404)
  })

  it('of users.ts win over those of the same login whom somebody has invited', async () => {
    const databaseUrl = await database.fresh()
    const before = await startParom({ databaseUrl })
    await join(before.url, await signedIn(before.url), 'nina', 'admin')
    await before.close()
    const after = await startParom({ databaseUrl, users: [{ login: 'nina', roles: ['viewer'] }] })
    expect((await createVisitor(after.url).signIn('nina', password)).status).toBe(401)
    const nina = await signedIn(after.url, 'nina', 'nina-password')
    expect(await statusOf(nina, '/app/people')).toBe(403)
    const { text } = await (await signedIn(after.url)).visit('/app/people')
    expect(text.match(/href="\/app\/people\/nina"/g)).toHaveLength(1)
    await after.close()
  })

  it.each([
    ['of users.ts', 'Admin', 'viewer', 'Такой логин уже есть'],
    ['that is taken', 'OLGA', 'viewer', 'Такой логин уже есть'],
    ['too short', 'x', 'viewer', 'от 2 до 64'],
    ['with a slash', 'a/b', 'viewer', 'от 2 до 64'],
    ['with markup', '<b>x</b>', 'viewer', 'от 2 до 64'],
    ['empty', '', 'viewer', 'от 2 до 64'],
    ['without a role', 'someone', '', 'хотя бы одну роль'],
    ['with an unknown role', 'someone', 'boss', 'хотя бы одну роль'],
  ])('are not invited with a login %s', async (_what, login, roles, words) => {
    const { status, text } = await send(boss, '/app/people', { login, name: '<i>', roles })
    expect(status).toBe(422)
    expect(text).toContain(words)
    expect(text).not.toContain('<i>')
  })

  it('cannot close their own access or be the last to give up deciding about people', async () => {
    const own = await startParom({ databaseUrl: await database.fresh(), onlyUsers: [] })
    const first =
      String(await own.firstLinkPath())
        .split('/')
        .at(-1) ?? ''
    await takeUp(own.url, first, { login: 'chief', name: 'Chief' })
    const chief = await signedIn(own.url, 'chief', password)
    for (const what of ['close', 'link'])
      expect((await send(chief, '/app/people/chief', { what })).status, what).toBe(422)
    const { status, text } = await send(chief, '/app/people/chief', { what: 'roles', roles: 'viewer' })
    expect(status).toBe(422)
    expect(text).toContain('не останется никого, кто управляет доступом')

    const deputy = await join(own.url, chief, 'deputy', 'admin')
    const both = [
      send(chief, '/app/people/deputy', { what: 'close' }),
      send(deputy, '/app/people/chief', { what: 'close' }),
    ]
    await Promise.all(both)
    const left = await Promise.all(['chief', 'deputy'].map((login) => createVisitor(own.url).signIn(login, password)))
    expect(left.map((answer) => answer.status).sort()).toEqual([303, 401])
    await own.close()
  })
})

describe('a new password', () => {
  it('is made a line of users.ts on the server, and kept nowhere', async () => {
    const lines: string[] = []
    const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) })
    const parom = await startParom({ databaseUrl: 'sqlite::memory:', log })
    const boss = await signedIn(parom.url)
    const { text } = await send(boss, '/app/password-hash', { password })
    const [hashed = ''] = /\$argon2id\$[^<]+/.exec(text) ?? []
    expect(await verify(hashed, password)).toBe(true)
    expect(text).not.toContain(password)
    expect(lines.join('')).not.toContain('horse')
    expect((await send(boss, '/app/password-hash', { password: 'short' })).status).toBe(422)
    await parom.close()
  })

  it.each([
    ['qwertyuiop'],
    ['1234567890'],
    ['QwErTy12345'],
    ['йцукенгшщз'],
    ['пароль123456'],
    ['1111111111'],
    ['abababababab'],
  ])('must not be %s', async (common) => {
    const parom = await startParom({ databaseUrl: 'sqlite::memory:' })
    const token = await invite(await signedIn(parom.url), 'olga', 'viewer')
    const { status, text } = await takeUp(parom.url, token, { password: common, again: common })
    expect([status, text.includes('подберут первым')]).toEqual([422, true])
    await parom.close()
  })
})
