import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { Clock } from '../control/clock.ts'
import type { SettingsBox } from '../control/settings.ts'
import { accountOf } from '../present/present.ts'
import type { Code, Token } from '../store/entities.ts'
import type { Store } from '../store/store.ts'
import { createSigner } from './jwt.ts'

export type Tokens = ReturnType<typeof createTokens>

const minute = 60_000
const day = 24 * 60 * minute
const codeLife = 20 * minute
const refreshLife = 90 * day
const longLife = 5 * 365 * day

/** The integration that everybody connects with. */
export const integration = {
  client_id: '7c1a0f52-3a54-4a0e-9d3b-5a1f4f0c9e21',
  client_secret: 'sandbox-secret-Zk3nV8rQx2Lw7uTdYb5mHc9JfP1aSgE4',
}

export function createTokens(store: Store, clock: Clock, settings: SettingsBox) {
  const signed = createSigner(store)
  return { issueCode, useCode, issuePair, refresh, issueLongLived, find }

  function issueCode(userId: number): string {
    const code = `def502${randomBytes(48).toString('hex')}`
    const expires_at = clock.ms() + codeLife
    store.codes.put({ id: code, client_id: integration.client_id, user_id: userId, expires_at, used: false })
    return code
  }

  /** Takes a code out of use; `undefined` where it is unknown, used or over. */
  function useCode(id: string): Code | undefined {
    const code = store.codes.get(id)
    if (!code || code.used || code.expires_at <= clock.ms()) return undefined
    return store.codes.put({ ...code, used: true })
  }

  function issuePair(userId: number, apiDomain: string) {
    const lifeMs = settings.get().access_token_ttl_s * 1000
    const access_token = accessToken(userId, lifeMs, apiDomain)
    const refresh_token = `def502${randomBytes(96).toString('hex')}`
    save(access_token, 'access', userId, lifeMs)
    save(refresh_token, 'refresh', userId, refreshLife)
    return { access_token, refresh_token, expires_in: lifeMs / 1000 }
  }

  /** A new pair for a refresh token, which thereby goes out of use. */
  function refresh(refreshToken: string, apiDomain: string) {
    const token = store.tokens.get(hash(refreshToken))
    if (token?.kind !== 'refresh' || token.expires_at <= clock.ms() || !isUsable(token)) return undefined
    const pair = issuePair(token.user_id, apiDomain)
    store.tokens.put({ ...token, used: true, successor: hash(pair.refresh_token) })
    return pair
  }

  // Kommo keeps the old refresh token alive until the new one is first used; amoCRM's pages do not say so.
  function isUsable(token: Token): boolean {
    if (!token.used) return true
    if (settings.get().refresh_grace === 'strict' || token.successor === null) return false
    return store.tokens.get(token.successor)?.used === false
  }

  function issueLongLived(userId: number, apiDomain: string): string {
    const token = accessToken(userId, longLife, apiDomain)
    save(token, 'long-lived', userId, longLife)
    return token
  }

  /** The token of an Authorization header, unless it is unknown or over. The signature is not looked at. */
  function find(authorization: string | undefined): Token | undefined {
    const [, bearer] = /^Bearer\s+(\S+)$/i.exec(authorization ?? '') ?? []
    if (bearer === undefined) return undefined
    const token = store.tokens.get(hash(bearer))
    return token && token.kind !== 'refresh' && token.expires_at > clock.ms() ? token : undefined
  }

  function save(token: string, kind: Token['kind'], userId: number, lifeMs: number) {
    const expires_at = clock.ms() + lifeMs
    const { client_id } = integration
    store.tokens.put({ id: hash(token), kind, client_id, user_id: userId, expires_at, used: false, successor: null })
  }

  function accessToken(userId: number, lifeMs: number, apiDomain: string): string {
    const now = clock.seconds()
    return signed({
      aud: integration.client_id,
      jti: randomBytes(40).toString('hex'),
      iat: now,
      nbf: now,
      exp: now + Math.floor(lifeMs / 1000),
      sub: String(userId),
      grant_type: '',
      account_id: accountOf(store).id,
      base_domain: 'amocrm.ru',
      version: 2,
      scopes: ['crm', 'notifications'],
      hash_uuid: randomUUID(),
      user_flags: 0,
      api_domain: apiDomain,
    })
  }
}

const hash = (token: string) => createHash('sha256').update(token).digest('hex')
