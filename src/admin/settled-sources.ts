import type { Config } from '../config/load.ts'
import { type FormRules, formOfSender } from '../mapping/form.ts'

/** The sources of sources.config, as their page shows them. */
export function settledSources(sources: Config['sources'], rules: FormRules) {
  return sources.map(({ id, tokens, signingSecrets, allowedAddresses, rateLimit, dedupeBy, dedupeWindow }) => ({
    id,
    tokens: tokens.length,
    signatures: signingSecrets.length,
    addresses: allowedAddresses,
    form: formOfSender({ source: id, format: 'lk' }, rules),
    limit: rateLimit,
    dedupeBy,
    window: dedupeWindow,
  }))
}
