import type { ConnectionRow } from './connection-store.ts'
import { accountUrl } from './hosts.ts'
import type { Http } from './http.ts'
import { findHostByAccessToken, findHostByRefreshToken } from './oauth.ts'
import { readClaims } from './token-claims.ts'

interface AccountHostOptions {
  configuredUrl: string
  /** Where amoCRM's site is. */
  siteUrl: string
  http: Http
}

/** Where the account is: an account can be renamed, and then its host is another. */
export function createAccountHost({ configuredUrl, siteUrl, http }: AccountHostOptions) {
  /** As far as we know. */
  function urlOf({ base_url, configured_url }: ConnectionRow) {
    return configured_url === configuredUrl && base_url !== null ? base_url : configuredUrl
  }

  /** The address that the account has by now, or null when it is still where it was. Throws AmocrmError. */
  async function findNewUrl(row: ConnectionRow): Promise<string | null> {
    if (row.access_token === null) return null
    const { apiDomain } = readClaims(row.access_token)
    const apiUrl = apiDomain === null ? null : accountUrl(apiDomain, configuredUrl)
    const { domain } =
      row.refresh_token !== null && apiUrl !== null
        ? await findHostByRefreshToken(http, apiUrl, row.refresh_token)
        : await findHostByAccessToken(http, siteUrl, row.access_token)
    const found = accountUrl(domain, configuredUrl)
    return found === urlOf(row) ? null : found
  }

  return { urlOf, findNewUrl }
}
