import { createHash } from 'node:crypto'
import type { Rules } from '../mapping/request.mapper.ts'
import type { Config } from './load.ts'
import type { Translate } from './translate.ts'

type MappingConfig = Pick<Config, 'requestMapper' | 'sources' | 'amoFields' | 'templates' | 'amo'>

/** What the configuration says of mapping. */
export function rulesOf(config: MappingConfig, translate: Translate): Rules {
  const { requestMapper, sources, amoFields, templates, amo } = config
  return {
    forms: requestMapper.forms,
    formOfSource: new Map(formsOfSources(sources)),
    amoFields,
    templates,
    defaultNames: { contact: amo.contact_name || translate('default.contact_name'), company: amo.company_name },
    translate,
  }
}

/** Digest of the settings that orders are mapped by, to tell by which ones an order was. */
export function mappingVersion(config: MappingConfig) {
  const { requestMapper, sources, amoFields, templates, amo } = config
  const names = { contact: amo.contact_name, company: amo.company_name, partner: amo.contact_cf_partner_id }
  const text = JSON.stringify([requestMapper, amoFields, templates, names, formsOfSources(sources)])
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}

function formsOfSources(sources: Config['sources']): [string, string][] {
  return sources.flatMap(({ id, form }) => (form === null ? [] : [[id, form]]))
}
