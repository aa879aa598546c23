import { setTimeout as sleep } from 'node:timers/promises'
import { postOrder } from '../parom.ts'
import type { ChaosOrder } from './orders.ts'

const pauseMs = 250

export interface ShopOptions {
  /** Which part of the orders, 0 to 1, is sent to all servers at the same instant. */
  together?: number
  random?: () => number
  /** Told how long an answer took, in ms, and its status; 0 where there was none. */
  onAnswer?: (ms: number, status: number) => void
}

/** A shop that sends each order to one of the servers, and again to the next, until it is answered with 200. */
export function createShop(
  urls: string[],
  stop: AbortSignal,
  { together = 0, random = Math.random, onAnswer = () => {} }: ShopOptions = {},
) {
  /** By the id that the shop was told. */
  const accepted = new Map<string, ChaosOrder>()
  const sending: Promise<void>[] = []
  const confused: { id: string; wrong: string }[] = []
  const refusals = { busy: 0, unreachable: 0, longest: 0, allRefused: 0, since: null as number | null }
  let unanswered = 0
  let repeated = 0
  let echoed = 0

  async function send(order: ChaosOrder, first: number) {
    const began = performance.now()
    const isEchoed = random() < together
    if (isEchoed) echoed += 1
    for (let tries = 0; !stop.aborted; tries++) {
      const to = isEchoed && tries === 0 ? urls : [urls[(first + tries) % urls.length] ?? '']
      const ids = await Promise.all(to.map((url) => post(url, order)))
      const told = new Set(ids.filter((id) => id !== null))
      for (const id of told) note(id, order)
      if (told.size > 1) confused.push({ id: [...told].join(), wrong: 'ids of one order' })
      if (told.size > 0) {
        unanswered -= 1
        refusals.longest = Math.max(refusals.longest, performance.now() - began)
        return
      }
      repeated += 1
      await sleep(pauseMs)
    }
  }

  /** Gives the id; null where it was not taken. */
  async function post(url: string, order: ChaosOrder) {
    const sentAt = performance.now()
    const answer = await postOrder(url, order.form).catch(() => null)
    const at = performance.now()
    onAnswer(at - sentAt, answer?.status ?? 0)
    if (answer?.status === 200) {
      if (refusals.since !== null) refusals.allRefused += at - refusals.since
      refusals.since = null
      return answer.body.id
    }
    if (answer) refusals.busy += 1
    else refusals.unreachable += 1
    refusals.since ??= at
    return null
  }

  function note(id: string, order: ChaosOrder) {
    if (accepted.has(id)) confused.push({ id, wrong: 'told for two orders' })
    accepted.set(id, order)
  }

  return {
    accepted,
    confused,
    sent: () => sending.length,
    unanswered: () => unanswered,
    /** How often an order had to be sent again. */
    repeated: () => repeated,
    /** How many orders were sent to all servers at once. */
    echoed: () => echoed,
    /** Answers other than 200 and none at all; ms that an order took until it was accepted, and that nobody accepted any. */
    refusals: () => refusals,
    /** Sends so many orders a second, without waiting for their answers. */
    async sendAll(orders: ChaosOrder[], perSecond: number) {
      const begun = performance.now()
      for (const [index, order] of orders.entries()) {
        if (stop.aborted) return
        unanswered += 1
        sending.push(send(order, sending.length))
        await sleep(Math.max(0, begun + ((index + 1) * 1000) / perSecond - performance.now()))
      }
    },
    /** Until each order is accepted, or so many ms have passed. */
    allAnswered: (ms: number) => Promise.race([Promise.all(sending), sleep(ms, undefined, { ref: false })]),
  }
}
