import { z } from 'zod'

const claims = z.object({
  exp: z.number().positive().max(1e11).optional().catch(undefined),
  account_id: z.coerce.number().int().positive().optional().catch(undefined),
  sub: z.coerce.number().int().positive().optional().catch(undefined),
  api_domain: z.string().optional().catch(undefined),
})

/**
 * What an access token says of itself, as far as it does. Its signature is the CRM's business.
 * https://www.amocrm.ru/developers/content/oauth/oauth
 */
export function readClaims(token: string) {
  const [, payload = ''] = token.split('.')
  const parsed = claims.safeParse(parseJson(Buffer.from(payload, 'base64url').toString('utf8')))
  const { exp, account_id, sub, api_domain } = parsed.data ?? {}
  return {
    /** Unix ms. */
    expiresAt: exp === undefined ? null : Math.floor(exp * 1000),
    accountId: account_id ?? null,
    userId: sub ?? null,
    apiDomain: api_domain ?? null,
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
