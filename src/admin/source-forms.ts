import { z } from 'zod'
import type { ApiUserSettings } from '../order-api/users.ts'

/** What the fields of the forms hold, as it was typed. */
const typedForm = z.object({
  name: typed(),
  email: typed(),
  partner: typed(),
  form: typed(),
  requests: typed(),
  seconds: typed(),
})
type TypedSettings = z.output<typeof typedForm>
/** Keys of texts that say what is wrong, by the field. */
type FieldProblems = Partial<Record<keyof TypedSettings, string>>

/** Characters. */
const longest = { name: 190, email: 190, partner: 190 }

function typed() {
  return z
    .string()
    .transform((text) =>
      text
        .normalize('NFC')
        .replace(/[\s\p{Cc}]+/gu, ' ')
        .trim(),
    )
    .catch('')
}

/** What a form says of a user of the order API, and what of it cannot be. @param forms those of request.mapper */
export function readSettings(body: unknown, forms: string[]) {
  const fields = typedForm.parse(body ?? {})
  const { name, partner, form, requests, seconds } = fields
  const [rate_requests, rate_seconds] = [atLeastOne(requests), atLeastOne(seconds)]
  const problems: FieldProblems = {
    ...(name === '' && { name: 'sources.problem.name' }),
    ...(name.length > longest.name && { name: 'sources.problem.long' }),
    ...(partner.length > longest.partner && { partner: 'sources.problem.long' }),
    ...(form !== '' && !forms.includes(form) && { form: 'sources.problem.form' }),
    ...problemOfLimit('requests', requests, seconds),
    ...problemOfLimit('seconds', seconds, requests),
  }
  const settings: ApiUserSettings = {
    name,
    partner_id: partner || null,
    form: form || null,
    rate_requests,
    rate_seconds,
  }
  return { typed: fields, settings, problems }
}

export function problemOfEmail(email: string) {
  return email.length <= longest.email && z.email().safeParse(email).success ? null : 'sources.problem.email'
}

function problemOfLimit(field: 'requests' | 'seconds', text: string, other: string): FieldProblems {
  if (text !== '') return atLeastOne(text) === null ? { [field]: 'sources.problem.whole' } : {}
  return other === '' ? {} : { [field]: 'sources.problem.both' }
}

function atLeastOne(text: string) {
  return /^0*[1-9]\d{0,8}$/.test(text) ? Number(text) : null
}

/** The settings as the form shows them. */
export function typedOf({ name, partner_id, form, rate_requests, rate_seconds }: ApiUserSettings): TypedSettings {
  return {
    name,
    email: '',
    partner: partner_id ?? '',
    form: form ?? '',
    requests: String(rate_requests ?? ''),
    seconds: String(rate_seconds ?? ''),
  }
}

const seenForm = z.object({
  name: z.string(),
  partner_id: z.string().nullable(),
  form: z.string().nullable(),
  rate_requests: z.number().nullable(),
  rate_seconds: z.number().nullable(),
})

/** What the page showed whoever changes it, as the form carries it; null for nonsense. */
export function readSeen(text: unknown): ApiUserSettings | null {
  try {
    return seenForm.safeParse(JSON.parse(String(text))).data ?? null
  } catch {
    return null
  }
}

export function seenOf({ name, partner_id, form, rate_requests, rate_seconds }: ApiUserSettings) {
  return JSON.stringify({ name, partner_id, form, rate_requests, rate_seconds })
}

/** For the record of who did what. */
export function recordOf({ name, partner_id: partner, form, rate_requests, rate_seconds }: ApiUserSettings) {
  return { name, partner, form, limit: rate_requests === null ? null : `${rate_requests}/${rate_seconds}` }
}
