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
