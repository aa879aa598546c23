import { once } from 'node:events'
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { onEachDatabase } from './support/databases.ts'
import { killUnderLoad } from './support/kills.ts'
import { anOrder, asForm } from './support/orders.ts'
import { aloneOn, startProcess } from './support/process.ts'

onEachDatabase('kill -9', (database) => {
  it('loses no order that was answered with 200, and keeps none twice', async () => {
    const seed = Date.now() % 100_000
    const outcome = await killUnderLoad({ databaseUrl: await database.fresh(), rounds: 2, seed })
    expect(outcome, `seed ${seed}`).toMatchObject({ missing: [], altered: [], twice: [], refused: 0 })
    expect(outcome.acknowledged).toBeGreaterThan(10)
  }, 60_000)

  it('is not needed to stop: an order that is being received is answered first', async () => {
    const env = await aloneOn(await database.fresh())
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
    const ended = performance.now()
    const [response] = await answered
    expect(response.statusCode).toBe(200)
    response.resume()
    expect(await stopped).toBe(0)
    // Nor does it wait for a sender that keeps its connection.
    expect(performance.now() - ended).toBeLessThan(3000)
  })
})
