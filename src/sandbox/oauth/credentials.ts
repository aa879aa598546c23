import type { Context } from '../context.ts'
import { integration } from './tokens.ts'

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

export function credentials({ store, tokens, settings }: Context, origin: string): Credentials {
  const userId = store.users.all()[0]?.id ?? 0
  return store.write(() => ({
    ...integration,
    redirect_uri: settings.get().redirect_uri,
    code: tokens.issueCode(userId),
    access_token: tokens.issueLongLived(userId, new URL(origin).host),
    base_url: origin,
  }))
}
