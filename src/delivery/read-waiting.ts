import { setImmediate as breathe } from 'node:timers/promises'
import type { Inbox } from '../inbox/inbox.ts'
import type { Reading, UnreadMessage } from '../inbox/unread.ts'
import { chooseForm, type FormRules } from '../mapping/form.ts'
import { parseOrder } from '../order/parse.ts'
import { createNap } from './nap.ts'
import { searchColumns } from './search-columns.ts'

interface WaitingReaderOptions {
  inbox: Pick<Inbox, 'takeUnread' | 'keepReadings'>
  /** As they are now. */
  rules: () => FormRules
  /** Unix ms. */
  now: () => number
  /** Told of failures of the database. */
  broken: (error: unknown) => void
}

/** Ms that the delivery is given to read an order itself. */
const graceMs = 2000
/** Ms between two looks when there is nothing to read, and after which it looks at all that waits once more. */
const idleMs = 2000
const anewMs = 10 * 60_000
/** Ms after a failure. */
const troubledMs = 10_000
/** Messages of a batch, and how much longer than it took nothing is read after it. */
const atOnce = 20
const restFactor = 9
const shortestRest = 50
/** Share of the time for which the process is at work; above it orders are taken in, and reading can wait. */
const busy = 0.6

/**
 * Reads orders that have to wait for their delivery, so that they can be found meanwhile. Several processes may do so:
 * each takes what it reads.
 */
export function createWaitingReader({ inbox, rules, now, broken }: WaitingReaderOptions) {
  const stopping = new AbortController()
  const nap = createNap(stopping.signal)
  let cursor: string | null = null
  let begunAt = now()
  let isAsked = false
  /** What is not written down yet: nobody takes these again. */
  const readings = new Map<string, Reading>()

  async function run() {
    while (!stopping.signal.aborted) {
      nap.forget()
      const begin = performance.now()
      const isMore = await readSome().catch(giveUp)
      const rest = Math.max(shortestRest, restFactor * (performance.now() - begin))
      await restFor(isMore ? rest : idleMs)
    }
  }

  async function giveUp(error: unknown) {
    broken(error)
    await nap.take(troubledMs)
    return false
  }

  /** For so long, and then until there is time. */
  async function restFor(ms: number) {
    for (let isBusy = true; isBusy && !isAsked && !stopping.signal.aborted; ) {
      const before = performance.eventLoopUtilization()
      await nap.take(ms)
      isBusy = performance.eventLoopUtilization(before).utilization > busy
    }
    isAsked = false
  }

  /** Whether there may be more. */
  async function readSome(): Promise<boolean> {
    await keep()
    if (Math.abs(now() - begunAt) >= anewMs) startAnew()
    const before = now() - graceMs
    const taken = await inbox.takeUnread(before, cursor, atOnce)
    for (const message of taken.messages) {
      const reading = await read(message)
      if (reading) readings.set(message.id, reading)
      // Others have their turn between two orders, for one may be large.
      await breathe()
    }
    cursor = taken.cursor
    await keep()
    return taken.isMore
  }

  async function keep() {
    if (readings.size > 0) await inbox.keepReadings(readings)
    readings.clear()
  }

  async function read(message: UnreadMessage): Promise<Reading | null> {
    try {
      const order = await parseOrder(message)
      return { ...searchColumns(order), form: chooseForm(order, rules()) }
    } catch {
      // The delivery will say why.
      return null
    }
  }

  function startAnew() {
    cursor = null
    begunAt = now()
  }

  const running = run()

  return {
    /** Looks at once at all that waits, however busy the process is. */
    wake() {
      startAnew()
      isAsked = true
      nap.wake()
    },
    async stop() {
      stopping.abort()
      await running
    },
  }
}
