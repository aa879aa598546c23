import type { Request } from 'express'
import type { Context } from '../context.ts'
import type { Integration } from '../store/access-entities.ts'
import { call, withParameters } from './call.ts'
import { accountHost } from './hosts.ts'
import type { Grant } from './tokens.ts'

/** Why a code comes, where no person brings it. */
type Flag = 'from_widget' | 'from_exchange'

interface Told {
  state?: string | undefined
  flag?: Flag
}

/** The redirect URI of an integration with a new code in it. */
export function addressWithCode(
  context: Context,
  req: Request,
  integration: Integration,
  user_id: Grant['user_id'],
  { state, flag }: Told = {},
): string {
  const code = context.tokens.issueCode({ client_id: integration.id, user_id })
  const referer = accountHost(context, req)
  const about = { code, referer, state, client_id: integration.id, platform: platformOf(referer) }
  return withParameters(integration.redirect_uri, { ...about, ...(flag ? { [flag]: '1' } : {}) })
}

/** Kommo, formerly amoCRM.com, is the second. */
const platformOf = (host: string) => (/\.(kommo|amocrm)\.com(:\d+)?$/.test(host) ? '2' : '1')

/** amoCRM itself asks the redirect URI: once, whatever is answered. */
export async function sendCode(...[context, req, integration, userId, told]: Parameters<typeof addressWithCode>) {
  const url = addressWithCode(context, req, integration, userId, told)
  return { url, ...(await call(url)) }
}
