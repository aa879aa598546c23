import { describe, expect, it } from 'vitest'
import usersFile from '../../config/users.ts'
import { loadConfig } from '../../src/config/load.ts'
import { configWithUsers } from '../support/config.ts'
import { onEachDatabase } from '../support/databases.ts'
import { createClock, startParom } from '../support/parom.ts'
import { contentOf, password, send, signedIn, takeUp } from '../support/people.ts'
import { aloneOn, run, startProcess } from '../support/process.ts'
import { createVisitor } from '../support/visitor.ts'

const day = 24 * 3600_000
const tokenOf = (path: string | null) => path?.split('/').at(-1) ?? expect.fail('no first link')

onEachDatabase('an installation that nobody can sign in to', (database) => {
  it('has one link for the first administrator, the same in every process, once', async () => {
    const databaseUrl = await database.fresh()
    const [parom, twin] = await Promise.all([1, 2].map(() => startParom({ databaseUrl, onlyUsers: [] })))
    if (!parom || !twin) return expect.fail()
    const paths = await Promise.all([parom, twin, parom].map((each) => each.firstLinkPath()))
    expect(new Set(paths).size).toBe(1)
    const token = tokenOf(paths[0] ?? null)
    const { status, text } = await createVisitor(twin.url).visit(`/invitations/${token}`)
    expect(status).toBe(200)
    expect(contentOf(text)).toContain('Вы станете администратором')

    const logins = ['chief', 'other', 'third']
    const answers = await Promise.all(logins.map((login) => takeUp(parom.url, token, { login, name: 'Шеф' })))
    expect(answers.filter((answer) => answer.status === 303)).toHaveLength(1)
    const winner = logins[answers.findIndex((answer) => answer.status === 303)] ?? ''
    const chief = await signedIn(twin.url, winner, password)
    expect((await chief.visit('/app/people')).status).toBe(200)
    expect((await chief.visit('/app/audit')).text).toMatch(/вошёл[\s\S]*задал пароль/)
    expect((await takeUp(parom.url, token, { login: 'late', name: '' })).status).toBe(404)
    expect(await Promise.all([parom, twin].map((each) => each.firstLinkPath()))).toEqual([null, null])
    await twin.close()
    await parom.close()
  })

  it('asks for a login and a password that will do, and keeps the link until then', async () => {
    const parom = await startParom({ databaseUrl: await database.fresh(), onlyUsers: [] })
    const token = tokenOf(await parom.firstLinkPath())
    const chief = { login: 'chief', name: 'Шеф' }
    for (const [fields, code, words] of [
      [{ ...chief, login: 'x' }, 422, 'от 2 до 64'],
      [{ ...chief, password: 'short', again: 'short' }, 422, 'от 10 до 1000'],
      [{ ...chief, _csrf: '' }, 403, 'Страница устарела'],
    ] as const) {
      const { status, text } = await takeUp(parom.url, token, fields)
      expect([status, text.includes(words)], words).toEqual([code, true])
    }
    expect((await takeUp(parom.url, token, chief)).status).toBe(303)
    await parom.close()
  })

  it('gets another link after seven days', async () => {
    const clock = createClock()
    const parom = await startParom({ databaseUrl: await database.fresh(), onlyUsers: [], clock })
    const first = tokenOf(await parom.firstLinkPath())
    clock.advance(7 * day)
    expect((await takeUp(parom.url, first, { login: 'chief' })).status).toBe(404)
    const second = tokenOf(await parom.firstLinkPath())
    expect(second).not.toBe(first)
    expect((await takeUp(parom.url, first, { login: 'chief' })).status).toBe(404)
    expect((await takeUp(parom.url, second, { login: 'chief' })).status).toBe(303)
    await parom.close()
  })

  it('has no such link where somebody of users.ts decides about people', async () => {
    const databaseUrl = await database.fresh()
    const parom = await startParom({ databaseUrl, onlyUsers: [] })
    const token = tokenOf(await parom.firstLinkPath())
    const twin = await startParom({ databaseUrl, sandbox: parom.sandbox })
    expect(await twin.firstLinkPath()).toBeNull()
    expect((await takeUp(twin.url, token, { login: 'chief' })).status).toBe(404)
    await twin.close()
    await parom.close()
  })

  it('prints the link at its start, and a command prints one for who is locked out', async () => {
    const config = configWithUsers([])
    const env = { ...(await aloneOn(await database.fresh())), CONFIG_DIR: config.folder }
    const server = await startProcess(env)
    const url = `http://127.0.0.1:${env.PORT}`
    await expect.poll(() => server.output()).toMatch(new RegExp(`Первый вход.*${url}/invitations/[\\w-]{43}`))
    expect(server.output()).not.toContain('admin / admin')

    const invite = async (...args: string[]) => {
      const { exited, output } = run('src/cli/parom.ts', ['invite', ...args], env)
      return { code: await exited, output: output() }
    }
    const linkIn = (output: string) =>
      new RegExp(`${url}/invitations/([\\w-]{43})`).exec(output)?.[1] ?? expect.fail(output)
    const { code, output } = await invite('chief')
    expect(code).toBe(0)
    expect((await takeUp(url, linkIn(output))).status).toBe(303)
    const chief = await signedIn(url, 'chief', password)
    expect((await chief.visit('/app/people/chief')).text).toContain('npx parom invite')
    expect(contentOf((await chief.visit('/app/audit')).text)).toMatch(/npx parom invite[\s\S]*пригласил[\s\S]*chief/)
    expect(await invite('Chief')).toMatchObject({ code: 1, output: expect.stringContaining('Такой логин уже есть') })

    // Locked out: closed by another one, with the password lost.
    await takeUp(url, linkIn((await invite('deputy', '--role', 'admin')).output))
    await send(chief, '/app/people/deputy', { what: 'close' })
    const again = linkIn((await invite('deputy', '--role', 'viewer')).output)
    expect((await takeUp(url, again, { password: 'another password', again: 'another password' })).status).toBe(303)
    const deputy = await signedIn(url, 'deputy', 'another password')
    expect((await deputy.visit('/app/people')).status).toBe(403)

    expect(await invite('chief', '--role', 'boss')).toMatchObject({
      code: 1,
      output: expect.stringContaining('admin, operator'),
    })
    expect(await invite()).toMatchObject({ code: 2 })
    expect(await invite('a/b')).toMatchObject({ code: 2 })
    await server.kill('SIGTERM')
    config.remove()
  })
})

describe('prod', () => {
  const prod = {
    ENV_TYPE: 'prod',
    APP_KEY: Buffer.alloc(32, 7).toString('base64'),
    WEBHOOK_TOKEN: 'a secret of the shop',
  }

  it('refuses the sample password, and says how the first administrator comes in without', async () => {
    const config = configWithUsers([...usersFile])
    await expect(loadConfig({ ...prod, CONFIG_DIR: config.folder })).rejects.toThrow(
      /users\.ts → 0\.password[\s\S]*напечатает ссылку для первого администратора/,
    )
    config.remove()
  })

  it('finds no fault with users.ts when nobody stands in it', async () => {
    const config = configWithUsers([])
    const fault = await loadConfig({ ...prod, CONFIG_DIR: config.folder }).catch((error: Error) => error.message)
    // The sample of prod wants the ids of an account.
    expect(fault).toContain('amo.config.ts')
    expect(fault).not.toContain('users.ts')
    config.remove()
  })
})
