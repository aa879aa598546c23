import { expect, vi } from 'vitest'
import { openDatabase } from '../../src/database/open.ts'
import type { TestDatabase } from './databases.ts'
import { freePort } from './mariadb.ts'
import { anOrder, asForm } from './orders.ts'
import { postOrder, startTestSandbox } from './parom.ts'
import { startProcess } from './process.ts'
import { startTcpProxy } from './tcp-proxy.ts'

export type Server = Awaited<ReturnType<Awaited<ReturnType<typeof prepareServers>>['start']>>

/** One database and one CRM, with the limit that it really has, for servers as `npm start` runs them. */
export async function prepareServers(database: TestDatabase) {
  const sandbox = await startTestSandbox()
  await sandbox.settings({ rate_limit: 7 })
  const databaseUrl = await database.fresh()
  const AMO_ACCESS_TOKEN = (await sandbox.credentials()).access_token
  const { db, close } = openDatabase(databaseUrl)
  const proxies: Awaited<ReturnType<typeof startTcpProxy>>[] = []

  /** Each goes its own way to the CRM, so that it is known who asked what. */
  async function start() {
    const asked: { method: string; path: string; at: number }[] = []
    const proxy = await startTcpProxy({ host: '127.0.0.1', port: Number(new URL(sandbox.url).port) }, (bytes) => {
      const [, method, path] = /^(GET|POST|PATCH) ([^ ?]+)/.exec(bytes.toString('latin1')) ?? []
      if (method && path) asked.push({ method, path, at: Date.now() })
    })
    proxies.push(proxy)
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const server = await startProcess({
      ENV_TYPE: 'local',
      PORT: String(port),
      DATABASE_URL: databaseUrl,
      AMO_BASE_URL: `http://127.0.0.1:${proxy.port}`,
      AMO_ACCESS_TOKEN,
      LOG_LEVEL: 'silent',
    })
    return {
      ...server,
      url,
      asked,
      writes: (path = '') => asked.filter((request) => request.method === 'POST' && request.path.endsWith(path)),
      /** Gives the id of an order that is none of those before. */
      post: async () => (await postOrder(url, asForm(anOrder({ order_id: crypto.randomUUID() })))).body.id,
    }
  }

  const messages = () => db.selectFrom('messages').selectAll().orderBy('id').execute()

  return {
    sandbox,
    db,
    start,
    messages,
    /** Fulfilled once these orders are delivered. */
    async delivered(ids: string[], timeout: number) {
      await vi.waitFor(
        async () => {
          const waiting = (await messages()).filter(({ id, state }) => ids.includes(id) && state !== 'delivered')
          expect(waiting.map(({ id, state, reason }) => ({ id, state, reason }))).toEqual([])
        },
        { timeout, interval: 50 },
      )
    },
    /** What has to be so in the end, whatever the servers went through. */
    async expectEachOnce(ids: string[]) {
      const { leads, notes } = await sandbox.state()
      expect(leads.map(markerOf).sort()).toEqual([...ids].sort())
      const leadIds = leads.map(({ id }: Lead) => id).sort()
      expect(notes.map(({ entity_id }: { entity_id: number }) => entity_id).sort()).toEqual(leadIds)
      for (const lead of leads) expect(lead._embedded.catalog_elements).toHaveLength(1)
      const times = (await sandbox.requests()).map(({ time }) => Date.parse(time))
      const inASecond = times.map((time) => times.filter((other) => other >= time && other < time + 1000).length)
      expect(Math.max(...inASecond)).toBeLessThanOrEqual(7)
    },
    async close() {
      await close()
      for (const proxy of proxies) await proxy.close()
      await sandbox.close()
    },
  }
}

interface Lead {
  id: number
  custom_fields_values: { field_code: string; values: { value: string }[] }[]
}

function markerOf({ custom_fields_values }: Lead) {
  return custom_fields_values.find(({ field_code }) => field_code === 'PAROM_ORDER_KEY')?.values[0]?.value
}
