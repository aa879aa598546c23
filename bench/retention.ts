import { setTimeout as sleep } from 'node:timers/promises'
import { migrate } from '../src/database/migrate.ts'
import { openDatabase } from '../src/database/open.ts'
import { createInbox, type Inbox } from '../src/inbox/inbox.ts'
import { type RetentionTask, retentionTasks, sweepOf } from '../src/inbox/retention.ts'
import { createRetention, dayMs } from '../src/inbox/retention-job.ts'
import type { TestDatabase } from '../test/support/databases.ts'
import { sampleOrder } from '../test/support/orders.ts'
import { onEachDatabase } from './databases.ts'
import { fill, fillRefused, fillSearchKeys } from './fill.ts'
import { quantile } from './quantiles.ts'
import { recordStatements, showPlans } from './query-plans.ts'

const scale = Number(process.env['SCALE'] ?? 1)
const delivered = Math.round(1_000_000 * scale)
const waiting = Math.round(10_000 * scale)
const account = 'shop.amocrm.ru'
/** Of the 90 days in which they were delivered, those of the last ten stay. */
const kept = { payloads: 10, attempts: 10, rejected: 1 }
const perSecond = 50
/** Ms. */
const goal = { intakeP99: 50 }

/** What deleting the payloads of nine orders of ten takes in a large database, by which plans, and what the intake feels of it. */
export function benchRetention() {
  return onEachDatabase(measure)
}

async function measure({ name, fresh }: TestDatabase) {
  const database = openDatabase(await fresh())
  await migrate(database)
  const start = performance.now()
  await fill(database.db, { account, delivered, waiting, end: Date.now() })
  await fillRefused(database.db, { account, end: Date.now() })
  await fillSearchKeys(database.db)
  console.log(
    `${name}: ${delivered} delivered messages, filled in ${((performance.now() - start) / 1000).toFixed(0)} s`,
  )
  const inbox = createInbox(database, Date.now)
  const before = await quantilesWhile(inbox, sleep(5000))

  const log = { info: console.log, warn: console.log, error: console.error }
  const retention = createRetention({ database, kept: () => kept, log, now: Date.now })
  const began = performance.now()
  const meanwhile = await quantilesWhile(inbox, whole(retention))
  const seconds = (performance.now() - began) / 1000
  const { tasks } = await retention.standing()
  console.table({ 'without it': before, meanwhile })
  console.log(`${name}: ${seconds.toFixed(0)} s; goal for the intake: at most ${goal.intakeP99} ms in 99 of 100`)
  console.table(tasks.map(({ task, removed }) => ({ task, removed })))

  for (const task of retentionTasks) {
    console.log(`${name}: ${task}`)
    const recorded = recordStatements(database.db)
    // There is more to do, so that no query is left out.
    for (const sweep of sweepOf(recorded.db, task, Date.now() - daysOf(task) * dayMs, Date.now())) await sweep(50)
    await showPlans(database.db, name, recorded.statements)
  }
  await database.close()
}

function daysOf(task: RetentionTask) {
  return task === 'rejected' ? 0 : 5
}

const unstopped = new AbortController().signal

async function whole(retention: ReturnType<typeof createRetention>) {
  do await retention.look(unstopped)
  while ((await retention.standing()).isRunning)
}

/** How long it takes to store an order while something goes on, many times a second, in ms. */
async function quantilesWhile(inbox: Inbox, something: Promise<unknown>) {
  const times: number[] = []
  let isOver = false
  const ended = something.finally(() => {
    isOver = true
  })
  let next = performance.now()
  const underWay: Promise<void>[] = []
  while (!isOver) {
    next += 1000 / perSecond
    underWay.push(storeOne(inbox, next, times))
    await sleep(Math.max(0, next - performance.now()))
  }
  await Promise.all(underWay)
  await ended
  const of = (share: number) => quantile(times, share).toFixed(1)
  return {
    orders: times.length,
    '50 %': of(0.5),
    '99 %': of(0.99),
    '99.9 %': of(0.999),
    max: Math.max(...times).toFixed(0),
  }
}

let stored = 0

/** @param dueAt ms, from when on it counts: who is kept waiting does not ask later for that */
async function storeOne(inbox: Inbox, dueAt: number, times: number[]) {
  const start = Math.min(dueAt, performance.now())
  await inbox.accept({
    ...{ account, source: 'lk', dedupeKey: `new ${stored++}`, dedupeWindow: null },
    ...{ contentType: 'application/x-www-form-urlencoded', headers: {}, body: Buffer.from(sampleOrder) },
  })
  times.push(performance.now() - start)
}
