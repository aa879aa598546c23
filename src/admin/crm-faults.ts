import type { StoredStep } from '../inbox/queries.ts'

/** What amoCRM has against a value that was sent. */
export interface NamedFault {
  /** As the settings or amoCRM call the place; null where nobody has named it. */
  field: string | null
  fieldId: number | null
  path: string
  /** What the order had there; null where nothing was sent. */
  value: string | null
  code: string
  detail: string
}

/** Codes that have words of their own: `story.fault.<code>`. */
export const knownFaults = ['NotSupportedChoice', 'InvalidType', 'FieldNotExpected', 'FieldMissing'] as const

/** Characters of a value. */
const longestValue = 300

/**
 * The refused values of a step, by its request and its answer as they are kept.
 * @param error what the attempt ended with: it calls the places by their names
 */
export function faultsOf({ request, answer }: Pick<StoredStep, 'request' | 'answer'>, error: string | null) {
  const entries = asList(asRecord(parse(answer))['validation-errors'])
  const body = asRecord(parse(request))['body']
  return entries.flatMap((entry): NamedFault[] => {
    const { request_id, errors } = asRecord(entry)
    const item = itemOf(body, String(request_id ?? ''))
    return asList(errors).map((fault) => {
      const { path, code, detail } = asRecord(fault)
      return { ...placeOf(item, asText(path), error), code: asText(code), detail: asText(detail) }
    })
  })
}

function itemOf(body: unknown, named: string): unknown {
  if (!Array.isArray(body)) return body
  return (
    body.find((item) => asRecord(item)['request_id'] === named) ?? (body.length === 1 ? body[0] : body[Number(named)])
  )
}

/** A path leads into a field; what is asked for is the whole of it. */
function placeOf(item: unknown, path: string, error: string | null) {
  const [whole = path] = /^custom_fields_values\.\d+/.exec(path) ?? []
  const found = valueAt(item, whole)
  const { field_id, values } = asRecord(found)
  const value = whole === path ? found : asList(values).map((each) => textOf(asRecord(each)['value'] ?? each))
  const text = textOf(Array.isArray(value) ? value.join(', ') : value)
  return {
    field: nameIn(error, path),
    fieldId: typeof field_id === 'number' ? field_id : null,
    path,
    value: text === '' ? null : text.slice(0, longestValue),
  }
}

/** The errors of deliveries have `«name» (path)` for what they can name. */
function nameIn(error: string | null, path: string) {
  const before = error?.split(`» (${path})`)
  const from = before && before.length > 1 ? (before[0]?.lastIndexOf('«') ?? -1) : -1
  return from < 0 ? null : (before?.[0]?.slice(from + 1) ?? null)
}

function valueAt(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((found, key) => (Array.isArray(found) ? found[Number(key)] : asRecord(found)[key]), value)
}

function textOf(value: unknown) {
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function parse(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return null
  }
}

function asText(value: unknown) {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}
