import type { Kysely } from 'kysely'
import { migrate } from '../src/database/migrate.ts'
import { openDatabase } from '../src/database/open.ts'
import type { Tables } from '../src/database/tables.ts'
import { createInbox, type Inbox } from '../src/inbox/inbox.ts'
import type { Page } from '../src/inbox/list.ts'
import type { TestDatabase } from '../test/support/databases.ts'
import { aloneOn, run, startProcess } from '../test/support/process.ts'
import { createVisitor } from '../test/support/visitor.ts'
import { onEachDatabase } from './databases.ts'
import { fill, fillDead, fillRefused, fillSearchKeys } from './fill.ts'
import { median, quantile } from './quantiles.ts'
import { recordStatements, showPlans } from './query-plans.ts'

const scale = Number(process.env['SCALE'] ?? 1)
const delivered = Math.round(1_000_000 * scale)
const waiting = Math.round(50_000 * scale)
const dead = Math.round(5000 * scale)
const calls = Number(process.env['PAGES_CALLS'] ?? 20)
const account = 'sandbox.amocrm.ru'
const goalMs = 50
const plansShown = 3

/** What the list and the search cost in a large database, of the inbox alone and as pages, and the plans of the slowest. */
export function benchPages() {
  return onEachDatabase(measure)
}

interface Times {
  p50: number
  p95: number
  max: number
}

async function measure({ name, fresh }: TestDatabase) {
  const databaseUrl = await fresh()
  const database = openDatabase(databaseUrl)
  await migrate(database)
  await fillAll(name, database.db)
  const inbox = createInbox(database, Date.now)
  const subjects = await subjectsOf(inbox)

  const ofInbox = new Map<string, Times & { found: string }>()
  for (const [subject, page] of subjects) {
    const { messages, isPartial } = await inbox.list({ ...page, limit })
    const found = `${messages.length}${isPartial ? ' …' : ''}`
    ofInbox.set(subject, { ...(await timed(() => inbox.list({ ...page, limit }))), found })
  }
  const ofPages = await measurePages(databaseUrl, subjects)

  console.log(
    `${name}: lists of ${limit}, in ms; … where it gave up looking. Goal: a page's p95 of at most ${goalMs} ms`,
  )
  console.table(
    Object.fromEntries(
      subjects.map(([subject]) => {
        const { found, ...times } = ofInbox.get(subject) ?? { found: '' }
        return [subject, { found, ...columns('inbox', times), ...columns('page', ofPages.get(subject)) }]
      }),
    ),
  )
  const slowest = subjects.toSorted(([a], [b]) => (ofInbox.get(b)?.p95 ?? 0) - (ofInbox.get(a)?.p95 ?? 0))
  for (const [subject, page] of slowest.slice(0, plansShown)) {
    console.log(`${name}: ${subject}`)
    const recorded = recordStatements(database.db)
    await createInbox({ ...database, db: recorded.db }, Date.now).list({ ...page, limit })
    await showPlans(database.db, name, recorded.statements)
  }
  const tooSlow = [...ofPages].filter(([, { p95 }]) => p95 > goalMs)
  console.log(
    tooSlow.length === 0 ? `${name}: reached` : `${name}: missed by ${tooSlow.map(([each]) => each).join(', ')}`,
  )
  if (tooSlow.length > 0) process.exitCode = 1
  await database.close()
}

async function fillAll(name: string, db: Kysely<Tables>) {
  const start = performance.now()
  const end = Date.now()
  await fill(db, { account, delivered, waiting, end })
  await fillDead(db, { account, dead, end })
  await fillRefused(db, { account, end })
  await fillSearchKeys(db)
  const seconds = ((performance.now() - start) / 1000).toFixed(0)
  console.log(`${name}: ${delivered} delivered, ${waiting} waiting and ${dead} dead messages, filled in ${seconds} s`)
}

const limit = 50
const day = 24 * 60 * 60_000

type Subject = [string, Omit<Page, 'limit'>]

async function subjectsOf(inbox: Inbox): Promise<Subject[]> {
  const end = Date.now()
  const { messages } = await inbox.list({ limit: 1, from: end - 45 * day, order: 'oldest' })
  const middle = messages[0]?.id
  const some = Math.floor(delivered / 3)
  const searched = (text: string): Subject => [`text ${text}`, { text }]
  const phone = String((some * 7919) % 1_000_000_000).padStart(9, '0')
  return [
    ['all', {}],
    ['all, oldest first', { order: 'oldest' }],
    ['all, in the middle', { cursor: middle }],
    ['all, in the middle, oldest first', { cursor: middle, order: 'oldest' }],
    ...(['delivered', 'pending', 'held', 'dead', 'rejected'] as const).map(
      (state): Subject => [`state ${state}`, { state }],
    ),
    ['state delivered, in the middle', { state: 'delivered', cursor: middle }],
    ['retrying', { retrying: true }],
    ['source site', { source: 'site' }],
    ['source rare', { source: 'rare' }],
    ['source nobody', { source: 'nobody' }],
    ['source nobody, oldest first', { source: 'nobody', order: 'oldest' }],
    ['form metform', { form: 'metform' }],
    ['form rare', { form: 'rare' }],
    ['source site, form metform', { source: 'site', form: 'metform' }],
    ['source rare, form rare', { source: 'rare', form: 'rare' }],
    ['state delivered, source nobody', { state: 'delivered', source: 'nobody' }],
    ['state pending, source site', { state: 'pending', source: 'site' }],
    ...(['crm_unavailable', 'crm_rejected', 'conflict', 'unauthorized', 'not_connected'] as const).map(
      (reason): Subject => [`reason ${reason}`, { reason }],
    ),
    ['reason crm_unavailable, state dead', { reason: 'crm_unavailable', state: 'dead' }],
    ['reason crm_unavailable, source rare', { reason: 'crm_unavailable', source: 'rare' }],
    ['a day', { from: end - 31 * day, until: end - 30 * day }],
    ['a day, source rare', { from: end - 31 * day, until: end - 30 * day, source: 'rare' }],
    ['a day, partner', { from: end - 31 * day, until: end - 30 * day, partner: 'P7' }],
    ['a day to come', { from: end + day, until: end + 2 * day }],
    ['partner', { partner: 'P7' }],
    ['partner, in the middle', { partner: 'P7', cursor: middle }],
    ['partner nobody', { partner: 'nobody' }],
    ['partner, state dead', { partner: 'P7', state: 'dead' }],
    ['partner, source rare', { partner: 'P8', source: 'rare' }],
    ['partner, text', { partner: 'P7', text: '7' }],
    searched(String(some)),
    searched(`8 (9${phone.slice(0, 2)}) ${phone.slice(2, 5)}-${phone.slice(5, 7)}-${phone.slice(7)}`),
    searched(`buyer${some % 300_000}@mail.example`),
    searched(`buyer${String(some).slice(0, 3)}`),
    searched(String(20_000_000 + some)),
    ...['1', '12', '123', '1234', '2', '9', 'b', 'p7', 'nothing of this kind'].map(searched),
    ['text 2, in the middle', { text: '2', cursor: middle }],
    ['text 12, state dead', { text: '12', state: 'dead' }],
    ['text p, source rare', { text: 'p', source: 'rare' }],
    ['text 1, a day', { text: '1', from: end - 31 * day, until: end - 30 * day }],
    [`text ${middle}`, { text: middle }],
  ]
}

/** Of a server as `npm start` runs it, that has nothing else to do. */
async function measurePages(databaseUrl: string, subjects: Subject[]) {
  const env = await aloneOn(databaseUrl)
  const server = await startProcess(env)
  try {
    await run('src/cli/parom.ts', ['pause'], env).exited
    const visitor = createVisitor(`http://127.0.0.1:${env.PORT}`)
    await visitor.signIn()
    const times = new Map<string, Times>()
    for (const [subject, page] of subjects) {
      const path = `/app/transactions?${addressOf(page)}`
      const { status } = await visitor.visit(path)
      if (status !== 200) throw new Error(`${path}: ${status}`)
      times.set(subject, await timed(() => visitor.visit(path)))
    }
    return times
  } finally {
    await server.kill('SIGTERM')
  }
}

function addressOf({ text, retrying, from, until, ...page }: Omit<Page, 'limit'>) {
  const time = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString())
  const state = retrying ? 'retrying' : page.state
  const parameters = { ...page, state, q: text, from: time(from), to: time(until), limit: String(limit) }
  const set = Object.entries(parameters).filter((each): each is [string, string] => Boolean(each[1]))
  return new URLSearchParams(set)
}

async function timed(call: () => Promise<unknown>): Promise<Times> {
  const times = []
  for (let index = 0; index < calls; index++) {
    const start = performance.now()
    await call()
    times.push(performance.now() - start)
  }
  return { p50: median(times), p95: quantile(times, 0.95), max: Math.max(...times) }
}

function columns(name: string, times: Partial<Times> = {}) {
  return Object.fromEntries(Object.entries(times).map(([key, ms]) => [`${name} ${key}`, Number(ms.toFixed(1))]))
}
