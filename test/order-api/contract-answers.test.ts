import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { operations } from '../../src/order-api/contract.ts'
import { newcomerAt, register } from '../support/api-accounts.ts'
import { exampleOf } from '../support/api-fields.ts'
import { addShop, callApi } from '../support/api-shops.ts'
import { onEachDatabase } from '../support/databases.ts'
import { startWithFragileDatabase } from '../support/fragile-database.ts'

interface Call {
  token?: string
  /** A text is sent as it is. */
  body?: unknown
  method?: string
  headers?: Record<string, string>
}

onEachDatabase('what the server answers is in the contract', (database) => {
  let server: Awaited<ReturnType<typeof startWithFragileDatabase>>
  let databaseUrl: string
  let shop: string
  const seen = new Set<string>()
  beforeAll(async () => {
    databaseUrl = await database.fresh()
    server = await startWithFragileDatabase(database.name, databaseUrl, { registration: 'open' })
    shop = (await addShop(databaseUrl)).token
  })
  afterAll(() => server.close())

  function operationOf(name: string) {
    return operations.find((each) => each.name === name) ?? expect.fail(name)
  }

  const ask = (name: string, { body, ...call }: Call) =>
    callApi(server.parom.url, name, body, { method: operationOf(name).method.toUpperCase(), ...call })

  /** The name of the one answer in the contract that is just so, down to its keys and headers. */
  async function answerTo(name: string, call: Call) {
    const operation = operationOf(name)
    const { status, headers, body } = await ask(name, call)
    expect(headers.get('content-type')).toMatch(/^application\/json/)
    const fitting = operation.answers.filter((each) => each.status === status && each.schema.safeParse(body).success)
    expect(fitting, `${status} ${JSON.stringify(body)}`).toHaveLength(1)
    const [answer = expect.fail()] = fitting
    for (const header of ['Retry-After', 'Allow'])
      if (answer.headers?.[header] === 'always') expect(headers.has(header), header).toBe(true)
      else if (!answer.headers?.[header]) expect(headers.has(header), header).toBe(false)
    seen.add(`${name} ${answer.name}`)
    return { answer: answer.name, body }
  }

  const tooMuch = JSON.stringify({ comment: 'я'.repeat(1024 * 1024) })
  const unreadable = [undefined, '', '{', '[]', 'null', '"a"', '{"phone":', tooMuch]

  describe.each(['create-order', 'buy-click', 'callback'] as const)('%s', (name) => {
    it('answers a good order, and it once more', async () => {
      const body = exampleOf(name)
      const first = await answerTo(name, { token: shop, body })
      expect(first.answer).toBe('OrderCreated')
      expect(await answerTo(name, { token: shop, body })).toEqual(first)
      expect((await answerTo(name, { token: shop, body: operationOf(name).body?.example })).answer).toBe('OrderCreated')
    })

    it.each(unreadable.map((body) => [String(body).slice(0, 20), body]))('answers %s', async (_, body) => {
      expect((await answerTo(name, { token: shop, body })).answer).toBe('OrderRefused')
    })

    it('answers one fault, several, and a key that was another order’s', async () => {
      const { phone: _, ...nameless } = exampleOf(name)
      const one = await answerTo(name, { token: shop, body: { ...exampleOf(name), phone: 'x' } })
      const several = await answerTo(name, { token: shop, body: { ...nameless, name: [], email: {}, comment: 1 } })
      expect([one.body.message, several.body.message]).toEqual([expect.any(String), expect.any(Array)])
      const headers = { 'idempotency-key': 'one' }
      await answerTo(name, { token: shop, body: exampleOf(name), headers })
      const other = { token: shop, body: { ...exampleOf(name), comment: 'Другой' }, headers }
      expect((await answerTo(name, other)).answer).toBe('OrderRefused')
    })

    it('answers who comes too often', async () => {
      const email = `${name}@often.example`
      const { token } = await addShop(databaseUrl, { email, settings: { rate_requests: 1, rate_seconds: 600 } })
      await answerTo(name, { token, body: exampleOf(name) })
      const { headers } = await ask(name, { token, body: exampleOf(name) })
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
      expect((await answerTo(name, { token, body: exampleOf(name) })).answer).toBe('OrderRefused')
    })
  })

  it('answers accounts in every way', async () => {
    const fields = newcomerAt('all@ways.example')
    const { email, password } = fields
    expect((await answerTo('register', { body: fields })).answer).toBe('SignedUp')
    expect((await answerTo('register', { body: fields })).answer).toBe('SignUpRefused')
    const { body, answer } = await answerTo('login', { body: { email, password } })
    expect(answer).toBe('SignedIn')
    expect((await answerTo('login', { body: { email, password: 'wrong' } })).answer).toBe('SignInRefused')
    const news = { email, old_password: password, password: 'новый пароль 1', password_confirmation: 'новый пароль 1' }
    const change = (call: Call) => answerTo('change-password', { body: news, ...call })
    expect((await change({ token: body.token, body: { ...news, password: 'короткий' } })).answer).toBe('ChangeRefused')
    const changed = await change({ token: body.token })
    expect(changed.answer).toBe('PasswordChanged')
    expect((await answerTo('test', { token: changed.body.token })).body).toMatchObject({ isAuthenticated: true })
    expect((await answerTo('logout', { token: changed.body.token })).answer).toBe('SignedOut')
    expect((await answerTo('logout', { token: changed.body.token })).answer).toBe('Unauthenticated')
  })

  it.each(['register', 'login', 'change-password'])('%s answers what it cannot read', async (name) => {
    const token = name === 'change-password' ? await register(server.parom.url, newcomerAt('reads@it.example')) : shop
    for (const body of unreadable) expect((await answerTo(name, { token, body })).answer).toMatch(/Refused$/)
  })

  it.each(operations.map(({ name }) => [name]))('%s answers a wrong token and a wrong method', async (name) => {
    const { token, method } = operationOf(name)
    const expected = { needed: 'Unauthenticated', optional: 'State', none: /Refused$/ }[token]
    for (const wrong of [undefined, 'wrong', `1|${'x'.repeat(40)}`]) {
      const call = { ...(wrong === undefined ? {} : { token: wrong }), ...(method === 'get' ? {} : { body: {} }) }
      expect((await answerTo(name, call)).answer).toMatch(expected)
    }
    const wrong = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((each) => each !== method.toUpperCase())
    for (const each of wrong) {
      expect((await answerTo(name, { method: each, token: shop })).answer).toMatch(/Method$/)
      const { headers } = await ask(name, { method: each })
      expect(headers.get('allow')).toBe(method === 'get' ? 'GET, HEAD' : 'POST')
    }
  })

  it.each(operations.map(({ name }) => [name]))('%s answers while the database is away', async (name) => {
    const { body, group } = operationOf(name)
    server.takeAway()
    try {
      const { answer, body: said } = await answerTo(name, { token: shop, ...(body ? { body: body.example } : {}) })
      if (group === 'check') expect(said).toMatchObject({ isAuthenticated: false, serviceAvailable: false })
      else expect(answer).toMatch(/Unavailable$/)
    } finally {
      server.giveBack()
    }
  })

  it('has given every answer of the contract, so that none of them stands there in vain', () => {
    const all = operations.flatMap(({ name, answers }) => answers.map((answer) => `${name} ${answer.name}`))
    expect([...seen].toSorted()).toEqual(all.toSorted())
  })
})
