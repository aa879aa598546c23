import { afterAll, beforeAll, beforeEach, describe, it } from 'vitest'
import { type SandboxOptions, startSandbox } from '../../src/sandbox/server.ts'

/** What a test reads of any answer; the rest is looked at with `toMatchObject`. */
export interface Answer {
  status: number
  type: string
  text: string
  headers: Headers
  body: Body
}

/** The tests are about what the JSON turns out to be. */
type Body = ReturnType<typeof JSON.parse>

export type Client = Awaited<ReturnType<typeof connect>>

/** A sandbox with a client that has a long-lived token; time stands still unless it is advanced. */
export async function connect(options: SandboxOptions = {}) {
  let time = Date.parse('2026-03-02T09:00:00Z')
  const sandbox = await startSandbox({ now: () => time, ...options })
  let token = sandbox.credentials().access_token

  return {
    sandbox,
    call,
    withToken,
    get: (path: string) => call('GET', `/api/v4${path}`),
    post: (path: string, body: unknown) => call('POST', `/api/v4${path}`, body),
    patch: (path: string, body: unknown) => call('PATCH', `/api/v4${path}`, body),
    admin: (path: string, body?: unknown) => call(body === undefined ? 'GET' : 'POST', `/__sandbox${path}`, body),
    settings: (body: object) => call('POST', '/__sandbox/settings', body),
    lead: async (lead: object = {}): Promise<number> => {
      const { body } = await call('POST', '/api/v4/leads', [{ name: 'Заказ', ...lead }])
      return body._embedded.leads[0].id
    },
    advance(ms: number) {
      time += ms
    },
    seconds: () => Math.floor(time / 1000),
  }

  function withToken(changed: string) {
    token = changed
  }

  async function call(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(sandbox.url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const type = response.headers.get('content-type') ?? ''
    return {
      status: response.status,
      type,
      text,
      headers: response.headers,
      body: type.includes('json') ? JSON.parse(text) : text,
    }
  }
}

/** One thing that a client of amoCRM can rely on, with the page or thread that says so. */
export type Fact = [source: string, fact: string, check: (amo: Client) => Promise<void>]

/** A test for each fact, against one sandbox that is reset in between. */
export function tell(title: string, facts: Fact[]) {
  describe(title, () => {
    let amo: Client
    beforeAll(async () => {
      amo = await connect()
    })
    beforeEach(async () => {
      await amo.admin('/reset', {})
      await amo.settings({ rate_limit: null })
    })
    afterAll(() => amo.sandbox.close())
    for (const [source, fact, check] of facts) it(`${fact} [${source}]`, () => check(amo))
  })
}

/** The errors of the items of a 400, as `item: path code`. */
export function faultsOf({ status, body }: Answer): string[] {
  if (status !== 400) return [`answered ${status}`]
  return (body['validation-errors'] ?? []).flatMap(
    (item: { request_id: string; errors: { path: string; code: string }[] }) =>
      item.errors.map(({ path, code }) => `${item.request_id}: ${path} ${code}`),
  )
}
