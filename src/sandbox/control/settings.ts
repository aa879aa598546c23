import { z } from 'zod'
import { Problem } from '../http/problems.ts'
import type { Store } from '../store/store.ts'

export const webAddress = z.url({ protocol: /^https?$/ })
const host = z.string().regex(/^[a-z0-9.[\]:-]+$/, 'expected a host in lower case, with its port if it has one')

const settingsShape = z.strictObject({
  rate_limit: z.int().positive().nullable(),
  '429_body': z.enum(['json', 'html']),
  query_index_delay_ms: z.number().min(0),
  is_api_filter_enabled: z.boolean(),
  blocked: z.boolean(),
  access_token_ttl_s: z.int().positive(),
  refresh_grace: z.enum(['strict', 'until_new_used']),
  /** What a refresh token that is used, over or unknown is answered: field reports say 401, the documents 400. */
  refresh_error_status: z.literal([400, 401]),
  /** Whether token answers tell the server's time; older ones did not. */
  token_server_time: z.boolean(),
  /** Redirect URI of the default integration. */
  redirect_uri: webAddress,
  /** Address of the default integration that is told of a disconnect. */
  disconnect_url: webAddress.nullable(),
  /** The account's only host, as after a renaming; `null`: whatever host is asked. */
  account_host: host.nullable(),
  /** What any other host is answered while there is an `account_host`. */
  old_host_status: z.literal([404, 401]),
  /** The claim of that name in access tokens; `null`: the host that was asked for the token. */
  api_domain: host.nullable(),
})

type Settings = z.infer<typeof settingsShape>
export type SettingsBox = ReturnType<typeof createSettings>

const defaults: Settings = {
  rate_limit: 7,
  '429_body': 'json',
  query_index_delay_ms: 2000,
  is_api_filter_enabled: false,
  blocked: false,
  access_token_ttl_s: 86400,
  refresh_grace: 'strict',
  refresh_error_status: 401,
  token_server_time: true,
  redirect_uri: 'http://127.0.0.1:3000/api/auth',
  disconnect_url: null,
  account_host: null,
  old_host_status: 404,
  api_domain: null,
}

export function createSettings(store: Store) {
  return { get, merge }

  function get(): Settings {
    const saved = store.settings.get('settings')?.value
    return saved === undefined ? defaults : { ...defaults, ...(saved as Partial<Settings>) }
  }

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
