import { randomBytes, randomUUID } from 'node:crypto'
import { z } from 'zod'
import { type SettingsBox, webAddress } from '../control/settings.ts'
import type { Integration } from '../store/access-entities.ts'
import type { Store } from '../store/store.ts'

export type Integrations = ReturnType<typeof createIntegrations>

export const scopeShape = z.enum(['crm', 'notifications', 'files', 'files_delete'])

export const integrationShape = z.strictObject({
  client_id: z.string().min(1).default(randomUUID),
  client_secret: z
    .string()
    .min(1)
    .default(() => randomBytes(32).toString('hex')),
  name: z.string().min(1),
  description: z.string().default(''),
  kind: z.enum(['private', 'public', 'external']).default('private'),
  redirect_uri: webAddress,
  disconnect_url: webAddress.nullable().default(null),
  logo: webAddress.nullable().default(null),
  scopes: z.array(scopeShape).min(1).default(['crm', 'notifications']),
})

/** The integration that everybody connects with; what is missing here is in the settings. */
const byDefault = {
  id: '7c1a0f52-3a54-4a0e-9d3b-5a1f4f0c9e21',
  client_secret: 'sandbox-secret-Zk3nV8rQx2Lw7uTdYb5mHc9JfP1aSgE4',
  name: 'Интеграция песочницы',
  description: '',
  kind: 'private',
  logo: null,
  scopes: ['crm', 'notifications'],
} as const

/** Everything that can be connected to the account. */
export function createIntegrations(store: Store, settings: SettingsBox) {
  return { standard, find, list, save, isInstalled }

  function standard(): Integration {
    const { redirect_uri, disconnect_url } = settings.get()
    return { ...byDefault, scopes: [...byDefault.scopes], redirect_uri, disconnect_url }
  }

  function find(clientId: string): Integration | undefined {
    return clientId === byDefault.id ? standard() : store.integrations.get(clientId)
  }

  function list(): Integration[] {
    return [standard(), ...store.integrations.all()]
  }

  function save({ client_id, ...rest }: z.infer<typeof integrationShape>): Integration {
    return store.integrations.put({ id: client_id, ...rest })
  }

  /** Whether somebody has granted it access that was not taken back since. */
  function isInstalled({ id }: Integration): boolean {
    return store.codes.under(id).length > 0 || store.tokens.under(id).length > 0
  }
}

/** As the sandbox's addresses show it. */
export function showIntegration({ id, ...rest }: Integration) {
  return { client_id: id, ...rest }
}
