import { decodeHTML } from 'entities'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { anOrder, asForm, type TestOrder } from '../support/orders.ts'
import { startParom } from '../support/parom.ts'
import { createVisitor, formWith } from '../support/visitor.ts'

let parom: Awaited<ReturnType<typeof startParom>>
beforeAll(async () => {
  parom = await startParom({
    databaseUrl: 'sqlite::memory:',
    env: { WEBHOOK_TOKEN: 'the-shop-knows-it' },
    users: [{ login: 'olga', roles: ['viewer'] }],
  })
  await makeOrdersOfEachKind()
})
afterAll(() => parom.close())

const token = { 'x-webhook-token': 'the-shop-knows-it' }
const post = async (order: TestOrder) => (await parom.post(asForm(anOrder(order)), token)).body.id
const failing = (effect: object) => parom.sandbox.faults([{ method: 'POST', path: '/api/v4/leads', ...effect }])

async function makeOrdersOfEachKind() {
  await parom.reaches(await post({ order_id: 'A 1/2&3', partner: 'ы' }), 'delivered')
  await post({ order_id: 'A 1/2&3', comment: 'другой' })
  await parom.post('not a form', { 'content-type': 'text/plain' })
  await parom.post(asForm(anOrder({ order_id: '2' })))
  await failing({ effect: 'status', status: 400 })
  await parom.reaches(await post({ order_id: '3' }), 'dead')
  await failing({ effect: 'status', status: 503 })
  await post({ order_id: '4' })
  await parom.sandbox.faults([])

  const admin = createVisitor(parom.url)
  await admin.signIn()
  const { text } = await admin.visit('/app/mapping/bench?case=clean')
  await admin.submit('/app/mapping/tests', formWith('token', /./, text))
  const list = await admin.visit('/app/transactions')
  const { _csrf = '' } = formWith('_csrf', /./, list.text)
  const run = await admin.submit('/app/runs/new', { _csrf, all: '1', state: 'dead' })
  await admin.submit('/app/runs', formWith('token', /./, run.text))
  await admin.submit('/app/sources', { _csrf, name: 'Ромашка', email: 'romashka@shop.example' })
}

/** Where a page leads to, what it loads, and where its forms ask; forms that change something have tests of their own. */
function addressesIn(html: string) {
  return (html.match(/<[a-z][^>]*>/g) ?? [])
    .filter((tag) => !/\smethod="post"/.test(tag))
    .flatMap((tag) => [...tag.matchAll(/\s(?:href|src|action|hx-get|data-whole)="([^"]*)"/g)])
    .map(([, address = '']) => decodeHTML(address))
}

/** Of lists that are filtered by the same one stands for all. */
function kindOf({ pathname, searchParams }: URL) {
  const isOne = searchParams.size === 1
  return `${pathname} ${isOne ? searchParams : [...searchParams.keys()].toSorted()}`
}

it.each([
  ['an administrator', 'admin', 'admin'],
  ['a viewer', 'olga', 'olga-password'],
])('%s comes by no link to where nothing is or nobody lets him in', async (_who, login, password) => {
  const visitor = createVisitor(parom.url)
  await visitor.signIn(login, password)
  const seen = new Set<string>()
  const waiting = [{ address: new URL('/app', parom.url), from: 'the start' }]
  const broken: string[] = []
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const { address, from } = next
    const kind = kindOf(address)
    if (address.origin !== parom.url || seen.has(kind)) continue
    seen.add(kind)
    const { status, location, headers, text } = await visitor.visit(address.pathname + address.search)
    if (status >= 400 || location?.startsWith('/login')) broken.push(`${status} ${address} on ${from}`)
    const isPage = /^text\/html/.test(headers.get('content-type') ?? '')
    const found = [...(isPage ? addressesIn(text) : []), ...(location === null ? [] : [location])]
    for (const each of found) {
      if (each.startsWith('#') && !text.includes(`id="${decodeURIComponent(each.slice(1))}"`))
        broken.push(`${each} on ${address}`)
      waiting.push({ address: new URL(each, address), from: address.pathname })
    }
  }
  expect(broken).toEqual([])
  expect(seen.size).toBeGreaterThan(30)
})
