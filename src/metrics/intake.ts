import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Inbound } from '../inbox/accept.ts'
import { StoreBusyError } from '../inbox/group-commit.ts'
import type { Inbox } from '../inbox/inbox.ts'
import { refusalReasons } from '../inbox/message.ts'
import { strangers } from '../inbox/refused.ts'

type Intake = Pick<Inbox, 'accept' | 'keepRefused'>

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

/** What comes in. */
export function createIntakeMetrics(registry: Registry) {
  const { accepted, duplicates, conflicts, notStored } = addOrders(registry)
  const { storing, storeTime } = addStoring(registry)
  const { refused, notKept } = addRefusals(registry)

  function counted({ accept, keepRefused }: Intake): Intake {
    return {
      async accept(inbound) {
        const begun = performance.now()
        storing.inc()
        try {
          const stored = await accept(inbound)
          const source = sourceOf(inbound)
          if (stored.isConflict) conflicts.inc({ source })
          else if (stored.duplicate) duplicates.inc({ source })
          else accepted.inc({ source, format: inbound.format ?? 'webhook' })
          return stored
        } finally {
          storing.dec()
          storeTime.observe((performance.now() - begun) / 1000)
        }
      },
      async keepRefused(request) {
        refused.inc({ reason: request.reason, source: sourceOf(request) })
        const isKept = await keepRefused(request)
        if (!isKept) notKept.inc()
        return isKept
      },
    }
  }

  return {
    counted,

    /** An order, or what may be one, was answered 503. */
    notStored(error: unknown) {
      notStored.inc({ cause: error instanceof StoreBusyError ? 'busy' : 'failed' })
    },

    /** From nought on, so that the first one is an increase, too. */
    expect(sources: { id: string }[]) {
      const ids = sources.map(({ id }) => id)
      for (const source of ids) {
        accepted.inc({ source, format: 'webhook' }, 0)
        duplicates.inc({ source }, 0)
        conflicts.inc({ source }, 0)
      }
      for (const source of [strangers, ofShops, ...ids])
        for (const reason of refusalReasons) refused.inc({ reason, source }, 0)
      for (const cause of ['busy', 'failed']) notStored.inc({ cause }, 0)
    },
  }
}

const ofShops = 'api'

/** There may be hundreds of shops; who sends what of them stands on the pages. */
function sourceOf({ source, format }: Pick<Inbound, 'source' | 'format'>) {
  return format && source.startsWith('api-') ? ofShops : source
}

function addOrders(registry: Registry) {
  const add = <Label extends string>(name: string, labelNames: Label[], help: string) =>
    new Counter({ name, help, labelNames, registers: [registry] })
  return {
    accepted: add(
      'parom_orders_accepted_total',
      ['source', 'format'],
      'Orders that were stored and confirmed to their senders. The shops of the order API are one source, api',
    ),
    duplicates: add(
      'parom_order_duplicates_total',
      ['source'],
      'Orders that were there already: their senders were given the id of the first',
    ),
    conflicts: add(
      'parom_order_conflicts_total',
      ['source'],
      'Orders that bear the id of another order of their sender, and are kept for a person',
    ),
    notStored: add(
      'parom_orders_not_stored_total',
      ['cause'],
      'Orders that were answered 503: busy (more come at once than it takes) or failed (the store is out of order)',
    ),
  }
}

function addStoring(registry: Registry) {
  const registers = [registry]
  return {
    storing: new Gauge({
      name: 'parom_orders_being_stored',
      help: 'Orders that wait for their commit now, or are in it',
      registers,
    }),
    storeTime: new Histogram({
      name: 'parom_order_store_seconds',
      help: 'From the whole order read until it is on disk: waiting for the commit before, and its own',
      buckets: seconds,
      registers,
    }),
  }
}

function addRefusals(registry: Registry) {
  const registers = [registry]
  return {
    refused: new Counter({
      name: 'parom_requests_rejected_total',
      help: 'Requests that were refused, by reason. Who showed no right token is the source unknown',
      labelNames: ['reason', 'source'],
      registers,
    }),
    notKept: new Counter({
      name: 'parom_requests_not_kept_total',
      help: 'Refused requests that people cannot look at: they were too many, or the store is out of order',
      registers,
    }),
  }
}
