import { createFieldFinder, type FieldReference, type FieldTarget } from '../mapping/amo-fields.mapper.ts'
import { type Form, isConstant, isQuoting, type Mapping } from '../mapping/form.ts'
import { type SystemField, targetsOf } from '../mapping/mapped-values.ts'
import type { CrmField } from '../mapping/plan.ts'
import type { Setup } from './facts.ts'

/** One name in a `mapped_id`, and the field behind it. */
export interface MappedTarget {
  formName: string
  form: Form
  /** The order's field, or the constant. */
  source: string
  mapping: Mapping
  /** Path of its keys in request.mapper. */
  where: string
  /** Our name of the field, from amo-fields.mapper. */
  name: string
  reference: FieldReference
  found: FieldTarget | null
}

export interface SystemTarget extends Pick<MappedTarget, 'form' | 'source' | 'mapping' | 'where'> {
  system: SystemField
}

/** Everything that the forms map to. */
export function mappedTargets({ forms, amoFields }: Setup['rules'], accountFields: CrmField[]) {
  const findField = createFieldFinder(accountFields)
  const fields: MappedTarget[] = []
  const system: SystemTarget[] = []
  for (const [formName, form] of Object.entries(forms)) {
    for (const [source, mapping] of Object.entries(form.mapping)) {
      const where = `forms.${formName}.mapping.${source}`
      for (const target of targetsOf(mapping, { amoFields, findField })) {
        if (target.system) system.push({ form, source, mapping, where, system: target.system })
        else fields.push({ formName, form, source, mapping, where, ...target })
      }
    }
  }
  return { fields, system, findField }
}

/** What the settings themselves put into the field: constants, meanings of the order's words, and defaults. */
export function ownValues({ source, mapping }: Pick<MappedTarget, 'source' | 'mapping'>): string[] {
  const values = [...(isConstant(source) ? [mapping.value] : Object.values(mapping.values ?? {})), mapping.default]
  const isKnown = (value: string | undefined) => value !== undefined && value.trim() !== '' && !isQuoting(value)
  return [...new Set(values.filter(isKnown).map(String))]
}
