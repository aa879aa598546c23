import type { Context } from '../context.ts'
import type { Delivery, DeliveryAttempt, Webhook } from '../store/news-entities.ts'
import { isValid } from '../webhooks/retries.ts'
import type { PageParts } from './page-parts.ts'

const deliveriesOnPage = 100

/** Who is told of the account's changes, what is to be sent and what became of it. */
export function createWebhooksPage({ store }: Context, { times }: PageParts) {
  return () => {
    const deliveries = store.deliveries.all().reverse()
    return {
      webhooks: store.webhooks.all().map(webhook),
      deliveries: deliveries.slice(0, deliveriesOnPage).map(delivery),
      waiting: deliveries.filter(({ state }) => state === 'waiting').length,
      total: deliveries.length,
    }
  }

  function webhook({ id, destination, settings, disabled }: Webhook) {
    const own = store.deliveries.under(`webhook:${id}`)
    const failed = own.flatMap(({ attempts }) => attempts).filter(({ status }) => !isValid(status))
    return { destination, events: settings, disabled, total: own.length, failed: failed.length }
  }

  function delivery({ destination, events, body, state, created_ms, next_attempt_ms, attempts }: Delivery) {
    return {
      destination,
      events,
      body: readable(body),
      ...stateWords[state],
      ...moment(created_ms),
      next: next_attempt_ms === null ? undefined : moment(next_attempt_ms),
      attempts: attempts.map(attempt),
    }
  }

  function attempt({ at_ms, took_ms, status, error }: DeliveryAttempt) {
    return { ...moment(at_ms), took_ms, status, error, outcome: status === 0 ? 'lost' : `s${String(status)[0]}` }
  }

  function moment(ms: number) {
    return times(ms / 1000)
  }
}

const stateWords = {
  waiting: { word: 'ждёт отправки', kind: '' },
  delivered: { word: 'доставлен', kind: 'won' },
  given_up: { word: 'не доставлен', kind: 'lost' },
  lost: { word: 'потерян нарочно', kind: 'lost' },
  cancelled: { word: 'отменён', kind: '' },
}

function readable(body: string): string[] {
  return [...new URLSearchParams(body)].map(([name, value]) => `${name}=${value}`)
}
