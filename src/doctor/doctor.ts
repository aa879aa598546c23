import type { Config } from '../config/load.ts'
import type { Rules } from '../mapping/request.mapper.ts'
import { examine } from './examine.ts'
import type { Setup } from './facts.ts'
import type { GroupedFinding } from './finding.ts'
import { gatherFacts, type Sources } from './gather-facts.ts'

export interface Report {
  /** Unix ms. */
  foundAt: number
  /** False: the findings speak of nothing but the connection. */
  isReachable: boolean
  findings: GroupedFinding[]
}

export interface DoctorOptions {
  config: Config
  rules: Rules
  /** Of people's requests, so that no order waits for it. */
  amocrm: Pick<Sources, 'client' | 'connection'>
  mirrorOf: Sources['mirrorOf']
  serverTroubles: Sources['serverTroubles']
  stop: AbortSignal
  /** Unix ms. */
  now: () => number
}

/** Compares the configuration with the account as it is right now. Throws where our own database fails. */
export function createDoctor({ config, rules, amocrm, mirrorOf, serverTroubles, stop, now }: DoctorOptions) {
  const setup = setupOf(config, rules)
  const contactIds = Object.values(rules.forms).flatMap(({ partner_not_found }) =>
    typeof partner_not_found === 'object' ? [partner_not_found.contact_id] : [],
  )

  return async function examineNow(): Promise<Report> {
    const facts = await gatherFacts({ ...amocrm, mirrorOf, serverTroubles, contactIds, stop, now })
    return { foundAt: facts.now, isReachable: facts.account !== null, findings: examine(facts, setup) }
  }
}

function setupOf({ env, app, amo, sources }: Config, rules: Rules): Setup {
  return {
    rules,
    partnerFieldId: amo.contact_cf_partner_id,
    configuredHost: new URL(amo.baseUrl).host,
    publicBase: app.publicBase,
    webhookToken: app.webhook_token ?? null,
    sources,
    mayRegister: app.registration !== 'closed',
    isProxyUnknown: app.https && app.trusted_proxies.length === 0,
    isLocal: env === 'local',
  }
}
