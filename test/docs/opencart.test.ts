import { execFile } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Engine } from 'php-parser'
import qs from 'qs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parseOrder } from '../../src/order/parse.ts'
import { freshMariadb } from '../support/databases.ts'
import { sampleOrder } from '../support/orders.ts'
import { startParom } from '../support/parom.ts'
import { findProgram } from '../support/programs.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'

const script = join(import.meta.dirname, '../../docs/examples/opencart-order.php')
const execute = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'parom-opencart-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const token = 'token-of-the-shop'
const order = { ...qs.parse(sampleOrder), order_id: '1001' }

let shops = 0
/** A shop with a queue of its own, which speaks to the address by curl or without it. */
function openShop(url: string, by: 'curl' | 'streams') {
  const queue = join(folder, `shop${++shops}`)
  const env = {
    PATH: process.env['PATH'],
    PAROM_URL: `${url}/api/order/create`,
    PAROM_TOKEN: token,
    PAROM_QUEUE: queue,
    ...(by === 'streams' ? { PAROM_WITHOUT_CURL: '1' } : {}),
  }
  const php = async (...args: string[]) => {
    const { stdout, stderr } = await execute(findProgram('php') ?? 'php', args, { env, timeout: 60_000 })
    return { stdout, stderr }
  }
  const files = (where = '') => readdirSync(join(queue, where)).filter((name) => name.endsWith('.order'))
  return {
    queue,
    files,
    /** What the buyer's click does. */
    checkout(fields: object, before = '') {
      const file = join(folder, 'order.json')
      writeFileSync(file, JSON.stringify(fields))
      const code = `${before} require '${script}'; parom_queue(json_decode(file_get_contents('${file}'), true)); echo 'the page';`
      return php('-r', code)
    },
    cron: (...args: string[]) => php(script, ...args),
    /** Lets the time of the next try come. */
    async wait() {
      for (const name of [...files(), 'wait']) {
        try {
          utimesSync(join(queue, name), 0, 0)
        } catch {}
      }
    },
  }
}

describe.each(['curl', 'streams'] as const)('the OpenCart example by %s', (by) => {
  let parom: Awaited<ReturnType<typeof startParom>>
  let proxy: Awaited<ReturnType<typeof startTcpProxy>>
  let shop: ReturnType<typeof openShop>
  beforeAll(async () => {
    const databaseUrl = await freshMariadb()
    parom = await startParom({ databaseUrl, env: { WEBHOOK_TOKEN: token } })
    proxy = await startTcpProxy({ host: '127.0.0.1', port: Number(new URL(parom.url).port) })
  })
  beforeEach(() => {
    shop = openShop(`http://127.0.0.1:${proxy.port}`, by)
  })
  afterAll(() => parom.close().then(proxy.close))

  it('brings an order into the CRM, however often it is sent', async () => {
    expect((await shop.checkout(order)).stdout).toBe('the page')
    expect((await shop.cron()).stdout).toBe('1\n')
    expect(shop.files()).toEqual([])
    const { messages } = await parom.inbox.list({ limit: 10 })
    await parom.reaches(messages[0]?.id ?? '', 'delivered')
    const { leads } = await parom.sandbox.state()

    await shop.checkout(order)
    expect((await shop.cron()).stderr).toContain('"duplicate":true')
    expect((await parom.sandbox.state()).leads).toHaveLength(leads.length)
  })

  it('keeps the order while Parom is away, and sends it afterwards', async () => {
    proxy.cut()
    expect((await shop.checkout({ ...order, order_id: `away-${by}` })).stdout).toBe('the page')
    expect((await shop.cron()).stdout).toBe('0\n')
    proxy.mend()
    expect((await shop.cron()).stdout).toBe('0\n')
    await shop.wait()
    expect((await shop.cron()).stdout).toBe('1\n')
    expect(shop.files()).toEqual([])
  })

  it('puts aside what is refused, and sends it when told to', async () => {
    const stranger = openShop(`${parom.url}/../../elsewhere`, by)
    await stranger.checkout({ ...order, order_id: `refused-${by}` })
    expect((await stranger.cron()).stdout).toBe('0\n')
    expect([stranger.files(), stranger.files('failed')]).toEqual([[], [expect.stringContaining(`refused-${by}`)]])
    expect((await stranger.cron('--again')).stdout).toBe('0\n')
    expect(stranger.files('failed')).toHaveLength(1)
  })
})

describe.each(['curl', 'streams'] as const)('what the OpenCart example makes of answers, by %s', (by) => {
  let answer: { status: number; body?: string; headers?: Record<string, string>; waits?: boolean }
  const requests: { headers: IncomingHttpHeaders; body: string }[] = []
  const server = createServer(async (req, res) => {
    let body = ''
    for await (const chunk of req) body += chunk
    requests.push({ headers: req.headers, body })
    res.writeHead(answer.status, answer.headers).end(answer.body)
  })
  let url: string
  beforeAll(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const address = server.address()
    url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  })
  afterAll(() => void server.close())

  it.each([
    ['503', { status: 503, headers: { 'Retry-After': '10' }, body: '{"status":503,"error":"store_unavailable"}' }],
    ['429', { status: 429, headers: { 'Retry-After': '3' }, body: '{"status":429,"error":"rate_limited"}' }],
    ['502 of the web server', { status: 502, body: '<h1>Bad Gateway</h1>' }],
    ['a page that is not ours', { status: 200, body: '<h1>Сайт на обслуживании</h1>' }],
    ['a way elsewhere', { status: 301, headers: { Location: 'http://127.0.0.1:9/' } }],
    ['an answer without an id', { status: 200, body: '{"status":200}' }],
  ])('it comes again after %s', async (_what, given) => {
    answer = given
    const shop = openShop(url, by)
    await shop.checkout(order)
    expect((await shop.cron()).stdout).toBe('0\n')
    answer = { status: 200, body: '{"status":200,"id":"0190"}' }
    const before = requests.length
    expect((await shop.cron()).stdout).toBe('0\n')
    expect(requests).toHaveLength(before)
    await shop.wait()
    expect((await shop.cron()).stdout).toBe('1\n')
  })

  it.each([400, 401, 413, 415])('it does not come again after %s', async (status) => {
    answer = { status, body: '{"error":"a reason"}' }
    const shop = openShop(url, by)
    await shop.checkout(order)
    await shop.cron()
    await shop.wait()
    const before = requests.length
    expect((await shop.cron()).stdout).toBe('0\n')
    expect(requests).toHaveLength(before)
    const [file = ''] = shop.files('failed')
    const kept = readFileSync(join(shop.queue, 'failed', file.replace('.order', '.answer')), 'utf8')
    expect(kept).toBe(`${status} {"error":"a reason"}`)

    answer = { status: 200, body: '{"status":200,"id":"0190"}' }
    expect((await shop.cron('--again')).stdout).toBe('1\n')
  })

  it('it leaves a server alone for as long as that asks', async () => {
    answer = { status: 429, headers: { 'retry-after': '300' } }
    const shop = openShop(url, by)
    await shop.checkout(order)
    await shop.cron()
    await shop.checkout({ ...order, order_id: '1002' })
    const before = requests.length
    await shop.cron()
    expect(requests).toHaveLength(before)
  })

  it('it sends the whole order, its token, and a key that stays the same', async () => {
    answer = { status: 500 }
    const shop = openShop(url, by)
    await shop.checkout(order)
    for (let tries = 0; tries < 2; tries++) {
      await shop.cron()
      await shop.wait()
    }
    const [first, second] = requests.slice(-2)
    expect(qs.parse(first?.body ?? '', { arrayLimit: 1000 })).toMatchObject({ lastname: 'Ross', order_id: '1001' })
    expect(first?.headers).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded',
      'x-webhook-token': token,
      'idempotency-key': 'shop.example.ru-1001',
    })
    expect(second).toEqual(first)
  })

  it('it sends at once where the buyer need not wait for it', async () => {
    answer = { status: 200, body: '{"status":200,"id":"0190"}' }
    const shop = openShop(url, by)
    const before = requests.length
    const { stdout } = await shop.checkout(order, "function fastcgi_finish_request() { echo ', and goodbye'; }")
    expect(stdout).toBe('the page, and goodbye')
    expect([requests.length, shop.files()]).toEqual([before + 1, []])
  })
})

it('the OpenCart example never stands in the way of the buyer', async () => {
  const shop = openShop('http://127.0.0.1:9', 'streams')
  writeFileSync(shop.queue, 'a file where the folder should be')
  const { stdout, stderr } = await shop.checkout(order)
  expect(stdout).toBe('the page')
  expect(stderr).toContain('order 1001 is not in the queue')
})

it.each(['opencart.ru.md', 'opencart.md'])(
  'the lines of docs/%s put an order into the queue with its first status alone',
  async (guide) => {
    const text = readFileSync(join(import.meta.dirname, '../../docs', guide), 'utf8')
    const [, lines = ''] = /```php\n([\s\S]*?)```/.exec(text) ?? []
    const system = join(folder, 'system', '/')
    mkdirSync(join(system, 'library'), { recursive: true })
    copyFileSync(script, join(system, 'library/opencart-order.php'))
    const queue = join(folder, `queue-${guide}`)
    const code = `
    define('DIR_SYSTEM', '${system}');
    class ModelCheckoutOrder {
      private $status = '0';
      function getOrder($id) { return ['order_id' => $id, 'customer_id' => '2', 'total' => '12500.0000', 'order_status_id' => $this->status]; }
      function getOrderProducts($id) { return [['order_product_id' => '7', 'order_id' => $id, 'product_id' => '3', 'name' => 'Бак', 'model' => 'B-3', 'quantity' => '1', 'price' => '12000.0000', 'total' => '12000.0000', 'tax' => '0.0000', 'reward' => '0']]; }
      function getOrderOptions($id, $row) { return [['order_option_id' => '1', 'order_product_id' => $row, 'name' => 'Объём', 'value' => '20 л', 'type' => 'select']]; }
      function getOrderTotals($id) { return [['code' => 'shipping', 'title' => 'Доставка', 'value' => '500.0000', 'sort_order' => '3'], ['code' => 'total', 'title' => 'Итого', 'value' => '12500.0000', 'sort_order' => '9']]; }
      function addOrderHistory($order_id, $order_status_id) {
        $order_info = $this->getOrder($order_id);
        ${lines}
        $this->status = $order_status_id;
      }
    }
    $model = new ModelCheckoutOrder();
    foreach ([0, '1', '5'] as $status) $model->addOrderHistory(1001, $status);`
    await execute(findProgram('php') ?? 'php', ['-r', code], { env: { PATH: process.env['PATH'], PAROM_QUEUE: queue } })
    const files = readdirSync(queue).filter((name) => name.endsWith('.order'))
    expect(files).toEqual([expect.stringMatching(/^\d+-1001\.order$/)])
    const contentType = 'application/x-www-form-urlencoded'
    const body = readFileSync(join(queue, files[0] ?? ''))
    expect(await parseOrder({ source: 'lk', contentType, body })).toMatchObject({
      fields: { order_id: '1001', total: '12500.0000' },
      meta: { customer_id: '2' },
      products: [{ id: '3', name: 'Бак', sku: 'B-3', options: [{ name: 'Объём', value: '20 л' }], quantity: '1' }],
      totals: [{ title: 'Доставка', value: '500.0000' }],
    })
  },
)

it('PHP 7.4 understands the OpenCart example', () => {
  const parser = { suppressErrors: false, version: '7.4' }
  expect(new Engine({ parser }).parseCode(readFileSync(script, 'utf8'), script).children.length).toBeGreaterThan(5)
})
