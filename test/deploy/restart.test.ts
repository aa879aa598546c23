import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { freshMariadb } from '../support/databases.ts'
import { siteName, startNginx } from '../support/nginx.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { startParom } from '../support/parom.ts'
import { restartUnderLoad } from '../support/restarts.ts'

it('two processes behind nginx, restarted one after the other, take every order of a steady stream, each once', async () => {
  const databaseUrl = await freshMariadb()
  const { answers, exitCodes, verdict } = await restartUnderLoad({
    databaseUrl,
    perSecond: 50,
    signals: ['SIGTERM', 'SIGTERM', 'SIGKILL'],
  })
  expect(answers.filter(({ status }) => status !== 200)).toEqual([])
  expect(exitCodes).toEqual([0, 0, null])
  expect(verdict).toEqual({ acknowledged: answers.length, missing: [], altered: [], twice: [], unacknowledged: 0 })
  expect(answers.length).toBeGreaterThan(50)
})

it('an order whose process dies over it goes to the other process, a form never does', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parom-dying-'))
  const socket = join(folder, '1.sock')
  const dying = createServer((connection) => connection.once('data', () => connection.destroy()))
  await new Promise<void>((resolve) => dying.listen(join(folder, '2.sock'), resolve))
  const env = { HOST: `unix:${socket}`, PUBLIC_URL: `https://${siteName}` }
  const parom = await startParom({ databaseUrl: 'sqlite::memory:', env, trustedProxies: ['socket'] })
  const nginx = await startNginx('parom-sockets.conf', { '/run/parom/': `${folder}/` })
  const post = async (path: string, body: string) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    return (await nginx.from('127.0.0.1')(`https://${siteName}${path}`, { method: 'POST', headers, body })).status
  }
  const orders = Array.from({ length: 4 }, (_, order_id) => asForm(anOrder({ order_id })))
  expect(await Promise.all(orders.map((order) => post('/api/order/create', order)))).toEqual([200, 200, 200, 200])
  const forms = [await post('/logout', ''), await post('/logout', '')]
  expect(forms.toSorted()).toEqual([403, 502])
  await nginx.close()
  await parom.close()
  await new Promise((resolve) => dying.close(resolve))
  rmSync(folder, { recursive: true })
})
