import { type Reason, reasons } from './message.ts'

/** Why orders fail alike. */
interface Cause {
  reason: Reason
  /** What the CRM named: a field and its word for the fault, or the status of its answer; null when it named nothing. */
  detail: string | null
}

/** `«Delivery» (custom_fields_values.3.values.0.value): NotSupportedChoice …`, its item perhaps before it. */
const fault = /^(?:\S+ )?(?:«(.{1,200}?)» \([\w.[\]-]*\)|([\w.[\]-]*)): (\w{2,60})(?: |$)/
const status = /: HTTP (\d{3})(?!\d)/
const answersOfCrm: readonly string[] = ['crm_rejected', 'crm_unavailable', 'crm_forbidden', 'crm_payment_required']
const longest = 120

/** Whether its failures say what the CRM has against the order. */
export function isNamedByCrm(reason: Reason) {
  return answersOfCrm.includes(reason)
}

/** By what a failure said; nothing of it that is the order's own. */
export function causeOf(word: string, error: string | null): Cause {
  const reason = reasons.find((each) => each === word) ?? 'internal'
  if (error === null || !isNamedByCrm(reason)) return { reason, detail: null }
  const [summary = '', ...parts] = error.split('; ')
  for (const part of parts) {
    const [found, name, path = '', code] = fault.exec(part) ?? []
    if (found) return { reason, detail: [name ?? placeOf(path), code].filter(Boolean).join(' · ').slice(0, longest) }
  }
  const [, code] = status.exec(summary) ?? []
  return { reason, detail: code ? `HTTP ${code}` : null }
}

/** The same place in whichever order: without the indexes. */
function placeOf(path: string) {
  return path
    .split('.')
    .filter((step) => !/^\d*$/.test(step))
    .join('.')
}
