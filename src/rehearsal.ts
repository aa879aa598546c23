import type { Problem, RehearsedMessage, Rehearsing } from './admin/rehearsing.ts'
import type { AmocrmClient } from './amocrm/client.ts'
import { AmocrmError } from './amocrm/errors.ts'
import type { Mirror } from './amocrm/mirror.ts'
import type { Config } from './config/load.ts'
import type { Translate } from './config/translate.ts'
import { dryRun } from './delivery/dry-run.ts'
import { explainPlan } from './delivery/explain-plan.ts'
import { bodyKind, ensureReadable } from './intake/body.ts'
import { Refusal } from './intake/refusal.ts'
import type { Rules } from './mapping/request.mapper.ts'
import { UnreadableBodyError } from './order/body.ts'

interface RehearsalOptions {
  config: Pick<Config, 'amo' | 'app'>
  rules: Rules
  /** Of people's requests, so that no order waits for it. */
  client: AmocrmClient
  mirror: Mirror
}

/** Orders as the pages show them before they are sent. The account is only read. */
export function createRehearsal({ config, rules, client, mirror }: RehearsalOptions): Rehearsing {
  const partnerFieldId = config.amo.contact_cf_partner_id

  function refusalOf(contentType: string, body: Buffer): Problem | null {
    const { body_limit: limit } = config.app
    try {
      if (body.length > limit) throw new Refusal('too_large', 'too_large', { limit })
      ensureReadable(bodyKind(contentType), body, contentType)
      return null
    } catch (error) {
      if (error instanceof Refusal) return { text: error.text, params: error.params }
      throw error
    }
  }

  async function rehearse(message: RehearsedMessage, translate: Translate) {
    try {
      const run = await dryRun(message, { client, mirror, partnerFieldId, rules })
      return { plan: explainPlan(run, { account: await mirror.account(), rules, translate }) }
    } catch (error) {
      return { problem: problemOf(error) }
    }
  }

  return { refusalOf, rehearse }
}

/** What can be told in words; anything else is our own fault. */
function problemOf(error: unknown): Problem {
  if (error instanceof UnreadableBodyError) return { text: 'reason.order_unreadable' }
  if (!(error instanceof AmocrmError)) throw error
  if (error.kind === 'not_connected') return { text: 'mapping.bench.not_connected' }
  return { text: 'mapping.bench.unreachable', params: { error: error.message } }
}
