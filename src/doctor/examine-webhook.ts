import type { AccountState, Setup } from './facts.ts'
import { type Finding, ok, warning } from './finding.ts'

/** Below our own address. */
const contactWebhookPath = '/api/cache/update/contacts'

const wantedEvents = ['add', 'update', 'delete', 'restore'].flatMap((event) => [`${event}_contact`, `${event}_company`])

/** What tells Parom of contacts at once. */
export function examineWebhook({ webhooks }: AccountState, { publicBase, webhookToken, isLocal }: Setup): Finding[] {
  if (publicBase === null) return [isLocal ? ok('webhook_needs_no_address') : warning('public_url_missing')]
  const address = `${publicBase}${contactWebhookPath}`
  const params = { url: webhookToken === null ? address : `${address}?token=…`, events: wantedEvents.join(', ') }
  if (webhooks === null) return [ok('webhook_hidden', params)]
  const ours = webhooks.filter(({ destination }) => destination.split('?')[0] === address)
  if (ours.length === 0) return [warning('webhook_missing', params)]
  const known = ours.filter(({ destination }) => tokenOf(destination) === webhookToken)
  if (known.length === 0) return [warning('webhook_token', params)]
  const enabled = known.filter(({ isDisabled }) => !isDisabled)
  if (enabled.length === 0) return [warning('webhook_disabled', params)]
  const missing = wantedEvents.filter((event) => !enabled.some(({ events }) => events.includes(event)))
  if (missing.length > 0) return [warning('webhook_events', { ...params, missing: missing.join(', ') })]
  return [ok('webhook_there', params)]
}

function tokenOf(destination: string) {
  return URL.parse(destination)?.searchParams.get('token') ?? null
}
