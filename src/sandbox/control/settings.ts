import { z } from 'zod'
import { Problem } from '../http/problems.ts'
import type { Store } from '../store/store.ts'
import type { Clock } from './clock.ts'

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
  query_index_delay_ms: z.number().min(0),
  /** Whether `query` finds nothing that was written since this was switched on. */
  query_index_stuck: z.boolean(),
  is_api_filter_enabled: z.boolean(),
  blocked: z.boolean(),
  access_token_ttl_s: z.int().positive(),
  refresh_grace: z.enum(['strict', 'until_new_used']),
  redirect_uri: z.url(),
})

type Settings = z.infer<typeof settingsShape>
export type SettingsBox = ReturnType<typeof createSettings>

const defaults: Settings = {
  rate_limit: 7,
  rate_limit_scope: 'integration',
  account_rate_limit: 50,
  '429_retry_after': null,
  block_after: 20,
  '429_body': 'json',
  query_index_delay_ms: 2000,
  query_index_stuck: false,
  is_api_filter_enabled: false,
  blocked: false,
  access_token_ttl_s: 86400,
  refresh_grace: 'strict',
  redirect_uri: 'http://127.0.0.1:3000/api/auth',
}

export function createSettings(store: Store, clock: Clock) {
  return { get, merge, indexTime }

  function get(): Settings {
    const saved = store.settings.get('settings')?.value
    return saved === undefined ? defaults : { ...defaults, ...(saved as Partial<Settings>) }
  }

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
