import type { Context } from '../context.ts'
import { firstAdmin } from '../crm/users.ts'

export interface Credentials {
  client_id: string
  client_secret: string
  redirect_uri: string
  /** Fresh: good for one exchange within 20 minutes. */
  code: string
  /** Fresh and long-lived. */
  access_token: string
  base_url: string
}

/** What connects a client to the default integration at once, without a consent page. */
export function credentials({ store, tokens, integrations, settings }: Context, origin: string): Credentials {
  const { id: client_id, client_secret, redirect_uri } = integrations.standard()
  const grant = { client_id, user_id: firstAdmin(store).id }
  const domain = settings.get().api_domain ?? new URL(origin).host
  return store.write(() => ({
    client_id,
    client_secret,
    redirect_uri,
    code: tokens.issueCode(grant),
    access_token: tokens.issueLongLived(grant, domain).access_token,
    base_url: origin,
  }))
}
