import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { throwIfLockedOut } from './connection-status.ts'
import { type ConnectionRow, type ConnectionStore, notLost } from './connection-store.ts'
import { AmocrmError } from './errors.ts'
import type { Http } from './http.ts'
import { type Integration, requestTokens, type TokenPair } from './oauth.ts'

interface RefreshParts {
  store: ConnectionStore
  http: Http
  integration: Integration
  /** Digest of the integration's settings. */
  refusedAs: string | null
  configuredUrl: string
  urlOf: (row: ConnectionRow) => string
  /** The address that the account has by now, or null when it is still where it was. */
  findNewUrl: (row: ConnectionRow) => Promise<string | null>
  /** The CRM said 403: nothing more is sent for a while. */
  lockedOut: (error: string) => Promise<void>
  /** When aborted, nobody else's refresh is waited for. */
  stop: AbortSignal
  /** Unix ms. */
  now: () => number
  /** Is told for how many ms the new token is good. */
  onRenewed?: (ms: number) => void
}

/** Longer than one call can take; who died in the middle holds up the others no longer. */
const leaseMs = 60_000
const lookAgainMs = 200
const savingTries = 6

/** Somebody else refreshes by now. */
class LeaseLostError extends Error {}

/**
 * Renews a pair of tokens. A refresh token is good once, so only one process at a time tries, the new pair is saved
 * before anybody uses it, and whoever comes second takes what the first one got.
 */
export function createRefresh(parts: RefreshParts) {
  const { store, http, integration, refusedAs, configuredUrl, urlOf, findNewUrl, lockedOut, stop, now, onRenewed } =
    parts
  /** Issued by the CRM and not in the database yet, which was gone. */
  let unsaved: { row: ConnectionRow; pair: TokenPair; moved: string | null } | null = null

  /**
   * The refresh of `stale`, ours or another's. Throws AmocrmError, which never says that the call that waits for the
   * new token may have happened; `unauthorized` means that the CRM refuses for good.
   */
  return async function refresh(stale: ConnectionRow): Promise<void> {
    const owner = randomUUID()
    while (!(await tryRefresh(stale, owner).catch(ofRefreshOnly))) {
      await sleep(lookAgainMs, undefined, { signal: stop }).catch(() => {
        throw new AmocrmError('unavailable', 'the token is not renewed, Parom stops')
      })
    }
  }

  /** Whether there is a new token; false while somebody else is about to get it. */
  async function tryRefresh(stale: ConnectionRow, owner: string): Promise<boolean> {
    const row = await store.read()
    if (row.version !== stale.version) return true
    if (unsaved?.row.version === row.version) return save(unsaved)
    if (row.refresh_token === null) throw new AmocrmError('unauthorized', 'the access token cannot be renewed')
    throwIfLockedOut(row, now())
    if (!(await store.takeLease(row.version, owner, now(), leaseMs))) return false
    return renew(row, row.refresh_token, owner).finally(() => store.dropLease(owner).catch(() => {}))
  }

  async function renew(row: ConnectionRow, refreshToken: string, owner: string): Promise<boolean> {
    const keepLease = async () => {
      if (!(await store.keepLease(row.version, owner, now() + leaseMs))) throw new LeaseLostError()
    }
    try {
      unsaved = { row, ...(await requestPair(row, refreshToken, keepLease)) }
    } catch (error) {
      if (error instanceof LeaseLostError) return false
      if (isTurnedAway(error)) await lockedOut(error.message)
      if (!isRefusal(error)) throw error
      const lost = { lost_reason: 'crm_unauthorized', lost_error: error.message, lost_at: now() }
      const isOurs = await store.keepLease(row.version, owner, now() + leaseMs)
      if (!isOurs || !(await store.replace(row.version, { refused_as: refusedAs, ...lost }))) return false
      throw new AmocrmError('unauthorized', error.message, { cause: error })
    }
    return save(unsaved)
  }

  /** @param keepLease called before anything is sent: the turn in the traffic may come late */
  async function requestPair(row: ConnectionRow, refreshToken: string, keepLease: () => Promise<void>) {
    const ask = (baseUrl: string) => {
      const grant = { grant_type: 'refresh_token', refresh_token: refreshToken } as const
      return requestTokens(http, baseUrl, integration, grant, keepLease)
    }
    const baseUrl = urlOf(row)
    try {
      const pair = await ask(baseUrl).catch((error: unknown) => {
        // Whether the CRM has exchanged the token or not: there is nothing better to do than to send it again.
        if (error instanceof AmocrmError && error.mayHaveHappened) return ask(baseUrl)
        throw error
      })
      return { pair, moved: null }
    } catch (error) {
      if (!isRefusal(error)) throw error
      const moved = await findNewUrl(row).catch(() => null)
      if (moved === null) throw error
      return { pair: await ask(moved), moved }
    }
  }

  /** A pair that is not saved is lost, and with it the connection. */
  async function save({ row, pair, moved }: NonNullable<typeof unsaved>): Promise<true> {
    const changes = {
      ...(moved !== null && { base_url: moved, configured_url: configuredUrl }),
      access_token: pair.accessToken,
      refresh_token: pair.refreshToken,
      refused_as: null,
      access_expires_at: now() + pair.expiresIn * 1000,
      refreshed_at: now(),
      ...(row.lost_reason === 'crm_unauthorized' ? notLost : {}),
    }
    for (let tried = 1; ; tried++) {
      try {
        await store.replace(row.version, changes)
        unsaved = null
        onRenewed?.(pair.expiresIn * 1000)
        return true
      } catch (error) {
        if (tried === savingTries) throw error
        await sleep(lookAgainMs * 2 ** tried)
      }
    }
  }
}

/** What became of a refresh says nothing of the call that waits for it, which was not sent. */
function ofRefreshOnly(error: unknown): never {
  if (!(error instanceof AmocrmError)) throw error
  const { kind, message, status, retryAfter } = error
  throw new AmocrmError(kind, message, { ...(status !== null && { status }), retryAfter, cause: error })
}

/** Whatever the body says: who asks for tokens is not told so for want of a right. */
export function isTurnedAway(error: unknown): error is AmocrmError {
  return error instanceof AmocrmError && error.status === 403
}

/** The token endpoint documents 400 and is seen to answer 401. */
function isRefusal(error: unknown): error is AmocrmError {
  return error instanceof AmocrmError && (error.kind === 'unauthorized' || error.kind === 'rejected')
}
