import { once } from 'node:events'
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { openDatabase } from '../src/database/open.ts'
import { onEachDatabase } from './support/databases.ts'
import { freePort } from './support/mariadb.ts'
import { anOrder, asForm } from './support/orders.ts'
import { postOrder } from './support/parom.ts'
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
  /** A `local` installation with a CRM that nobody answers for. */
  async function prepare() {
    return {
      ENV_TYPE: 'local',
      PORT: String(await freePort()),
      DATABASE_URL: await database.fresh(),
      AMO_BASE_URL: `http://127.0.0.1:${await freePort()}`,
      AMO_ACCESS_TOKEN: '',
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
})
