import type { FieldReference, FieldTarget } from '../mapping/amo-fields.mapper.ts'
import { describeField, isJoined } from '../mapping/field-values.ts'
import { looseText } from '../mapping/loose-text.ts'
import type { CrmAccount, CrmField, Translate } from '../mapping/plan.ts'
import { addressLines } from '../mapping/values/addresses.ts'
import type { Setup } from './facts.ts'
import { type Finding, ok, warning } from './finding.ts'
import { type MappedTarget, mappedTargets } from './mapped-targets.ts'

/** What the names in amo-fields.mapper mean in this account, and whether it is one thing. */
export function examineNames(account: CrmAccount, { rules }: Pick<Setup, 'rules'>): Finding[] {
  const { fields, findField } = mappedTargets(rules, account.fields)
  const entityOf = ({ entity }: CrmField) => rules.translate(`doctor.entity.${entity}`)
  return [
    ...findNamesakes(fields, account.fields, entityOf),
    ...findOverwritten(fields),
    ...findSharedNames(rules.amoFields, findField),
    ...findUnused(rules, findField),
    ...Object.keys(rules.forms).map((form) => listFound(form, fields, rules.translate)),
  ]
}

type EntityOf = (field: CrmField) => string

/** Other fields that the same name could mean. Those of leads come before those of contacts, and these before those of companies. */
function findNamesakes(targets: MappedTarget[], fields: CrmField[], entityOf: EntityOf): Finding[] {
  const byName = new Map(targets.map((target) => [target.name, target]))
  return [...byName.values()].flatMap(({ name, reference, found }) => {
    if (!found) return []
    const isMeant = meaning(reference, found.field)
    const others = fields.filter((other) => other !== found.field && isMeant(other))
    const list = others.map((other) => `«${other.name}» (${entityOf(other)}, ${other.id})`).join(', ')
    const params = {
      field: describeField(found.field, name),
      id: String(found.field.id),
      entity: entityOf(found.field),
      others: list,
    }
    if (others.some(({ entity }) => entity === found.field.entity)) return [warning('field_ambiguous', params)]
    return others.length > 0 ? [ok('field_elsewhere_too', params)] : []
  })
}

/** Which fields a reference means by the word by which it has found one. */
function meaning({ code, id, name, entity }: FieldReference, found: CrmField) {
  const isSearched = (field: CrmField) => entity === undefined || field.entity === entity
  const isSame = (one: string, other: string) => one.trim().toUpperCase() === other.trim().toUpperCase()
  if (code !== undefined && found.code !== null && isSame(code, found.code))
    return (field: CrmField) => isSearched(field) && field.code !== null && isSame(field.code, code)
  if (id !== found.id && name !== undefined && looseText(name) === looseText(found.name))
    return (field: CrmField) => isSearched(field) && looseText(field.name) === looseText(name)
  return () => false
}

/** Values of one order that replace each other. */
function findOverwritten(targets: MappedTarget[]): Finding[] {
  const single = targets.filter(({ found }) => found && !isJoined(found.field.type))
  const byPlace = Map.groupBy(single, ({ formName, found }) => `${formName} ${found?.field.entity} ${found?.field.id}`)
  return [...byPlace.values()].flatMap(([first, ...others]) => {
    if (!first?.found || others.length === 0) return []
    const sources = [first, ...others].map(({ source }) => source).join(', ')
    return [
      warning('field_overwritten', {
        form: first.formName,
        field: describeField(first.found.field, first.name),
        sources,
      }),
    ]
  })
}

type FindField = (reference: FieldReference) => FieldTarget | null

function findSharedNames(amoFields: Record<string, FieldReference>, findField: FindField): Finding[] {
  const found = Object.entries(amoFields).flatMap(([name, reference]) => {
    const target = findField(reference)
    return target ? [{ name, ...target }] : []
  })
  const byPlace = Map.groupBy(found, ({ field, part }) => `${field.entity} ${field.id} ${part}`)
  return [...byPlace.values()].flatMap(([first, ...others]) => {
    if (!first || others.length === 0) return []
    return [
      ok('field_named_twice', {
        field: first.field.name,
        names: [first, ...others].map(({ name }) => name).join(', '),
      }),
    ]
  })
}

function findUnused({ forms, amoFields }: Setup['rules'], findField: FindField): Finding[] {
  const used = new Set(
    Object.values(forms).flatMap(({ mapping }) => Object.values(mapping).flatMap((m) => m.mapped_id)),
  )
  const unused = Object.entries(amoFields).filter(([name]) => !used.has(name))
  const list = (names: typeof unused) => names.map(([name]) => name).join(', ')
  const missing = unused.filter(([, reference]) => !findField(reference))
  const there = unused.filter(([, reference]) => findField(reference))
  return [
    ...(missing.length > 0 ? [warning('names_missing', { names: list(missing) })] : []),
    ...(there.length > 0 ? [ok('names_unused', { names: list(there) })] : []),
  ]
}

function listFound(form: string, targets: MappedTarget[], translate: Translate): Finding {
  const found = targets.flatMap(({ formName, source, found: target }) =>
    formName === form && target ? [`${source} → ${describeTarget(target, translate)}`] : [],
  )
  return ok('fields_found', { form, count: String(found.length), list: found.join('; ') || '—' })
}

function describeTarget({ field, part }: FieldTarget, translate: Translate) {
  const whole = part === null ? field.name : `${field.name}: ${nameOfPart(part, translate)}`
  return `«${whole}» (${translate(`doctor.entity.${field.entity}`)})`
}

/** The lines of an address have no names of their own; everything else goes by the word that the settings have. */
function nameOfPart(part: string, translate: Translate) {
  const line = part.trim().toLowerCase()
  return addressLines.includes(line) ? translate(`doctor.part.${line}`) : part
}
