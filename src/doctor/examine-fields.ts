import { describeReference, type FieldTarget } from '../mapping/amo-fields.mapper.ts'
import { completeValues, convertValue, describeField, mergeValues } from '../mapping/field-values.ts'
import { parseNumber } from '../mapping/numbers.ts'
import type { ApiValue, CrmAccount, CrmField } from '../mapping/plan.ts'
import { addressLines } from '../mapping/values/addresses.ts'
import { namesOfKeys } from '../mapping/values/legal-entities.ts'
import type { Setup } from './facts.ts'
import { error, type Finding, warning } from './finding.ts'
import { type MappedTarget, mappedTargets, ownValues, type SystemTarget } from './mapped-targets.ts'

/** Whether each mapped field is there and can hold what is mapped to it. */
export function examineFields(account: CrmAccount, { rules }: Pick<Setup, 'rules'>): Finding[] {
  const { fields, system } = mappedTargets(rules, account.fields)
  return [
    ...fields.flatMap((target) => examineTarget(target, account)),
    ...system.flatMap(examinePrice),
    ...findNameless(fields, account),
  ]
}

function examineTarget(target: MappedTarget, account: CrmAccount): Finding[] {
  const { found, name, reference, where } = target
  if (!found) return [error('field_missing', { where, field: describeReference(name, reference) })]
  const field = describeField(found.field, name)
  const unfillable = findUnfillable(found, { where, field }, account)
  if (unfillable) return [unfillable]
  const idle = findIdle(target, found.field, { where, field })
  const part = examinePart(found, { where, field }, account)
  const values = part ? [] : ownValues(target).flatMap((value) => examineValue(value, found, target, account))
  return [...(idle ? [idle] : []), ...(part ? [part] : []), ...values]
}

type Place = { where: string; field: string }

function findUnfillable(found: FieldTarget, place: Place, account: CrmAccount): Finding | null {
  const { problem } = convertValue(found, place.field, '1', account)
  if (problem?.code === 'field_computed') return error('field_computed', place)
  return problem?.code === 'field_type' ? error('field_unfillable', { ...place, type: found.field.type }) : null
}

/** Cards that the form does not make have nothing to hold a value. */
function findIdle({ form }: MappedTarget, { entity }: CrmField, place: Place): Finding | null {
  if (entity === 'contacts' && !form.entities_create.includes('contact')) return error('field_without_contact', place)
  if (entity === 'companies' && !form.entities_create.includes('company')) return error('field_without_company', place)
  return null
}

const typesWithParts = ['multitext', 'smart_address', 'legal_entity']
const partUnknown = ['value_kind_unknown', 'value_keys_unknown']

function examinePart(found: FieldTarget, place: Place, account: CrmAccount): Finding | null {
  const { part, field } = found
  if (part === null) return null
  if (!typesWithParts.includes(field.type)) return warning('part_idle', { ...place, part })
  const { problem } = convertValue(found, place.field, sampleOf(found), account)
  if (!problem || !partUnknown.includes(problem.code)) return null
  return error('part_missing', { ...place, part, known: partsOf(field).join(', ') || '—' })
}

function partsOf({ type, choices }: CrmField) {
  if (type === 'smart_address') return addressLines
  if (type === 'legal_entity')
    return Object.entries(namesOfKeys).map(([key, [name]]) => (name ? `${key} (${name})` : key))
  return choices.map(({ code, value }) => code ?? value)
}

/** A text that every part takes. */
function sampleOf({ part }: FieldTarget) {
  return part?.toLowerCase() === 'country' ? 'RU' : '1'
}

function examineValue(
  value: string,
  found: FieldTarget,
  { where, name }: MappedTarget,
  account: CrmAccount,
): Finding[] {
  const { values, problem } = convertValue(found, name, value, account)
  if (!problem) return []
  const params = { where, field: describeField(found.field, name), value }
  return [values.length > 0 ? warning('value_changed', params, problem) : error('value_unfit', params, problem)]
}

function examinePrice({ system, source, mapping, where }: SystemTarget): Finding[] {
  if (system !== 'lead_price') return []
  const unfit = ownValues({ source, mapping }).filter((value) => parseNumber(value) === null)
  return unfit.map((value) => error('price_unfit', { where, value }))
}

/** amoCRM takes no legal entity without a name, so one target of it has to be the name. */
function findNameless(targets: MappedTarget[], account: CrmAccount): Finding[] {
  const legal = targets.filter(({ found }) => found?.field.type === 'legal_entity')
  const byPlace = Map.groupBy(legal, ({ formName, found }) => `${formName} ${found?.field.entity} ${found?.field.id}`)
  return [...byPlace.values()].flatMap((several) => {
    const [first] = several
    if (!first?.found) return []
    const { field } = first.found
    const values = several.reduce<ApiValue[]>((earlier, { found, name }) => {
      const later = found ? convertValue(found, name, sampleOf(found), account).values : []
      return mergeValues(field.type, earlier, later)
    }, [])
    const { problem } = completeValues(first.found, first.name, values, '')
    return problem
      ? [error('legal_entity_nameless', { form: first.formName, field: describeField(field, first.name) })]
      : []
  })
}
