import { formOfSender } from '../mapping/form.ts'
import type { AccountState, Setup } from './facts.ts'
import { type Finding, ok, warning } from './finding.ts'

/** Who may send orders, what they have to show, and which form their orders take. */
export function examineSources(_: AccountState, { sources, rules, isProxyUnknown }: Setup): Finding[] {
  return sources.flatMap((source) => {
    const form = formOfSender({ source: source.id, format: 'lk' }, rules)
    const params = { source: source.id, tokens: String(source.tokens.length), form }
    // Then everybody seems to be at the proxy's address.
    const isBlind = isProxyUnknown && source.allowedAddresses.length > 0
    return [describeGuard(source, params), ...(isBlind ? [warning('source_addresses_unseen', params)] : [])]
  })
}

function describeGuard({ tokens, signingSecrets }: Setup['sources'][number], params: Finding['params']) {
  if (tokens.length > 0) return signingSecrets.length > 0 ? ok('source_by_both', params) : ok('source_by_token', params)
  return signingSecrets.length > 0 ? ok('source_by_signature', params) : ok('source_open', params)
}
