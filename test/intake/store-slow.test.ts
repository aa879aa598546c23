import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { createConnection } from 'mysql2/promise'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMysqlDatabase, type MariaDb, startMariadb } from '../support/mariadb.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { postOrder } from '../support/parom.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'
import { startInTrouble } from '../support/trouble.ts'

// Servers and databases of their own are started here, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

/** A store that can be held up from outside, so that it neither works nor fails. */
interface Store {
  url: string
  hold(): void
  letGo(): void
  close(): Promise<void> | void
}

/** Ms in which an order has to be answered, whatever the store does: a checkout waits no longer. */
const patience = 8000
/** MiB by which the server may grow for a flood of 500. */
const mostGrowth = 200
/** Ms. */
const floodPatience = 30_000

function whileHeld(start: () => Promise<Store>) {
  let store: Store
  let server: Awaited<ReturnType<typeof startInTrouble>>
  beforeEach(async () => {
    store = await start()
    server = await startInTrouble(store.url)
  })
  afterEach(async () => {
    await server.close()
    await store.close()
  })

  const inTime = async (order: number) => {
    const begun = performance.now()
    const answer = await server.post(order)
    expect(performance.now() - begun).toBeLessThan(patience)
    return answer
  }

  it('has every order answered 503 in time, and takes them all once it goes on', async () => {
    const orders = Array.from({ length: 30 }, (_, index) => 1001 + index)
    store.hold()
    const meanwhile = sleep(200)
      .then(server.liveStatus)
      .catch(() => 'none in time')
    const answers = await Promise.all(orders.map(inTime)).finally(store.letGo)
    expect(await meanwhile).toBe(200)
    for (const { status, retryAfter } of answers) {
      expect(status).toBe(503)
      expect(retryAfter).toBeGreaterThan(0)
    }

    await expect.poll(async () => (await server.post(orders[0])).status).toBe(200)
    const again = await Promise.all(orders.map(inTime))
    expect(again.every(({ status }) => status === 200)).toBe(true)
    expect(await server.readyStatus()).toBe(200)
    expect(await server.verdict()).toMatchObject({ missing: [], altered: [], twice: [], unacknowledged: 0 })
  })

  it('does not let a flood fill the memory', async () => {
    store.hold()
    const { answers, unanswered, growth } = await server
      .flood(1000, { connections: 500, padding: 100_000, patience: floodPatience })
      .finally(store.letGo)
    expect.soft(Math.round(growth / 1024 ** 2), 'MiB').toBeLessThan(mostGrowth)
    expect.soft(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]))
    expect.soft(answers).toHaveLength(1000)
    expect(unanswered).toHaveLength(0)

    await expect.poll(async () => (await server.post()).status).toBe(200)
    expect(await server.verdict()).toMatchObject({ missing: [], altered: [], twice: [] })
  }, 120_000)
}

describe('a SQLite database that another process has locked', () => {
  whileHeld(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'parom-slow-'))
    const file = join(folder, 'parom.db')
    const other = new DatabaseSync(file)
    return {
      url: `sqlite:${file}`,
      hold: () => other.exec('BEGIN IMMEDIATE'),
      letGo: () => other.exec('ROLLBACK'),
      close() {
        other.close()
        rmSync(folder, { recursive: true })
      },
    }
  })
})

describe('MariaDB', () => {
  let mariadb: MariaDb
  beforeAll(async () => {
    mariadb = await startMariadb()
  })
  afterAll(() => mariadb.stop())
  let databases = 0
  const fresh = () => createMysqlDatabase(mariadb.url, { name: `parom_${++databases}` })

  describe('that stands still', () => {
    whileHeld(async () => ({
      url: await fresh(),
      hold: () => process.kill(mariadb.pid, 'SIGSTOP'),
      letGo: () => process.kill(mariadb.pid, 'SIGCONT'),
      close: () => {},
    }))
  })

  it('that takes no order so large keeps the others, also those that wait with it', async () => {
    const connection = await createConnection(mariadb.url)
    await connection.query('SET GLOBAL max_allowed_packet = 300 * 1024')
    const server = await startInTrouble(await fresh())
    const large = () => postOrder(server.url, asForm(anOrder({ comment: 'я'.repeat(60_000) })))
    const [refused, others] = await Promise.all([
      Promise.all([large(), large()]),
      Promise.all(Array.from({ length: 40 }, () => server.post())),
    ])
    expect(refused.map(({ status }) => status)).toEqual([503, 503])
    expect(new Set(others.map(({ status }) => status))).toEqual(new Set([200]))
    await server.close()
    await connection.query('SET GLOBAL max_allowed_packet = DEFAULT')
    await connection.end()
  })

  it('that is far away takes longer, but takes every order', async () => {
    const proxy = await startTcpProxy({ host: '127.0.0.1', port: Number(new URL(mariadb.url).port) })
    const url = new URL(await fresh())
    url.port = String(proxy.port)
    const server = await startInTrouble(url.href)
    proxy.slow(300)
    const answers = await Promise.all(Array.from({ length: 40 }, () => server.post()))
    expect(answers.every(({ status }) => status === 200)).toBe(true)
    expect(await server.verdict()).toMatchObject({ missing: [], altered: [], twice: [] })
    await server.close()
    await proxy.close()
  })
})
