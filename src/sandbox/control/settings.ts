import { z } from 'zod'
import { Problem } from '../http/problems.ts'
import type { Store } from '../store/store.ts'
import type { Clock } from './clock.ts'
import { crmDefaults, crmSettings } from './crm-settings.ts'

export const webAddress = z.url({ protocol: /^https?$/ })
const host = z.string().regex(/^[a-z0-9.[\]:-]+$/, 'expected a host in lower case, with its port if it has one')

export const settingsShape = z.strictObject({
  /** Requests a second; null: any number, and the account's limit does not count either. */
  rate_limit: z.int().positive().nullable(),
  /** Whose requests are counted together: those of an integration (amoCRM) or of an IP address (Kommo). */
  rate_limit_scope: z.enum(['integration', 'ip']),
  /** Requests a second of all integrations together. */
  account_rate_limit: z.int().positive().nullable(),
  /** Seconds for the `Retry-After` of a 429; null: no such header, as seen at amoCRM. */
  '429_retry_after': z.int().min(0).nullable(),
  /** How many 429s within a minute until everything is answered 403; null: never. */
  block_after: z.int().positive().nullable(),
  '429_body': z.enum(['json', 'html']),
  /** Whether requests without a User-Agent are turned away. */
  user_agent_required: z.boolean(),
  /** The longest address of a request, query included. */
  url_max: z.int().positive().nullable(),
  /** The most bytes in the body of a request. */
  body_max: z.int().positive().nullable(),
  /** Until when the account is paid for: after that writes are answered 402, and reading 30 days later. */
  paid_until: z.iso.datetime({ offset: true }).nullable(),
  /** Whether `query` finds nothing that was written since this was switched on. */
  query_index_stuck: z.boolean(),
  ...crmSettings,
  is_api_filter_enabled: z.boolean(),
  blocked: z.boolean(),
  access_token_ttl_s: z.int().positive(),
  refresh_grace: z.enum(['strict', 'until_new_used']),
  /** What a refresh token that is used, over or unknown is answered: field reports say 401, the documents 400. */
  refresh_error_status: z.literal([400, 401]),
  /** What a code that is used, over or unknown is answered. */
  code_error_status: z.literal([400, 401]),
  /** Whether refusals of codes and tokens say why in a `hint`. */
  token_hints: z.boolean(),
  /** What access tokens say: all that has been seen in them, or what the documents promise. */
  token_claims: z.enum(['observed', 'promised']),
  /** Whether token answers tell the server's time; older ones did not. */
  token_server_time: z.boolean(),
  /** Redirect URI of the default integration. */
  redirect_uri: webAddress,
  /** The API key of every user, from the days before OAuth. */
  legacy_api_key: z.string().min(1),
  /** Address of the default integration that is told of a disconnect. */
  disconnect_url: webAddress.nullable(),
  /** The account's only host, as after a renaming; `null`: whatever host is asked. */
  account_host: host.nullable(),
  /** What any other host is answered while there is an `account_host`. */
  old_host_status: z.literal([404, 401]),
  /** The claim of that name in access tokens; `null`: the host that was asked for the token. */
  api_domain: host.nullable(),
  /** How long after a change the list of events shows it. */
  events_delay_ms: z.number().min(0),
  /** Whether what the API writes is among the events. */
  events_of_api_writes: z.boolean(),
  /** Which events can be subscribed to: every one that is known of, or those on amoCRM's page only. */
  webhook_codes: z.enum(['known', 'documented']),
  /** What a subscription is answered with: amoCRM's page has 201, Kommo's 200. */
  webhook_created_status: z.literal([201, 200]),
  /** Whether subscribing again turns a disabled webhook on; otherwise a person has to. */
  webhook_resubscribing_enables: z.boolean(),
  /** Told of every move to another stage, as by a trigger of the digital pipeline: once, whatever is answered. */
  digital_pipeline_url: webAddress.nullable(),
  /** How long the answer to a webhook is waited for. */
  webhook_answer_ms: z.int().positive(),
  /** What counts as the status where there was no answer in time: 0, or nginx's 499, which is tried more often. */
  webhook_timeout_status: z.literal([0, 499]),
  /** By how much the pauses between the attempts are multiplied. */
  webhook_time_scale: z.number().min(0),
  /** How many changes of one write may come in one request. */
  webhook_items_per_request: z.int().positive(),
  /** Whether leads, contacts and companies come with their tags: seen in practice, absent from the samples. */
  webhook_tags: z.boolean(),
  /** Values of fields as amoCRM sends them by type, or all of them bare as in the oldest sample. */
  webhook_field_values: z.enum(['by_type', 'bare']),
  /** How probable it is that a webhook comes twice. */
  webhook_duplicate: z.number().min(0).max(1),
  /** How probable it is that a webhook never comes. */
  webhook_lost: z.number().min(0).max(1),
  /** By how much the first attempt is late. */
  webhook_late_ms: z.number().min(0),
})

export type Settings = z.infer<typeof settingsShape>
export type SettingsBox = ReturnType<typeof createSettings>

const defaults: Settings = {
  rate_limit: 7,
  rate_limit_scope: 'integration',
  account_rate_limit: 50,
  '429_retry_after': null,
  block_after: 20,
  '429_body': 'json',
  user_agent_required: false,
  url_max: null,
  body_max: null,
  paid_until: null,
  query_index_stuck: false,
  ...crmDefaults,
  is_api_filter_enabled: false,
  blocked: false,
  access_token_ttl_s: 86400,
  refresh_grace: 'strict',
  refresh_error_status: 401,
  code_error_status: 400,
  token_hints: true,
  token_claims: 'observed',
  token_server_time: true,
  redirect_uri: 'http://127.0.0.1:3000/api/auth',
  legacy_api_key: 'sandbox-api-key',
  disconnect_url: null,
  account_host: null,
  old_host_status: 404,
  api_domain: null,
  events_delay_ms: 0,
  events_of_api_writes: true,
  webhook_codes: 'known',
  webhook_created_status: 201,
  webhook_resubscribing_enables: false,
  digital_pipeline_url: null,
  webhook_answer_ms: 2000,
  webhook_timeout_status: 0,
  webhook_time_scale: 1,
  webhook_items_per_request: 1,
  webhook_tags: true,
  webhook_field_values: 'by_type',
  webhook_duplicate: 0,
  webhook_lost: 0,
  webhook_late_ms: 0,
}

/** The settings as they are now. */
export function settingsOf(store: Store): Settings {
  const saved = store.settings.get('settings')?.value
  return saved === undefined ? defaults : { ...defaults, ...(saved as Partial<Settings>) }
}

export function createSettings(store: Store, clock: Clock) {
  const get = () => settingsOf(store)
  return { get, merge, indexTime }

  function merge(body: unknown): Settings {
    const parsed = settingsShape.partial().safeParse(body)
    if (!parsed.success) throw new Problem(400, { detail: z.prettifyError(parsed.error) })
    const before = get()
    const merged = { ...before, ...withoutUndefined(parsed.data) }
    store.write(() => {
      store.settings.put({ id: 'settings', value: merged })
      if (merged.query_index_stuck && !before.query_index_stuck)
        store.settings.put({ id: 'query_index_stuck_at', value: clock.ms() })
    })
    return merged
  }

  /** The moment at which the search index is: now, or when it got stuck. */
  function indexTime(): number {
    return get().query_index_stuck ? Number(store.settings.get('query_index_stuck_at')?.value) : clock.ms()
  }
}

function withoutUndefined(part: object) {
  return Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined)) as Partial<Settings>
}
