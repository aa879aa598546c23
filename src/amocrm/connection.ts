import { createHash } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Tables } from '../database/tables.ts'
import { createAccountHost } from './account-host.ts'
import { isLockedOut, refreshDueAt, statusOf, throwIfLockedOut, throwIfPaused } from './connection-status.ts'
import { type ConnectionRow, createConnectionStore, longLived, noTokens, notLost } from './connection-store.ts'
import { AmocrmError } from './errors.ts'
import { accountUrl } from './hosts.ts'
import type { Http } from './http.ts'
import { type Integration, requestTokens } from './oauth.ts'
import { createRefresh, isTurnedAway } from './refresh.ts'
import { createSecretBox } from './secret-box.ts'
import { readClaims } from './token-claims.ts'

export type Connection = ReturnType<typeof createConnection>

/** What a request needs to get in. */
export interface Access {
  baseUrl: string
  token: string
  version: number
}

export interface AccountSettings {
  /** The account's host, as configured: the key of the connection. */
  account: string
  configuredUrl: string
  /** Whether that address was set by hand, and not made from the account's name. */
  isUrlFixed: boolean
  integration: Integration
  /** Where amoCRM's consent page is. */
  siteUrl: string
  /** Base64; the first seals tokens, all open them. */
  appKeys: string[]
}

interface ConnectionOptions extends AccountSettings {
  db: Kysely<Tables>
  http: Http
  stop: AbortSignal
  /** Unix ms. */
  now: () => number
  onRenewed?: (ms: number) => void
}

/** Ms. What is over so soon may be over when it arrives. */
const tokenMargin = 30_000
const lookForHostEvery = 10 * 60_000
/** Ms. Only amoCRM's support lets a locked out account in again. */
const quietAfterBlock = 60 * 60_000
const lossCountsMs = 60 * 60_000

/** The redirect named a host that is none of the CRM's. */
export class HostRefusedError extends Error {
  override name = 'HostRefusedError'
}

/** The tokens are those of another account than the one that is connected. */
export class OtherAccountError extends Error {
  override name = 'OtherAccountError'
}

/** How Parom is let into its account: tokens, the host they are for, and whether the CRM takes them. */
export function createConnection(options: ConnectionOptions) {
  const { db, account, configuredUrl, isUrlFixed, integration, siteUrl, appKeys, http, now } = options
  const refusedAs = integration.clientId === '' ? null : digestOf(JSON.stringify(integration))
  const store = createConnectionStore({ db, box: createSecretBox(appKeys), account, integration: refusedAs })
  const { urlOf, findNewUrl } = createAccountHost({ configuredUrl, siteUrl, http })
  const startRefresh = createRefresh({ ...options, store, refusedAs, urlOf, findNewUrl, lockedOut })
  const refreshes = new Set<Promise<void>>()
  let lookForHostAt = 0
  let lastUrl = configuredUrl

  /** To be called once, before anything else. @param token AMO_ACCESS_TOKEN; a new one takes the place of what was connected before */
  async function open(token: string | null) {
    await store.createIfMissing(configuredUrl)
    await store.reseal()
    if (!token) return
    const { kind, configured_token, access_token } = await store.read()
    const isUnreadable = kind === 'long_lived' && access_token === null
    if (configured_token === digestOf(token) && !isUnreadable) return
    await connect({ configured_token: digestOf(token), base_url: null, ...longLived(token) }, { whosever: true })
  }

  function refresh(row: ConnectionRow) {
    const refreshing = startRefresh(row).finally(() => refreshes.delete(refreshing))
    refreshes.add(refreshing)
    return refreshing
  }

  /** Sees to it that the token is good. It may ask the CRM, so whoever waits for a place in the traffic must not hold one. */
  async function prepare() {
    const row = await store.read()
    if (isOver(row) && row.refresh_token !== null && !isLockedOut(row, now())) await refresh(row)
  }

  /** What the next request goes out with. Throws AmocrmError when it must not. */
  async function access(): Promise<Access> {
    const row = await store.read()
    throwIfLockedOut(row, now())
    throwIfPaused(row.paused_until, now())
    if (row.access_token === null) throw new AmocrmError('not_connected', 'there is no access token')
    if (isOver(row) && row.refresh_token === null)
      throw new AmocrmError('unauthorized', 'the access token is over and cannot be renewed')
    lastUrl = urlOf(row)
    return { baseUrl: lastUrl, token: row.access_token, version: row.version }
  }

  function isOver({ access_expires_at }: ConnectionRow) {
    return access_expires_at !== null && access_expires_at - tokenMargin <= now()
  }

  /**
   * After a 401 or 404 to a request made with `refused`: whether there is another token or host by now.
   * Throws when that could not be found out.
   */
  async function renew(refused: Access, status: number): Promise<boolean> {
    const isAnother = (row: ConnectionRow) => row.version !== refused.version || urlOf(row) !== refused.baseUrl
    const row = await store.read()
    if (isAnother(row)) return true
    if (isLockedOut(row, now())) return false
    if (status === 401 && row.refresh_token !== null) {
      return refresh(row).then(
        () => true,
        (error: unknown) => {
          if (error instanceof AmocrmError && error.kind === 'unauthorized') return false
          throw error
        },
      )
    }
    if (now() < lookForHostAt) return false
    lookForHostAt = now() + lookForHostEvery
    const moved = await findNewUrl(row).catch(() => null)
    if (moved !== null) await store.move(row.version, moved, configuredUrl)
    return isAnother(await store.read())
  }

  /** @param referer the account's host, as the redirect names it. Throws AmocrmError, HostRefusedError, OtherAccountError */
  async function connectWithCode(code: string, referer: string) {
    const named = accountUrl(referer, configuredUrl)
    if (named === null) throw new HostRefusedError(referer)
    const baseUrl = isUrlFixed ? configuredUrl : named
    const grant = { grant_type: 'authorization_code', code } as const
    const pair = await requestTokens(http, baseUrl, integration, grant).catch(async (error: unknown) => {
      if (isTurnedAway(error)) await lockedOut(error.message)
      throw error
    })
    await connect({
      kind: 'oauth',
      base_url: baseUrl,
      access_token: pair.accessToken,
      refresh_token: pair.refreshToken,
      access_expires_at: now() + pair.expiresIn * 1000,
    })
  }

  async function connect(changes: Partial<ConnectionRow> & { access_token: string }, { whosever = false } = {}) {
    const { accountId, userId } = readClaims(changes.access_token)
    for (;;) {
      const row = await store.read()
      const isOther = row.account_id !== null && accountId !== null && row.account_id !== accountId
      if (isOther && !whosever) throw new OtherAccountError()
      const isDone = await store.replace(row.version, {
        base_url: urlOf(row),
        ...changes,
        refused_as: null,
        quiet_until: null,
        configured_url: configuredUrl,
        connected_at: now(),
        refreshed_at: now(),
        account_id: accountId,
        account_name: null,
        user_id: userId,
        user_name: null,
        is_admin: null,
        ...notLost,
      })
      if (isDone) break
    }
    lookForHostAt = 0
  }

  async function disconnect() {
    const nobody = { account_id: null, account_name: null, user_id: null, user_name: null, is_admin: null }
    const changes = { ...noTokens, ...nobody, ...notLost, base_url: null, refused_as: null, quiet_until: null }
    while (!(await store.replace((await store.read()).version, changes)));
  }

  /** Nothing is sent for an hour, by no process. */
  async function lockedOut(error: string) {
    const lost = { lost_reason: 'crm_forbidden', lost_error: error, lost_at: now() }
    await store.note({ quiet_until: now() + quietAfterBlock, ...lost })
  }

  return {
    open,
    prepare,
    access,
    /** Where the account was found when it was last asked. */
    baseUrl: () => lastUrl,
    renew,
    connectWithCode,
    /** With a long-lived token, which cannot be renewed. Throws OtherAccountError. */
    connectWithToken: (token: string) => connect(longLived(token)),
    disconnect,

    /** Keeps the tokens alive, orders or not. */
    async refreshIfDue() {
      const row = await store.read()
      if (row.refresh_token !== null && now() >= refreshDueAt(row) && !isLockedOut(row, now())) await refresh(row)
    },

    lockedOut,

    /** Once no refresh is under way. */
    settled: () => Promise.allSettled(refreshes),

    /** Somebody says that the CRM lets us in again. */
    unlock: () => store.note({ quiet_until: null, refused_as: null }),

    /** The CRM does not let us in. */
    async lost(reason: string, error: string) {
      const row = await store.read()
      if (row.access_token === null || row.lost_reason === reason) return
      await store.note({ lost_reason: reason, lost_error: error, lost_at: now() })
    },

    /** A loss counts for a while although something goes through: another process may be let in less well. */
    works: () => store.forgetLoss(now() - lossCountsMs),

    /** The CRM lets us in, and says who we are. */
    async alive(found: Pick<ConnectionRow, 'account_id' | 'account_name' | 'user_id' | 'user_name' | 'is_admin'>) {
      await store.note({ ...found, ...notLost })
    },

    stop: (login: string) => store.stop(login, now()),
    resume: store.resume,

    async status() {
      const row = await store.read()
      return statusOf(row, urlOf(row), now())
    },
  }
}

function digestOf(text: string) {
  return createHash('sha256').update(text).digest('hex')
}
