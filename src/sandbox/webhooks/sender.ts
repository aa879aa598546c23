import type { Clock } from '../control/clock.ts'
import type { SettingsBox } from '../control/settings.ts'
import type { Delivery, DeliveryAttempt, Webhook } from '../store/news-entities.ts'
import type { Store } from '../store/store.ts'
import { postForm } from './post.ts'
import { isHopeless, isValid, pauseAfter } from './retries.ts'

const atOnce = 50
const longestTimer = 2 ** 31 - 1
const history = 2000
const slack = 200

export type Sender = ReturnType<typeof createSender>

/** Sends what is due, by the sandbox's clock. */
export function createSender(store: Store, clock: Clock, settings: SettingsBox, log: (line: string) => void) {
  const sending = new Map<number, Promise<void>>()
  const closing = new AbortController()
  let timer: NodeJS.Timeout | undefined
  return { wake, settle, close }

  /** Has a look after the work at hand is done; the answer to a write never waits for its webhooks. */
  function wake() {
    setImmediate(send)
  }

  /** Resolves when everything that is due has been tried. */
  async function settle() {
    send()
    while (sending.size > 0) await Promise.all(sending.values())
  }

  async function close() {
    clearTimeout(timer)
    closing.abort()
    await Promise.all(sending.values())
  }

  function send() {
    if (closing.signal.aborted) return
    const waiting = store.deliveries.under('waiting').filter(({ id }) => !sending.has(id))
    const now = clock.ms()
    const isDue = ({ next_attempt_ms }: Delivery) => (next_attempt_ms ?? 0) <= now
    const due = waiting.filter(isDue)
    for (const delivery of due.slice(0, atOnce - sending.size)) {
      const attempt = tryOnce(delivery)
        .catch((error) => log(`Delivery ${delivery.id}: ${error}`))
        .finally(() => {
          sending.delete(delivery.id)
          send()
        })
      sending.set(delivery.id, attempt)
    }
    sleep(waiting.filter((delivery) => !isDue(delivery)))
  }

  function sleep(later: Delivery[]) {
    clearTimeout(timer)
    const next = later.reduce((soonest, { next_attempt_ms }) => Math.min(soonest, next_attempt_ms ?? soonest), Infinity)
    if (next === Infinity) return
    // Never at once: a clock that stands still would keep the process busy.
    timer = setTimeout(send, Math.min(Math.max(next - clock.ms(), 10), longestTimer)).unref()
  }

  async function tryOnce(delivery: Delivery) {
    const webhook = store.webhooks.get(delivery.webhook_id ?? 0)
    const isOff = webhook === undefined || webhook.disabled
    if (isOff && delivery.webhook_id !== null) return void finish(delivery, 'cancelled')
    const attempt = await post(delivery)
    // It may have been reset meanwhile. One that was cut short by the closing is made again after the next start.
    if (closing.signal.aborted || store.deliveries.get(delivery.id) !== delivery) return
    store.write(() => {
      settleAttempt({ ...delivery, attempts: [...delivery.attempts, attempt] }, attempt.status)
      if (webhook && !isValid(attempt.status)) disableIfHopeless(webhook)
    })
  }

  async function post({ destination, body }: Delivery): Promise<DeliveryAttempt> {
    const at_ms = clock.ms()
    const started = performance.now()
    const { webhook_answer_ms, webhook_timeout_status } = settings.get()
    const timeout = AbortSignal.timeout(webhook_answer_ms)
    const outcome = await postForm(destination, body, AbortSignal.any([timeout, closing.signal])).then(
      (status) => ({ status, error: null }),
      (error: unknown) => ({
        status: timeout.aborted ? webhook_timeout_status : 0,
        error: timeout.aborted ? `no answer in ${webhook_answer_ms} ms` : String(error),
      }),
    )
    return { at_ms, took_ms: Math.round(performance.now() - started), ...outcome }
  }

  function settleAttempt(delivery: Delivery, status: number) {
    if (isValid(status)) return finish(delivery, 'delivered')
    const pause = delivery.webhook_id === null ? undefined : pauseAfter(delivery.attempts.length, status)
    if (pause === undefined) return finish(delivery, 'given_up')
    store.deliveries.put({ ...delivery, next_attempt_ms: clock.ms() + pause * settings.get().webhook_time_scale })
  }

  function finish(delivery: Delivery, state: Delivery['state']) {
    store.deliveries.put({ ...delivery, state, next_attempt_ms: null })
    if (store.deliveries.size > history + slack) forget()
  }

  function forget() {
    const finished = store.deliveries.all().filter(({ state }) => state !== 'waiting')
    for (const { id } of finished.slice(0, Math.max(0, finished.length - history))) store.deliveries.remove(id)
  }

  function disableIfHopeless({ id }: Webhook) {
    const webhook = store.webhooks.get(id)
    const attempts = store.deliveries.under(`webhook:${id}`).flatMap((delivery) => delivery.attempts)
    const invalidAt = attempts.filter(({ status }) => !isValid(status)).map(({ at_ms }) => at_ms)
    if (!webhook || webhook.disabled || !isHopeless(invalidAt, clock.ms())) return
    store.webhooks.put({ ...webhook, disabled: true, updated_at: clock.seconds() })
    log(`The webhook to ${webhook.destination} is disabled: too many invalid answers`)
  }
}
