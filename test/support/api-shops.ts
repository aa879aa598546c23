import { openDatabase } from '../../src/database/open.ts'
import type { Inbox } from '../../src/inbox/inbox.ts'
import type { ApiFormat } from '../../src/order/order.ts'
import { createApiTokens } from '../../src/order-api/tokens.ts'
import { type ApiUserSettings, createApiUsers } from '../../src/order-api/users.ts'

interface Shop {
  name?: string
  email?: string
  settings?: Partial<ApiUserSettings>
}

/** A shop that an administrator has let in, with a token of its own. */
export async function addShop(
  databaseUrl: string,
  { name = 'Ромашка', email = 'romashka@shop.example', settings = {} }: Shop = {},
) {
  const { db, close } = openDatabase(databaseUrl)
  try {
    const users = createApiUsers(db, Date.now)
    const source = await users.add({ name, email, password: null, by: 'admin' })
    if (!source) throw new Error(`${email} is there already`)
    const none = { name, partner_id: null, form: null, rate_requests: null, rate_seconds: null }
    await users.change(source, { ...none, ...settings })
    return { source, token: await createApiTokens(db, Date.now).issue(source, 'admin') }
  } finally {
    await close()
  }
}

/** Posts a body as JSON to an address of the order API. */
export async function callApi(
  url: string,
  path: string,
  body?: unknown,
  { token, method = 'POST', headers = {} }: { token?: string; method?: string; headers?: Record<string, string> } = {},
) {
  const response = await fetch(`${url}/api/${path}`, {
    method,
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  // biome-ignore lint/suspicious/noExplicitAny: what is answered is looked at by the tests themselves
  return { status: response.status, headers: response.headers, body: (await response.json()) as any }
}

interface ApiOrder {
  source: string
  format: ApiFormat
  code?: string
  body: object
}

/** Stores an order as the order API does once it has found nothing amiss. */
export async function acceptApiOrder(inbox: Pick<Inbox, 'accept'>, { source, format, code, body }: ApiOrder) {
  const { id } = await inbox.accept({
    ...{ account: 'sandbox.amocrm.ru', source, dedupeKey: crypto.randomUUID(), dedupeWindow: null },
    ...{ contentType: 'application/json', headers: { 'content-type': 'application/json' } },
    body: Buffer.from(JSON.stringify(body)),
    format,
    ...(code === undefined ? {} : { code }),
  })
  return id
}
