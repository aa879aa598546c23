import { Counter, Histogram, type Registry } from 'prom-client'
import type { Inbox } from '../inbox/inbox.ts'
import { deliveryReasons, type Outcome } from '../inbox/message.ts'

const seconds = [0.5, 1, 2, 3, 5, 10, 20, 30, 60, 120, 300, 900, 3600, 6 * 3600, 24 * 3600]

/** What becomes of orders. @param now unix ms */
export function createDeliveryMetrics(registry: Registry, now: () => number) {
  const registers = [registry]
  const deliveries = new Counter({
    name: 'parom_deliveries_total',
    help: 'Attempts to deliver an order, by how they ended: delivered, retry (it is tried again), held (until the CRM lets us in) or dead (a person has to look)',
    labelNames: ['outcome', 'reason'],
    registers,
  })
  const toCrm = new Histogram({
    name: 'parom_order_to_crm_seconds',
    help: 'From the order received until it is delivered; of one that was sent again, from the very first time',
    buckets: seconds,
    registers,
  })
  // From nought on, so that the first one is an increase, too.
  deliveries.inc({ outcome: 'delivered', reason: '' }, 0)
  for (const outcome of ['retry', 'held', 'dead'])
    for (const reason of deliveryReasons) deliveries.inc({ outcome, reason }, 0)

  return {
    counted: ({ settle }: Pick<Inbox, 'settle'>): Pick<Inbox, 'settle'> => ({
      async settle(settlements) {
        const lost = await settle(settlements)
        for (const { claim, outcome } of settlements) {
          if (lost.has(claim)) continue
          deliveries.inc({ outcome: outcome.kind, reason: reasonOf(outcome) })
          if (outcome.kind === 'delivered') toCrm.observe(Math.max(0, now() - claim.receivedAt) / 1000)
        }
        return lost
      },
    }),
  }
}

function reasonOf(outcome: Outcome) {
  return outcome.kind === 'delivered' ? '' : outcome.reason
}
