import { once } from 'node:events'
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { openDatabase } from '../src/database/open.ts'
import { onEachDatabase } from './support/databases.ts'
import { freePort } from './support/mariadb.ts'
import { anOrder, asForm } from './support/orders.ts'
import { postOrder, startTestSandbox } from './support/parom.ts'
import { startProcess } from './support/process.ts'

/** Posts order after order from several senders until the server dies; gives the ids that were answered with 200. */
async function postUntilItDies(url: string, round: number) {
  const acknowledged: string[] = []
  const sender = async (number: number) => {
    for (let order = 0; ; order++) {
      const answer = await postOrder(url, asForm(anOrder({ comment: `${round}/${number}/${order}` }))).catch(() => null)
      if (!answer) return
      if (answer.status === 200) acknowledged.push(answer.body.id)
    }
  }
  await Promise.all(Array.from({ length: 8 }, (_, number) => sender(number)))
  return acknowledged
}

onEachDatabase('kill -9', (database) => {
  /** A `local` installation with a CRM at that address, or one that nobody answers for. */
  async function prepare(crm?: { url: string; token: string }) {
    return {
      ENV_TYPE: 'local',
      PORT: String(await freePort()),
      DATABASE_URL: await database.fresh(),
      AMO_BASE_URL: crm?.url ?? `http://127.0.0.1:${await freePort()}`,
      AMO_ACCESS_TOKEN: crm?.token ?? '',
      LOG_LEVEL: 'silent',
    }
  }

  it('loses no order that was answered with 200', async () => {
    const env = await prepare()
    const acknowledged: string[] = []
    for (let round = 0; round < 4; round++) {
      const server = await startProcess(env)
      const posting = postUntilItDies(`http://127.0.0.1:${env.PORT}`, round)
      await sleep(150 + Math.random() * 500)
      await server.kill('SIGKILL')
      acknowledged.push(...(await posting))
    }
    const { db, close } = openDatabase(env.DATABASE_URL)
    const stored = new Set((await db.selectFrom('messages').select('id').execute()).map(({ id }) => id))
    await close()
    expect(acknowledged.length).toBeGreaterThan(20)
    expect(acknowledged.filter((id) => !stored.has(id))).toEqual([])
  })

  it('is not needed to stop: an order that is being received is answered first', async () => {
    const env = await prepare()
    const server = await startProcess(env)
    const body = asForm(anOrder())
    const sending = request({
      port: env.PORT,
      host: '127.0.0.1',
      path: '/api/order/create',
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length },
    })
    const answered = once(sending, 'response')
    await new Promise((resolve) => sending.write(body.slice(0, 20), resolve))
    await expect.poll(() => sending.socket?.connecting).toBe(false)
    await sleep(200)
    const stopped = server.kill('SIGTERM')
    await sleep(200)
    sending.end(body.slice(20))
    const [response] = await answered
    expect(response.statusCode).toBe(200)
    response.resume()
    expect(await stopped).toBe(0)
  })

  it('is not needed to stop within ten seconds, even when the CRM keeps us waiting', async () => {
    const sandbox = await startTestSandbox()
    const env = await prepare({ url: sandbox.url, token: (await sandbox.credentials()).access_token })
    const server = await startProcess(env)
    await sandbox.faults([{ method: 'POST', path: '/api/v4/leads', effect: 'delay', delay_ms: 15_000 }])
    await postOrder(`http://127.0.0.1:${env.PORT}`, asForm(anOrder()))
    await expect
      .poll(
        async () =>
          (await sandbox.requests()).some(({ method, path }) => method === 'POST' && path === '/api/v4/leads'),
        { timeout: 10_000 },
      )
      .toBe(true)
    const startedAt = performance.now()
    expect(await server.kill('SIGTERM')).toBe(0)
    expect(performance.now() - startedAt).toBeLessThan(10_000)
    await sandbox.close()
  })

  it('leaves one lead with its links and one note for every order, whenever it strikes', async () => {
    const sandbox = await startTestSandbox()
    const env = await prepare({ url: sandbox.url, token: (await sandbox.credentials()).access_token })
    // Answers that take a while make it likely that the process dies between a request and its answer.
    await sandbox.faults([{ method: 'POST', path: '/api/v4/*', effect: 'delay', delay_ms: 40 }])

    const orders = new Set<string>()
    for (let round = 0; round < 3; round++) {
      const server = await startProcess(env)
      for (let order = 0; order < 2; order++) {
        const { body } = await postOrder(
          `http://127.0.0.1:${env.PORT}`,
          asForm(anOrder({ comment: `${round}/${order}` })),
        )
        orders.add(body.id)
      }
      await sleep(600 + Math.random() * 1500)
      await server.kill('SIGKILL')
    }
    const last = await startProcess(env)
    const { db, close } = openDatabase(env.DATABASE_URL)
    await vi.waitFor(
      async () =>
        expect(await db.selectFrom('messages').select('id').where('state', '=', 'delivered').execute()).toHaveLength(
          orders.size,
        ),
      { timeout: 90_000, interval: 500 },
    )
    await close()
    expect(await last.kill('SIGTERM')).toBe(0)

    const { leads, notes } = await sandbox.state()
    const keyOf = (lead: { custom_fields_values: { field_code: string; values: { value: string }[] }[] }) =>
      lead.custom_fields_values.find((field) => field.field_code === 'PAROM_ORDER_KEY')?.values[0]?.value
    expect(leads.map(keyOf).sort()).toEqual([...orders].sort())
    expect(notes.map((note: { entity_id: number }) => note.entity_id).sort()).toEqual(
      leads.map(({ id }: { id: number }) => id).sort(),
    )
    for (const lead of leads) expect(lead._embedded.catalog_elements).toHaveLength(1)
    await sandbox.close()
  }, 150_000)
})
