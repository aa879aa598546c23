import { expect, it } from 'vitest'
import { onEachDatabase } from '../support/databases.ts'
import { freePort } from '../support/mariadb.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { postOrder, startTestSandbox } from '../support/parom.ts'
import { startProcess } from '../support/process.ts'
import { createVisitor } from '../support/visitor.ts'

onEachDatabase('two servers on one database', (database) => {
  /** Both of them, as `npm start` runs them, with the limit that the CRM really has. */
  async function start() {
    const sandbox = await startTestSandbox()
    await sandbox.settings({ rate_limit: 7 })
    const env = {
      ENV_TYPE: 'local',
      DATABASE_URL: await database.fresh(),
      AMO_BASE_URL: sandbox.url,
      AMO_ACCESS_TOKEN: (await sandbox.credentials()).access_token,
      LOG_LEVEL: 'silent',
    }
    const ports = await Promise.all([freePort(), freePort()])
    // The first one is the one that delivers.
    const servers = []
    for (const port of ports) servers.push(await startProcess({ ...env, PORT: String(port) }))
    const urls = ports.map((port) => `http://127.0.0.1:${port}`)
    return { sandbox, servers, urls }
  }

  async function pressCheck(url: string) {
    const admin = createVisitor(url)
    await admin.signIn()
    const [, _csrf = ''] = /name="_csrf" value="([^"]+)"/.exec((await admin.visit('/api/auth')).text) ?? []
    expect((await admin.submit('/api/auth/check', { _csrf })).status).toBe(303)
  }

  it('ask the CRM seven times in a second at most, people at both of them included', async () => {
    const { sandbox, servers, urls } = await start()
    const posting = Array.from({ length: 8 }, (_, order) =>
      urls.map((url) => postOrder(url, asForm(anOrder({ order_id: `${order} at ${url}` })))),
    )
    await Promise.all([...posting.flat(), ...urls.map(pressCheck), ...urls.map(pressCheck)])
    await expect.poll(async () => (await sandbox.state()).leads.length, { timeout: 25_000 }).toBe(16)
    const requests = await sandbox.requests()
    const times = requests.map(({ time }) => Date.parse(time))
    for (const time of times)
      expect(times.filter((other) => other >= time && other < time + 1000).length).toBeLessThanOrEqual(7)
    expect(requests.filter(({ status }) => status === 429)).toEqual([])
    for (const server of servers) await server.kill('SIGTERM')
    await sandbox.close()
  }, 60_000)

  it('deliver one after the other: when one is killed the other goes on within ten seconds', async () => {
    const { sandbox, servers, urls } = await start()
    await postOrder(urls[0] ?? '', asForm(anOrder({ order_id: 'first' })))
    await expect.poll(async () => (await sandbox.state()).leads.length, { timeout: 8000 }).toBe(1)
    const [first, second] = servers
    await first?.kill('SIGKILL')
    await postOrder(urls[1] ?? '', asForm(anOrder({ order_id: 'second' })))
    await expect.poll(async () => (await sandbox.state()).leads.length, { timeout: 10_000 }).toBe(2)
    await second?.kill('SIGTERM')
    await sandbox.close()
  }, 60_000)
})
