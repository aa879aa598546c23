import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { AmocrmError, errorOfAnswer } from './errors.ts'
import type { Http } from './http.ts'
import { readAnswer } from './read-answer.ts'

/** The integration in amoCRM that Parom acts as. */
export interface Integration {
  clientId: string
  clientSecret: string
  /** Exactly as in the integration's settings. */
  redirectUri: string
}

export interface TokenPair {
  accessToken: string
  refreshToken: string
  /** Seconds. */
  expiresIn: number
}

type Grant = { grant_type: 'authorization_code'; code: string } | { grant_type: 'refresh_token'; refresh_token: string }

/** Seconds. */
const usualLife = 24 * 60 * 60
const longestLife = 365 * usualLife

const pair = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  // A pair is too good to be thrown away for an odd number.
  expires_in: z.coerce.number().int().positive().max(longestLife).catch(usualLife),
})

/**
 * Trades an authorization code (good once, for 20 minutes) or a refresh token (good once) for a new pair of tokens.
 * @param beforeSend what it throws keeps the request from being sent
 * https://www.amocrm.ru/developers/content/oauth/step-by-step
 */
export async function requestTokens(
  http: Http,
  baseUrl: string,
  { clientId, clientSecret, redirectUri }: Integration,
  grant: Grant,
  beforeSend: () => Promise<void> = async () => {},
): Promise<TokenPair> {
  const name = `POST /oauth2/access_token (${grant.grant_type})`
  const body = { client_id: clientId, client_secret: clientSecret, redirect_uri: redirectUri, ...grant }
  const answer = await http.send('people', name, async () => {
    await beforeSend()
    return { method: 'POST', url: `${baseUrl}/oauth2/access_token`, body, outlivesStop: true }
  })
  if (answer.status !== 200) throw errorOfAnswer('POST', name, answer)
  if (answer.body === undefined)
    throw new AmocrmError('unavailable', `${name}: the answer is cut off`, { status: 200, mayHaveHappened: true })
  const { access_token, refresh_token, expires_in } = readAnswer(pair, answer.body)
  return { accessToken: access_token, refreshToken: refresh_token, expiresIn: expires_in }
}

const subdomain = z.object({ id: z.int(), domain: z.string() })

/**
 * The host that an account has by now, asked by its refresh token at the host that its access token names.
 * https://www.amocrm.ru/developers/content/oauth/account-subdomain-info
 */
export async function findHostByRefreshToken(http: Http, apiUrl: string, refreshToken: string) {
  return readSubdomain(http, `${apiUrl}/oauth2/account/current/subdomain`, { 'X-Refresh-Token': refreshToken })
}

/**
 * The host that an account has by now, asked at the site by an access token.
 * https://www.amocrm.ru/developers/content/oauth/account-subdomain-info
 */
export async function findHostByAccessToken(http: Http, siteUrl: string, accessToken: string) {
  return readSubdomain(http, `${siteUrl}/oauth2/account/subdomain`, { Authorization: `Bearer ${accessToken}` })
}

async function readSubdomain(http: Http, url: string, headers: Record<string, string>) {
  const name = `GET ${new URL(url).pathname}`
  const answer = await http.send('people', name, () => ({ method: 'GET', url, headers }))
  if (answer.status !== 200) throw errorOfAnswer('GET', name, answer)
  return readAnswer(subdomain, answer.body)
}

/**
 * Whether amoCRM signed the call that tells of a disconnected integration. The call names the integration as
 * `client_uuid`; one paragraph of the page says `client_id`.
 * https://www.amocrm.ru/developers/content/oauth/step-by-step
 */
export function isSignedDisconnect(query: Record<string, unknown>, { clientId, clientSecret }: Integration) {
  const { account_id, client_uuid, client_id, signature } = query
  if (typeof account_id !== 'string' || typeof signature !== 'string' || (client_uuid ?? client_id) !== clientId)
    return false
  const expected = createHmac('sha256', clientSecret).update(`${clientId}|${account_id}`).digest()
  const sent = Buffer.from(signature, 'hex')
  return sent.length === expected.length && timingSafeEqual(sent, expected)
}
