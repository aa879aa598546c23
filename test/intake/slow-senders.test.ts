import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { mostConnections, startCrowd } from '../support/crowd.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { postOrder } from '../support/parom.ts'
import { aloneOn, residentBytes, startProcess } from '../support/process.ts'

const wanted = 10_000
/** Ms in which a good order has to be answered while the slow ones are there; without them it takes a few. */
const promptMs = 2000
/** Bytes for each open connection. */
const mostPerConnection = 30 * 1024
/** Ms until the server has to be rid of all of them: its time for a whole request and two of its looks. */
const ridMs = 45_000

it('holds no good order up for thousands of slow senders, and closes their connections', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parom-slow-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const env = await aloneOn(`sqlite:${join(folder, 'parom.db')}`)
  const server = await startProcess(env)
  onTestFinished(async () => void (await server.kill('SIGKILL')))
  let orders = 0
  const slowest: number[] = []
  const post = async () => {
    const begun = performance.now()
    const { status } = await postOrder(`http://127.0.0.1:${env.PORT}`, asForm(anOrder({ order_id: `${++orders}` })))
    slowest.push(performance.now() - begun)
    expect(status).toBe(200)
  }
  const memory = () => residentBytes(server.child.pid ?? 0)

  for (let order = 0; order < 20; order++) await post()
  const memoryAlone = memory()
  const connections = Math.min(wanted, mostConnections())
  if (connections < wanted) console.warn(`This machine allows a process ${connections} connections, not ${wanted}.`)
  const slow = Math.floor(connections / 20)
  const sizes = { silent: connections - 3 * slow, 'slow head': slow, 'slow body': slow, 'half a body': slow }
  const crowd = startCrowd(Number(env.PORT), sizes)
  onTestFinished(crowd.leave)
  let mostMemory = 0
  const goOn = async () => {
    await post()
    mostMemory = Math.max(mostMemory, memory())
    await sleep(50)
  }

  while (!crowd.report().finished) await goOn()
  expect(crowd.report().opened).toBe(connections)
  const isRid = () => Object.values(crowd.report().open).every((open) => open === 0)
  for (const end = Date.now() + ridMs; Date.now() < end && !isRid(); ) await goOn()

  expect(crowd.report().open).toEqual({ silent: 0, 'slow head': 0, 'slow body': 0, 'half a body': 0 })
  expect(Math.max(...slowest)).toBeLessThan(promptMs)
  expect((mostMemory - memoryAlone) / connections).toBeLessThan(mostPerConnection)
}, 90_000)
