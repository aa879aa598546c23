import type { CrmField, FieldValue, MappingWarning } from './plan.ts'

/** How amo-fields.mapper names a field of the account. */
export type FieldReference = { id: number } | { name: string } | { code: string }

/** The API refuses a longer text. */
const textLimit = 256

const textTypes: ReadonlySet<string> = new Set(['text', 'textarea', 'url', 'streetaddress', 'tracking_data'])

type Placed = { value: FieldValue; warning?: MappingWarning } | { value?: never; warning: MappingWarning }

/** Puts a text into one of the lead's fields, as far as it fits; what does not is told in the warning. */
export function placeText(field: string, reference: FieldReference, text: string, crmFields: CrmField[]): Placed {
  const crmField = crmFields.find((candidate) => refersTo(reference, candidate))
  if (!crmField) return { warning: { code: 'field_unknown', params: { field: nameOf(field, reference), value: text } } }
  if (!textTypes.has(crmField.type)) {
    return { warning: { code: 'field_type', params: { field: crmField.name, type: crmField.type, value: text } } }
  }
  const value = { field, fieldId: crmField.id, value: text }
  const characters = Array.from(text)
  if (crmField.type === 'textarea' || characters.length <= textLimit) return { value }
  return {
    value: { ...value, value: characters.slice(0, textLimit).join('') },
    warning: { code: 'field_cut', params: { field: crmField.name, limit: String(textLimit), value: text } },
  }
}

function refersTo(reference: FieldReference, field: CrmField) {
  if ('id' in reference) return field.id === reference.id
  if ('code' in reference) return field.code !== null && field.code === reference.code
  return field.name === reference.name
}

/** How a person finds the field again: our name of it and what stands behind it. */
function nameOf(field: string, reference: FieldReference) {
  return `${field} (${Object.entries(reference).flat().join(' ')})`
}
