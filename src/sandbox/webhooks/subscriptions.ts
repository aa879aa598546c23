import { z } from 'zod'
import type { Settings, SettingsBox } from '../control/settings.ts'
import type { Author } from '../crm/cards.ts'
import { checkOne, type Report, readShape } from '../http/batch.ts'
import { Problem } from '../http/problems.ts'
import type { Webhook } from '../store/news-entities.ts'
import type { Store } from '../store/store.ts'
import { documentedCodes, knownCodes } from './event-codes.ts'

const mostWebhooks = 100

const webhookShape = z.strictObject({
  destination: z.string(),
  settings: z.array(z.string()).min(1),
  sort: z.int().optional(),
})

const destinationShape = z.strictObject({ destination: z.string() })

type Subscription = z.infer<typeof webhookShape>

export function checkSubscription(body: unknown, { webhook_codes }: Settings): Subscription {
  const allowed = webhook_codes === 'known' ? knownCodes : documentedCodes
  return checkOne(body, (item, report) => {
    const sent = readShape(webhookShape, item, report)
    if (sent) checkDestination(sent.destination, report)
    for (const [index, code] of (sent?.settings ?? []).entries()) {
      if (!allowed.includes(code)) report('NotSupportedChoice', `settings.${index}`)
    }
    return sent
  })
}

/** The address of the webhook that is to go. */
export function checkDestinationOf(body: unknown): string {
  return checkOne(body, (item, report) => readShape(destinationShape, item, report)).destination
}

/** There is one webhook for an address: subscribing again replaces what it is told of. */
export function subscribe(store: Store, sent: Subscription, by: Author, settings: SettingsBox): Webhook {
  const now = by.clock.seconds()
  const known = webhookFor(store, sent.destination)
  const codes = [...new Set(sent.settings)]
  if (known) {
    const disabled = known.disabled && !settings.get().webhook_resubscribing_enables
    return store.webhooks.put({ ...known, settings: codes, sort: sent.sort ?? known.sort, disabled, updated_at: now })
  }
  if (store.webhooks.size >= mostWebhooks) throw new Problem(422, { detail: `Limit ${mostWebhooks} webhooks` })
  return store.webhooks.put({
    id: store.webhooks.nextId(),
    destination: sent.destination,
    settings: codes,
    sort: sent.sort ?? store.webhooks.size + 1,
    disabled: false,
    created_by: by.userId,
    created_at: now,
    updated_at: now,
  })
}

export function webhookFor(store: Store, destination: string): Webhook | undefined {
  return store.webhooks.all().find((each) => each.destination === destination)
}

/** What a person does with the switch in amoCRM's settings. */
export function switchWebhook(store: Store, body: unknown): Webhook {
  const parsed = z.strictObject({ destination: z.string(), disabled: z.boolean() }).safeParse(body)
  if (!parsed.success) throw new Problem(400, { detail: z.prettifyError(parsed.error) })
  const webhook = webhookFor(store, parsed.data.destination)
  if (!webhook) throw new Problem(404, { detail: `destination: no webhook to ${parsed.data.destination}` })
  return store.webhooks.put({ ...webhook, disabled: parsed.data.disabled })
}

// Domains in Cyrillic are refused.
function checkDestination(destination: string, report: Report) {
  const url = URL.canParse(destination) ? new URL(destination) : undefined
  const [host = ''] = destination.replace(/^[^/]*\/\//, '').split(/[/?#]/)
  const isPlain = [...host].every((letter) => letter.charCodeAt(0) < 128)
  if (!url || !['http:', 'https:'].includes(url.protocol) || !isPlain) report('InvalidType', 'destination')
}
