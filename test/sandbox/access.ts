import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect } from 'vitest'
import type { Client } from './client.ts'

export const administrator = { id: 504141, name: 'Администратор' }
export const manager = { id: 504143, name: 'Менеджер', is_admin: false }

/** What every request without a good token is answered. */
export const unauthorized = {
  status: 401,
  body: {
    title: 'Unauthorized',
    type: 'https://httpstatus.es/401',
    status: 401,
    detail: 'Invalid user name or password',
  },
}

export async function addIntegration(amo: Client, changed: object = {}) {
  const { status, body } = await amo.admin('/integrations', {
    name: 'Магазин',
    redirect_uri: 'https://shop.example/auth',
    ...changed,
  })
  expect(status).toBe(200)
  return body
}

/** Asks for tokens in the name of the default integration, unless told otherwise. */
export function exchange(amo: Client, changed: object) {
  const { client_id, client_secret, redirect_uri } = amo.sandbox.credentials()
  const body = { client_id, client_secret, redirect_uri, grant_type: 'authorization_code', ...changed }
  return amo.call('POST', '/oauth2/access_token', body)
}

export const refresh = (amo: Client, refresh_token: string) =>
  exchange(amo, { grant_type: 'refresh_token', refresh_token })

export async function freshPair(amo: Client): Promise<{ access_token: string; refresh_token: string }> {
  return (await exchange(amo, { code: amo.sandbox.credentials().code })).body
}

export const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

export async function accountBy({ sandbox }: Client, token: string) {
  const response = await fetch(`${sandbox.url}/api/v4/account`, bearer(token))
  return { status: response.status, body: await response.json() }
}

export const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())

interface Heard {
  method: string | undefined
  path: string
  agent: string | undefined
  type: string | undefined
  body: string
}

/** An integration's own server: remembers what it hears and answers what `answer` says. */
export async function listen(answer: (req: IncomingMessage) => { status: number; body?: string; headers?: object }) {
  const heard: Heard[] = []
  const server = createServer(async (req, res) => {
    const { method, url: path = '', headers } = req
    const entry = { method, path, agent: headers['user-agent'], type: headers['content-type'], body: await text(req) }
    heard.push(entry)
    const { status, body = '', headers: more } = answer(req)
    res.writeHead(status, { 'content-type': 'text/html; charset=utf-8', ...more }).end(body)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, heard, [Symbol.asyncDispose]: () => close() }

  function close() {
    server.closeAllConnections()
    return new Promise<void>((resolve) => server.close(() => resolve()))
  }
}
