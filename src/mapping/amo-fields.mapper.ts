import { looseText } from './loose-text.ts'
import type { CrmField, Entity } from './plan.ts'

/**
 * How amo-fields.mapper names a field of the account: by `code` (`CODE`, `ENTITY.CODE` or `ENTITY.CODE.PART`), by `id` or
 * by `name`. Where several are given, the first that is found counts.
 */
export interface FieldReference {
  id?: number | undefined
  name?: string | undefined
  code?: string | undefined
  /** Leads, contacts and companies are searched in this order; this says which alone. */
  entity?: Entity | undefined
  /** The kind of a phone or an e-mail, the line of an address, the key of a legal entity: `WORK`, `city`, `vat_id`. */
  part?: string | undefined
}

export interface FieldTarget {
  field: CrmField
  part: string | null
}

/** How a person finds the field again: our name of it and what stands behind it. */
export function describeReference(name: string, reference: FieldReference) {
  return `${name} (${Object.entries(reference).flat().join(' ')})`
}

export const entities: Entity[] = ['leads', 'contacts', 'companies']

/** Indexes an account's fields. What is found gives null where the account has no such field. */
export function createFieldFinder(fields: CrmField[]): (reference: FieldReference) => FieldTarget | null {
  const codes = indexBy(fields, ({ code }) => code?.toUpperCase())
  const ids = indexBy(fields, ({ id }) => String(id))
  const names = indexBy(fields, ({ name }) => name)
  const looseNames = indexBy(fields, ({ name }) => looseText(name))

  return (reference) => {
    const { code, id, name, entity, part = null } = reference
    const searched = entity ? [entity] : entities
    const byCode = code === undefined ? null : findByCode(codes, code, searched)
    if (byCode) return { field: byCode.field, part: part ?? byCode.part }
    const field =
      (id !== undefined && find(ids, String(id), searched)) ||
      (name !== undefined && (find(names, name, searched) ?? find(looseNames, looseText(name), searched)))
    return field ? { field, part } : null
  }
}

type Index = Map<string, CrmField>

/** The first of several fields counts. */
function indexBy(fields: CrmField[], keyOf: (field: CrmField) => string | undefined): Index {
  const index: Index = new Map()
  for (const field of fields) {
    const key = keyOf(field)
    if (key && !index.has(`${field.entity} ${key}`)) index.set(`${field.entity} ${key}`, field)
  }
  return index
}

function find(index: Index, key: string, searched: Entity[]): CrmField | null {
  for (const entity of searched) {
    const field = index.get(`${entity} ${key}`)
    if (field) return field
  }
  return null
}

/** A code may hold dots itself, so it is tried as it stands before it is taken apart. */
function findByCode(codes: Index, written: string, searched: Entity[]): FieldTarget | null {
  const code = written.trim().toUpperCase()
  const asWritten = find(codes, code, searched)
  if (asWritten) return { field: asWritten, part: null }
  const [word = '', ...rest] = code.split('.')
  const named = searched.filter((entity) => entity.toUpperCase() === word)
  const whole = find(codes, rest.join('.'), named)
  if (whole) return { field: whole, part: null }
  const part = rest.pop()
  const field = find(codes, rest.join('.'), named)
  return field && part ? { field, part } : null
}
