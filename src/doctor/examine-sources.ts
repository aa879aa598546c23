import { formOfSender } from '../mapping/form.ts'
import { wordedFields } from '../mapping/in-words.ts'
import { apiFormats } from '../order/order.ts'
import type { AccountState, Setup } from './facts.ts'
import { type Finding, ok, warning } from './finding.ts'

/** Who may send orders, what they have to show, and which form their orders take. */
export function examineSources(_: AccountState, { sources, rules, isProxyUnknown, mayRegister }: Setup): Finding[] {
  const ofWebhook = sources.flatMap((source) => {
    const form = formOfSender({ source: source.id, format: 'lk' }, rules)
    const params = { source: source.id, tokens: String(source.tokens.length), form }
    // Then everybody seems to be at the proxy's address.
    const isBlind = isProxyUnknown && source.allowedAddresses.length > 0
    return [describeGuard(source, params), ...(isBlind ? [warning('source_addresses_unseen', params)] : [])]
  })
  return [...ofWebhook, ...examineApiForms(rules, mayRegister)]
}

/** Who sends no orders by the order API needs no forms for them; whoever has one form means the others too. */
function examineApiForms({ forms, formOfSource }: Setup['rules'], mayRegister: boolean): Finding[] {
  const formsOf = apiFormats.map((format) => ({
    format,
    form: formOfSender({ source: '', format }, { forms, formOfSource }),
  }))
  const missing = formsOf.filter(
    ({ form }) => !Object.keys(forms[form]?.mapping ?? {}).some((name) => apiNames.has(name)),
  )
  const isMeant = mayRegister || missing.length < formsOf.length
  return isMeant ? missing.map((params) => warning('api_form_missing', params)) : []
}

/** Whoever maps one of these has thought of the order API. */
const apiNames = new Set(['phone', 'name', 'paymentOption', ...Object.keys(wordedFields)])

function describeGuard({ tokens, signingSecrets }: Setup['sources'][number], params: Finding['params']) {
  if (tokens.length > 0) return signingSecrets.length > 0 ? ok('source_by_both', params) : ok('source_by_token', params)
  return signingSecrets.length > 0 ? ok('source_by_signature', params) : ok('source_open', params)
}
