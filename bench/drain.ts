import type { TestDatabase } from '../test/support/databases.ts'
import { type Crm, type JournalEntry, mostInASecond, startCrm } from './crm.ts'
import { onEachDatabase } from './databases.ts'
import { knownOrder, startWarmServer } from './warm-server.ts'

/** One order at a time takes so long that a tenth of the orders has to do. */
const waiting = Number(process.env['ORDERS'] ?? 1000)
const oneByOne = Math.ceil(waiting / 10)
const loneOrders = 5
/** By how much the floor may be exceeded. */
const goal = 1.25

interface Scenario {
  name: string
  orders: number
  products: number
  ordersAtOnce?: number
}

const scenarios: Scenario[] = [
  { name: '1 product each', orders: waiting, products: 1 },
  { name: '3 products each', orders: waiting, products: 3 },
  { name: '1 product each, one order at a time', orders: oneByOne, products: 1, ordersAtOnce: 1 },
]

/** How long waiting orders take to reach the CRM, how many requests they cost, and whether its limit is kept. */
export async function benchDrain() {
  await using crm = await startCrm()
  await onEachDatabase((database) => measure(database, crm))
}

async function measure({ name, fresh }: TestDatabase, crm: Crm) {
  const rows = []
  for (const scenario of scenarios) rows.push(await drain({ ...scenario, databaseUrl: await fresh(), crm }))
  console.log(`${name}: from when the orders are due until the CRM has answered the last note; goal: ${goal} × floor`)
  console.table(Object.fromEntries(rows))
  console.log(`${name}: lone orders, one after another; goal: 3 requests each`)
  console.table(await deliverLoneOrders({ databaseUrl: await fresh(), crm }))
}

/** The orders wait under the name of another account, which nobody delivers, until all are given to this one at once. */
async function drain({ name, orders, products, ...installation }: Scenario & Installation) {
  await using parom = await startWarmServer(installation)
  const elsewhere = 'waiting-room'
  await Promise.all(Array.from({ length: orders }, () => parom.accept(elsewhere, knownOrder(products))))
  const startedAt = Date.now()
  await parom.db.updateTable('messages').set({ account: parom.account }).where('account', '=', elsewhere).execute()
  parom.wake()
  await parom.untilDelivered()
  await parom.untilChecked()
  const { crm } = installation
  // One was there before.
  const leads = (await crm.state()).leads.length - 1
  return [name, { orders, leads, ...summary(await requestsSince(startedAt, crm), orders, startedAt) }] as const
}

interface Installation {
  databaseUrl: string
  crm: Crm
}

function summary(requests: JournalEntry[], orders: number, startedAt: number) {
  const notes = requests.filter(({ method, path }) => method === 'POST' && path.startsWith('/api/v4/leads/notes'))
  const seconds = (Math.max(...notes.map(answeredAt)) - startedAt) / 1000
  const floor = (3 * Math.ceil(orders / 50)) / 6
  return {
    seconds: seconds.toFixed(1),
    'seconds per 1,000': ((seconds / orders) * 1000).toFixed(0),
    floor: floor.toFixed(1),
    ratio: (seconds / floor).toFixed(2),
    requests: requests.length,
    'of them reads': requests.filter(({ method }) => method === 'GET').length,
    'requests per order': (requests.length / orders).toFixed(3),
    'most in any second': mostInASecond(requests),
    'answered 429': requests.filter(({ status }) => status === 429).length,
  }
}

async function deliverLoneOrders(installation: Installation) {
  await using parom = await startWarmServer(installation)
  const counts = []
  const startedAt = Date.now()
  for (let order = 0; order < loneOrders; order++) {
    const before = (await installation.crm.journal()).length
    await parom.deliver(knownOrder())
    counts.push((await installation.crm.journal()).length - before)
    await parom.untilSilent()
  }
  await parom.untilChecked()
  const all = (await requestsSince(startedAt, installation.crm)).length
  const untilDelivered = counts.reduce((sum, count) => sum + count, 0)
  return {
    'lone orders': loneOrders,
    'requests of each until it is delivered': counts.join(', '),
    'requests after that, of all together': all - untilDelivered,
  }
}

async function requestsSince(moment: number, crm: Crm) {
  return (await crm.journal()).filter(({ time }) => Date.parse(time) >= moment)
}

function answeredAt({ time, ms }: JournalEntry) {
  return Date.parse(time) + ms
}
