import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { Clock } from '../control/clock.ts'
import type { SettingsBox } from '../control/settings.ts'
import { accountOf } from '../present/present.ts'
import type { Code, Token } from '../store/access-entities.ts'
import type { Store } from '../store/store.ts'
import type { Integrations } from './integrations.ts'
import { createSigner } from './jwt.ts'

export type Tokens = ReturnType<typeof createTokens>

/** Who was given access, and in whose name. */
export type Grant = Pick<Token, 'client_id' | 'user_id'>

const minute = 60_000
const day = 24 * 60 * minute
const codeLife = 20 * minute
const refreshLife = 90 * day
const daysOfLongLife = 5 * 365

/** Why there are no tokens. Of these words amoCRM's reports confirm only "Token has been revoked". */
export class GrantRefused extends Error {
  readonly status: number
  readonly hint: string

  constructor(status: number, hint: string) {
    super(hint)
    this.name = 'GrantRefused'
    this.status = status
    this.hint = hint
  }
}

interface TokenOptions {
  store: Store
  clock: Clock
  settings: SettingsBox
  integrations: Integrations
}

export function createTokens({ store, clock, settings, integrations }: TokenOptions) {
  const signed = createSigner(store)
  return { issueCode, useCode, issuePair, refresh, issueLongLived, find, findRefresh, revoke }

  function issueCode({ client_id, user_id }: Grant): string {
    const code = `def502${randomBytes(48).toString('hex')}`
    store.codes.put({ id: code, client_id, user_id, expires_at: clock.ms() + codeLife, used: false })
    return code
  }

  /** Takes a code out of use. */
  function useCode(id: string, clientId: string): Code {
    const status = settings.get().code_error_status
    const code = store.codes.get(id)
    if (!code) throw new GrantRefused(status, 'Cannot decrypt the authorization code')
    if (code.used) throw new GrantRefused(status, 'Authorization code has been revoked')
    if (code.expires_at <= clock.ms()) throw new GrantRefused(status, 'Authorization code has expired')
    if (code.client_id !== clientId) throw new GrantRefused(status, 'Authorization code was not issued to this client')
    return store.codes.put({ ...code, used: true })
  }

  function issuePair(grant: Grant, apiDomain: string) {
    const lifeMs = settings.get().access_token_ttl_s * 1000
    const access_token = accessToken(grant, lifeMs, apiDomain)
    const refresh_token = `def502${randomBytes(96).toString('hex')}`
    save(access_token, 'access', grant, lifeMs)
    save(refresh_token, 'refresh', grant, refreshLife)
    return { access_token, refresh_token, expires_in: lifeMs / 1000 }
  }

  /** A new pair for a refresh token, which thereby goes out of use. */
  function refresh(refreshToken: string, clientId: string, apiDomain: string) {
    const status = settings.get().refresh_error_status
    const token = findRefresh(refreshToken)
    if (!token) throw new GrantRefused(status, 'Token has been revoked')
    if (token.client_id !== clientId) throw new GrantRefused(status, 'Token is not linked to client')
    const pair = issuePair(token, apiDomain)
    store.tokens.put({ ...token, used: true, successor: hash(pair.refresh_token) })
    return pair
  }

  /** A refresh token that is still good for something. */
  function findRefresh(refreshToken: string): Token | undefined {
    const token = store.tokens.get(hash(refreshToken))
    return token?.kind === 'refresh' && token.expires_at > clock.ms() && isUsable(token) ? token : undefined
  }

  // Kommo keeps the old refresh token alive until the new one is first used; amoCRM's pages do not say so.
  function isUsable(token: Token): boolean {
    if (!token.used) return true
    if (settings.get().refresh_grace === 'strict' || token.successor === null) return false
    return store.tokens.get(token.successor)?.used === false
  }

  function issueLongLived(grant: Grant, apiDomain: string, days = daysOfLongLife) {
    const access_token = accessToken(grant, days * day, apiDomain)
    const { expires_at } = save(access_token, 'long-lived', grant, days * day)
    return { access_token, expires_at: Math.floor(expires_at / 1000) }
  }

  /** The token of an Authorization header, unless it is unknown or over. The signature is not looked at. */
  function find(authorization: string | undefined): Token | undefined {
    const [, bearer] = /^Bearer\s+(\S+)$/i.exec(authorization ?? '') ?? []
    if (bearer === undefined) return undefined
    const token = store.tokens.get(hash(bearer))
    return token && token.kind !== 'refresh' && token.expires_at > clock.ms() ? token : undefined
  }

  /** Forgets every token that `fits`, and says how many those were. */
  function revoke(fits: (token: Token) => boolean): number {
    const revoked = store.tokens.all().filter(fits)
    store.write(() => {
      for (const { id } of revoked) store.tokens.remove(id)
    })
    return revoked.length
  }

  function save(token: string, kind: Token['kind'], { client_id, user_id }: Grant, lifeMs: number): Token {
    const expires_at = clock.ms() + lifeMs
    return store.tokens.put({ id: hash(token), kind, client_id, user_id, expires_at, used: false, successor: null })
  }

  function accessToken({ client_id, user_id }: Grant, lifeMs: number, apiDomain: string): string {
    const now = clock.seconds()
    const promised = {
      aud: client_id,
      jti: randomBytes(40).toString('hex'),
      iat: now,
      nbf: now,
      exp: now + Math.floor(lifeMs / 1000),
      sub: String(user_id),
      account_id: accountOf(store).id,
      scopes: integrations.find(client_id)?.scopes,
      api_domain: apiDomain,
    }
    const seen = { grant_type: '', base_domain: 'amocrm.ru', version: 2, hash_uuid: randomUUID(), user_flags: 0 }
    return signed(settings.get().token_claims === 'observed' ? { ...promised, ...seen } : promised)
  }
}

/** What the store knows a token by. */
export const hash = (token: string) => createHash('sha256').update(token).digest('hex')
