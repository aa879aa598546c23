import { createHash, randomBytes } from 'node:crypto'
import { hashSync } from '@node-rs/argon2'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Users } from '../../src/config/schema.ts'
import { configWithUsers } from '../support/config.ts'
import { onEachDatabase } from '../support/databases.ts'
import { createClock, startParom } from '../support/parom.ts'
import { createVisitor } from '../support/visitor.ts'

const day = 24 * 3600_000
const newToken = () => randomBytes(32).toString('base64url')

function invite(login: string, token: string, password: string | null = null) {
  return {
    login,
    name: login,
    password,
    invitation: {
      digest: createHash('sha256').update(token).digest('base64url'),
      until: new Date(Date.now() + 14 * day).toISOString(),
    },
    roles: ['viewer'],
  }
}

async function open(users: Users, databaseUrl: string, options: Partial<Parameters<typeof startParom>[0]> = {}) {
  const config = configWithUsers(users)
  const parom = await startParom({ databaseUrl, ...options, env: { CONFIG_DIR: config.folder, ...options.env } })
  return {
    ...parom,
    visitor: () => createVisitor(parom.url),
    /** Opens the link and fills in the form. */
    async answer(token: string, password: string, again = password, visitor = createVisitor(parom.url)) {
      const { text } = await visitor.visit(`/invitations/${token}`)
      const _csrf = /name="_csrf" value="([^"]+)"/.exec(text)?.[1] ?? ''
      return visitor.submit(`/invitations/${token}`, { password, again, _csrf })
    },
    async [Symbol.asyncDispose]() {
      await parom.close()
      config.remove()
    },
  }
}

onEachDatabase('an invitation', (database) => {
  it('lets its person set a password once, and sign in with it', async () => {
    const token = newToken()
    await using parom = await open([invite('ivan', token)], await database.fresh())
    const page = await parom.visitor().visit(`/invitations/${token}`)
    expect(page).toMatchObject({ status: 200, text: expect.stringContaining('value="ivan"') })
    const { status, location } = await parom.answer(token, 'десять знаков!')
    expect([status, location]).toEqual([303, '/login?password=set'])
    expect((await parom.visitor().visit('/login?password=set')).text).toContain('Пароль сохранён')

    const over = { status: 410, text: expect.stringContaining('уже использована, устарела') }
    expect(await parom.visitor().visit(`/invitations/${token}`)).toMatchObject(over)
    expect(await parom.answer(token, 'another password')).toMatchObject(over)
    expect((await parom.visitor().signIn('ivan', 'another password')).status).toBe(401)
    const ivan = parom.visitor()
    expect((await ivan.signIn('ivan', 'десять знаков!')).status).toBe(303)
    expect((await ivan.visit('/app/transactions')).status).toBe(200)
  })

  it('is taken up by one of many who try at once', async () => {
    const token = newToken()
    await using parom = await open([invite('ivan', token)], await database.fresh())
    const passwords = Array.from({ length: 5 }, (_, number) => `password number ${number}`)
    const answers = await Promise.all(passwords.map((password) => parom.answer(token, password)))
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 410, 410, 410, 410])
    const winner = passwords[answers.findIndex(({ status }) => status === 303)] ?? ''
    expect((await parom.visitor().signIn('ivan', winner)).status).toBe(303)
  })

  it('makes the former password void, and ends the sessions that it opened', async () => {
    const databaseUrl = await database.fresh()
    const [first, second] = [newToken(), newToken()]
    const clock = createClock()
    let cookies: Map<string, string>
    {
      await using parom = await open([invite('ivan', first)], databaseUrl, { clock })
      await parom.answer(first, 'the first password')
      const ivan = parom.visitor()
      await ivan.signIn('ivan', 'the first password')
      cookies = ivan.cookies
    }
    {
      await using parom = await open([invite('ivan', second)], databaseUrl, { clock })
      const ivan = parom.visitor()
      for (const [name, value] of cookies) ivan.cookies.set(name, value)
      expect((await ivan.visit('/app/transactions')).status).toBe(302)
      expect((await parom.visitor().signIn('ivan', 'the first password')).status).toBe(401)
      expect((await parom.visitor().visit(`/invitations/${first}`)).status).toBe(404)
      await parom.answer(second, 'the second password')
      expect((await parom.visitor().signIn('ivan', 'the second password')).status).toBe(303)
    }
    const inFile = hashSync('the password in the file')
    await using parom = await open([invite('ivan', second, inFile)], databaseUrl, { clock })
    expect((await parom.visitor().signIn('ivan', 'the second password')).status).toBe(401)
    expect((await parom.visitor().signIn('ivan', 'the password in the file')).status).toBe(303)
  })
})

describe('the page of an invitation', () => {
  const token = newToken()
  let parom: Awaited<ReturnType<typeof open>>
  beforeAll(async () => {
    parom = await open(
      [invite('ivan-the-fourth', token), invite('мария', newToken(), hashSync('x'))],
      'sqlite::memory:',
    )
  })
  afterAll(() => parom[Symbol.asyncDispose]())

  it.each([
    ['too short', 'nine char', 'nine char', 'от 10 до 1000 знаков'],
    ['too long', 'x'.repeat(1001), 'x'.repeat(1001), 'от 10 до 1000 знаков'],
    ['the login', 'Ivan-The-Fourth', 'Ivan-The-Fourth', 'не должен совпадать с логином'],
    ['not typed twice', 'ten characters', 'ten charakters', 'Пароли не совпадают'],
    ['missing', '', '', 'от 10 до 1000 знаков'],
  ])('refuses a password that is %s, and asks again', async (_case, password, again, words) => {
    const { status, text } = await parom.answer(token, password, again)
    expect(status).toBe(422)
    expect(text).toContain(words)
    expect(text).toContain('name="again"')
    expect((await parom.visitor().visit(`/invitations/${token}`)).status).toBe(200)
  })

  it('refuses a form without the token of its session', async () => {
    const fields = { password: 'ten characters', again: 'ten characters', _csrf: 'x' }
    expect((await parom.visitor().submit(`/invitations/${token}`, fields)).status).toBe(403)
  })

  it('signs nobody in who was invited and has set no password', async () => {
    for (const password of ['', 'nobody has this password', 'ivan-the-fourth'])
      expect((await parom.visitor().signIn('ivan-the-fourth', password)).status).toBe(401)
  })

  it.each(['x', newToken(), `${token}x`, 'a%00b', '%3Cscript%3E', 'я'.repeat(200)])(
    'knows no link %j',
    async (unknown) => {
      const { status, text } = await parom.visitor().visit(`/invitations/${encodeURIComponent(unknown)}`)
      expect(status).toBe(404)
      expect(text).toContain('Обратитесь к администратору')
    },
  )

  it('is over after its time', async () => {
    const late = newToken()
    await using own = await open([invite('ivan', late)], 'sqlite::memory:')
    own.clock.advance(14 * day)
    expect(await own.visitor().visit(`/invitations/${late}`)).toMatchObject({ status: 410 })
    expect((await own.answer(late, 'ten characters')).status).toBe(410)
  })

  it('makes whoever guesses wait', async () => {
    await using own = await open([invite('ivan', token)], 'sqlite::memory:')
    const guesses = await Promise.all(Array.from({ length: 100 }, () => own.visitor().visit('/invitations/guess')))
    expect(new Set(guesses.map(({ status }) => status))).toEqual(new Set([404]))
    const { status, headers } = await own.visitor().visit(`/invitations/${token}`)
    expect(status).toBe(429)
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  })

  it('gives another session id, and leaves the token in no log', async () => {
    const lines: string[] = []
    const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) })
    const own = newToken()
    await using parom = await open([invite('ivan', own)], 'sqlite::memory:', { log, env: { BASE_PATH: 'integra' } })
    const ivan = parom.visitor()
    await ivan.visit(`/invitations/${own}`)
    const before = ivan.cookies.get('parom')
    expect((await parom.answer(own, 'ten characters', undefined, ivan)).location).toBe('/integra/login?password=set')
    expect(ivan.cookies.get('parom')).not.toBe(before)
    expect(lines.join('')).toContain('/invitations/…')
    expect(lines.join('')).not.toContain(own)
  })
})
