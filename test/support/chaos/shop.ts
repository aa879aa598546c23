import { setTimeout as sleep } from 'node:timers/promises'
import { postOrder } from '../parom.ts'
import type { ChaosOrder } from './orders.ts'

const pauseMs = 250

/** A shop that sends each order to one of the servers, and again to the next, until it is answered with 200. */
export function createShop(urls: string[], stop: AbortSignal) {
  /** By the id that the shop was told. */
  const accepted = new Map<string, ChaosOrder>()
  const sending: Promise<void>[] = []
  const confused: { id: string; wrong: string }[] = []
  let unanswered = 0
  let repeated = 0

  async function send(order: ChaosOrder, first: number) {
    for (let tries = 0; !stop.aborted; tries++) {
      const url = urls[(first + tries) % urls.length] ?? ''
      const answer = await postOrder(url, order.form).catch(() => null)
      if (answer?.status === 200) {
        const { id } = answer.body
        if (accepted.has(id)) confused.push({ id, wrong: 'told for two orders' })
        accepted.set(id, order)
        unanswered -= 1
        return
      }
      repeated += 1
      await sleep(pauseMs)
    }
  }

  return {
    accepted,
    confused,
    unanswered: () => unanswered,
    /** How often an order had to be sent again. */
    repeated: () => repeated,
    /** Sends so many orders a second, without waiting for their answers. */
    async sendAll(orders: ChaosOrder[], perSecond: number) {
      for (const order of orders) {
        unanswered += 1
        sending.push(send(order, sending.length))
        await sleep(1000 / perSecond)
      }
    },
    /** Until each order is accepted, or so many ms have passed. */
    allAnswered: (ms: number) => Promise.race([Promise.all(sending), sleep(ms, undefined, { ref: false })]),
  }
}
