import type { Config } from './load.ts'

/** What has to be known to reach the amoCRM account. */
export function accountSettingsOf({ app, amo }: Pick<Config, 'app' | 'amo'>) {
  return {
    account: amo.domain,
    configuredUrl: amo.baseUrl,
    isUrlFixed: amo.base_url !== undefined,
    integration: { clientId: amo.client_id, clientSecret: amo.client_secret, redirectUri: amo.redirectUri },
    siteUrl: amo.auth_url,
    appKeys: [app.app_key, ...app.previous_app_keys],
  }
}

/** What our copy of the account has to know. */
export function mirrorSettingsOf({ amo, system }: Pick<Config, 'amo' | 'system'>) {
  return { account: amo.domain, partnerFieldId: amo.contact_cf_partner_id, ttl: system.cache }
}
