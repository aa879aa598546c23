import { z } from 'zod'
import { Problem } from '../http/problems.ts'
import type { Store } from '../store/store.ts'
import { crmDefaults, crmSettings } from './crm-settings.ts'

const settingsShape = z.strictObject({
  rate_limit: z.int().positive().nullable(),
  '429_body': z.enum(['json', 'html']),
  ...crmSettings,
  is_api_filter_enabled: z.boolean(),
  blocked: z.boolean(),
  access_token_ttl_s: z.int().positive(),
  refresh_grace: z.enum(['strict', 'until_new_used']),
  redirect_uri: z.url(),
})

export type Settings = z.infer<typeof settingsShape>
export type SettingsBox = ReturnType<typeof createSettings>

const defaults: Settings = {
  rate_limit: 7,
  '429_body': 'json',
  ...crmDefaults,
  is_api_filter_enabled: false,
  blocked: false,
  access_token_ttl_s: 86400,
  refresh_grace: 'strict',
  redirect_uri: 'http://127.0.0.1:3000/api/auth',
}

/** The settings as they are now. */
export function settingsOf(store: Store): Settings {
  const saved = store.settings.get('settings')?.value
  return saved === undefined ? defaults : { ...defaults, ...(saved as Partial<Settings>) }
}

export function createSettings(store: Store) {
  const get = () => settingsOf(store)
  return { get, merge }

  function merge(body: unknown): Settings {
    const parsed = settingsShape.partial().safeParse(body)
    if (!parsed.success) throw new Problem(400, { detail: z.prettifyError(parsed.error) })
    const merged = { ...get(), ...withoutUndefined(parsed.data) }
    store.settings.put({ id: 'settings', value: merged })
    return merged
  }
}

function withoutUndefined(part: object) {
  return Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined)) as Partial<Settings>
}
