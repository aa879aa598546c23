import { createHash } from 'node:crypto'
import type { Rules } from '../mapping/request.mapper.ts'
import type { Config } from './load.ts'
import type { Translate } from './translate.ts'

/** What the configuration says of mapping. */
export function rulesOf(
  config: Pick<Config, 'requestMapper' | 'amoFields' | 'templates' | 'amo'>,
  translate: Translate,
): Rules {
  const { requestMapper, amoFields, templates, amo } = config
  return {
    forms: requestMapper.forms,
    amoFields,
    templates,
    defaultNames: { contact: amo.contact_name || translate('default.contact_name'), company: amo.company_name },
    translate,
  }
}

/** Digest of the settings that orders are mapped by, to tell by which ones an order was. */
export function mappingVersion(config: Pick<Config, 'requestMapper' | 'amoFields' | 'templates' | 'amo'>) {
  const { requestMapper, amoFields, templates, amo } = config
  const names = { contact: amo.contact_name, company: amo.company_name, partner: amo.contact_cf_partner_id }
  const text = JSON.stringify([requestMapper, amoFields, templates, names])
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}
