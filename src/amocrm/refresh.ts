import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ConnectionRow, type ConnectionStore, notLost } from './connection-store.ts'
import { AmocrmError } from './errors.ts'
import type { Http } from './http.ts'
import { type Integration, requestTokens, type TokenPair } from './oauth.ts'

interface RefreshParts {
  store: ConnectionStore
  http: Http
  integration: Integration
  urlOf: (row: ConnectionRow) => string
  /** The address that the account has by now, or null when it is still where it was. */
  findNewUrl: (row: ConnectionRow) => Promise<string | null>
  /** Unix ms. */
  now: () => number
}

/** Longer than all calls of a refresh can take; who died in the middle holds up the others no longer. */
const leaseMs = 120_000
const lookAgainMs = 200
const savingTries = 6

/**
 * Renews a pair of tokens. A refresh token is good once, so only one process at a time tries, the new pair is saved
 * before anybody uses it, and whoever comes second takes what the first one got.
 */
export function createRefresh({ store, http, integration, urlOf, findNewUrl, now }: RefreshParts) {
  /** Issued by the CRM and not in the database yet, which was gone. */
  let unsaved: { row: ConnectionRow; pair: TokenPair; baseUrl: string } | null = null

  /** The row as it is after the refresh of `stale`. Throws AmocrmError; `unauthorized` means that the CRM refuses for good. */
  return async function refresh(stale: ConnectionRow): Promise<ConnectionRow> {
    const owner = randomUUID()
    for (;;) {
      const row = await store.read()
      if (row.version !== stale.version) return row
      if (unsaved?.row.version === row.version) return save(unsaved)
      if (row.refresh_token === null) throw new AmocrmError('unauthorized', 'there is no refresh token')
      if (await store.takeLease(row.version, owner, now(), now() + leaseMs)) {
        return renew(row, row.refresh_token).finally(() => store.dropLease(owner).catch(() => {}))
      }
      await sleep(lookAgainMs)
    }
  }

  async function renew(row: ConnectionRow, refreshToken: string): Promise<ConnectionRow> {
    try {
      unsaved = { row, ...(await requestPair(row, refreshToken)) }
    } catch (error) {
      if (!isRefusal(error)) throw error
      const lost = { lost_reason: 'crm_unauthorized', lost_error: error.message, lost_at: now() }
      if (!(await store.replace(row.version, { refresh_token: null, ...lost }))) return store.read()
      throw new AmocrmError('unauthorized', error.message, { cause: error })
    }
    return save(unsaved)
  }

  async function requestPair(row: ConnectionRow, refreshToken: string) {
    const ask = async (baseUrl: string) => {
      const grant = { grant_type: 'refresh_token', refresh_token: refreshToken } as const
      return { baseUrl, pair: await requestTokens(http, baseUrl, integration, grant) }
    }
    const baseUrl = urlOf(row)
    try {
      return await ask(baseUrl).catch((error: unknown) => {
        // Whether the CRM has exchanged the token or not: there is nothing better to do than to send it again.
        if (error instanceof AmocrmError && error.mayHaveHappened) return ask(baseUrl)
        throw error
      })
    } catch (error) {
      if (!isRefusal(error)) throw error
      const moved = await findNewUrl(row).catch(() => null)
      if (moved === null) throw error
      return ask(moved)
    }
  }

  /** A pair that is not saved is lost, and with it the connection. */
  async function save({ row, pair, baseUrl }: NonNullable<typeof unsaved>): Promise<ConnectionRow> {
    const changes = {
      base_url: baseUrl,
      access_token: pair.accessToken,
      refresh_token: pair.refreshToken,
      access_expires_at: now() + pair.expiresIn * 1000,
      refreshed_at: now(),
      ...(row.lost_reason === 'crm_unauthorized' ? notLost : {}),
    }
    for (let tried = 1; ; tried++) {
      try {
        await store.replace(row.version, changes)
        unsaved = null
        return await store.read()
      } catch (error) {
        if (tried === savingTries) throw error
        await sleep(lookAgainMs * 2 ** tried)
      }
    }
  }
}

/** The token endpoint documents 400 and is seen to answer 401. */
function isRefusal(error: unknown): error is AmocrmError {
  return error instanceof AmocrmError && (error.kind === 'unauthorized' || error.kind === 'rejected')
}
