import { request } from 'node:http'
import { expect } from 'vitest'
import { type Client, tell } from './client.ts'

/** `fetch` does not let one send these headers. */
function ask(amo: Client, method: string, path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(`${amo.sandbox.url}${path}`, { method, headers }, (res) => {
      res.resume()
      resolve(res.statusCode ?? 0)
    })
    sent.on('error', reject)
    sent.end(method === 'POST' ? '{}' : undefined)
  })
}

const port = (amo: Client) => new URL(amo.sandbox.url).port

tell('a page of another site', [
  [
    'contract',
    'cannot work the controls',
    async (amo) => {
      const reset = (headers: Record<string, string>) => ask(amo, 'POST', '/__sandbox/reset', headers)
      const id = await amo.lead()
      expect(await reset({ 'sec-fetch-site': 'cross-site' })).toBe(403)
      expect(await reset({ 'sec-fetch-site': 'same-site' })).toBe(403)
      expect(await reset({ origin: 'http://evil.example' })).toBe(403)
      expect(await reset({ origin: 'null' })).toBe(403)
      expect((await amo.get(`/leads/${id}`)).status).toBe(200)
      expect(await reset({ 'sec-fetch-site': 'same-origin', origin: amo.sandbox.url })).toBe(200)
      expect((await amo.get(`/leads/${id}`)).status).toBe(204)
    },
  ],
  [
    'contract',
    'cannot come by a name of its own that points here',
    async (amo) => {
      const by = (host: string) => ask(amo, 'GET', '/__sandbox/credentials', { host: `${host}:${port(amo)}` })
      for (const name of ['evil.com', '127.0.0.1.evil.com', 'localhost.evil.com', 'evilamocrm.ru'])
        expect(await by(name), name).toBe(403)
      for (const name of ['localhost', '127.0.0.1', '[::1]', 'sandbox', 'amo.localhost', 'sandbox.amocrm.ru'])
        expect(await by(name), name).toBe(200)
      expect(await ask(amo, 'POST', '/__sandbox/reset', { host: 'evil.com' })).toBe(403)
      expect(await ask(amo, 'GET', '/', { host: 'evil.com' })).toBe(403)
    },
  ],
])
