import { z } from 'zod'
import { type Report, readShape, requestIdShape } from '../http/batch.ts'
import type { Field, FieldChoice } from '../store/entities.ts'
import { fieldOwnerKey, type Store } from '../store/store.ts'
import { choiceTypes, fieldPlaces } from './field-types.ts'

export interface FieldOwner {
  entity_type: Field['entity_type']
  catalog_id: number | null
}

const choiceShape = z.object({
  id: z.int().optional(),
  value: z.string(),
  sort: z.int().optional(),
  code: z.string().nullish(),
})

const fieldCore = {
  name: z.string().min(1),
  type: z.string(),
  code: z.string().nullish(),
  sort: z.int().optional(),
  is_api_only: z.boolean().optional(),
  enums: z.array(choiceShape).nullish(),
  nested: z.array(choiceShape).nullish(),
  currency: z.string().length(3).nullish(),
}

/** A field as a seed has it: everything else that the API shows is left out. */
export const seedFieldShape = z.object({ ...fieldCore, id: z.int().optional(), is_predefined: z.boolean().optional() })

const newFieldShape = z.strictObject({
  ...fieldCore,
  request_id: requestIdShape,
  // Taken and not acted upon.
  group_id: z.unknown().optional(),
  required_statuses: z.unknown().optional(),
  hidden_statuses: z.unknown().optional(),
  chained_lists: z.unknown().optional(),
  search_in: z.unknown().optional(),
  remind: z.unknown().optional(),
  settings: z.unknown().optional(),
  is_visible: z.unknown().optional(),
  is_required: z.unknown().optional(),
  tracking_callback: z.unknown().optional(),
})

type FieldDraft = z.infer<typeof newFieldShape>
type SeedField = z.infer<typeof seedFieldShape>

export const fieldsOf = (store: Store, owner: FieldOwner) => store.fields.under(fieldOwnerKey(owner))

export function checkNewField(store: Store, owner: FieldOwner, item: unknown, report: Report): FieldDraft | undefined {
  const sent = readShape(newFieldShape, item, report)
  if (!sent) return undefined
  if (!fieldPlaces[sent.type]?.includes(owner.entity_type)) report('NotSupportedChoice', 'type')
  if (choiceTypes.includes(sent.type) && !sent.enums?.length) report('FieldMissing', 'enums')
  if (sent.type === 'monetary' && !sent.currency) report('FieldMissing', 'currency')
  if (sent.code && fieldsOf(store, owner).some((field) => field.code === sent.code))
    report('NotSupportedChoice', 'code')
  return sent
}

export function createField(store: Store, owner: FieldOwner, sent: SeedField | FieldDraft): Field {
  const { id = store.fields.nextId(), is_predefined = false } = 'id' in sent ? sent : {}
  return store.fields.put({
    id,
    ...owner,
    name: sent.name,
    type: sent.type,
    code: sent.code ?? null,
    sort: sent.sort ?? fieldsOf(store, owner).length + 501,
    is_api_only: sent.is_api_only ?? false,
    is_predefined,
    choices: choicesOf(store, sent),
    currency: sent.currency ?? null,
  })
}

function choicesOf(store: Store, sent: SeedField | FieldDraft): FieldChoice[] | null {
  const choices = sent.enums ?? sent.nested
  if (!choices) return null
  const first = nextChoiceId(store)
  return choices.map((choice, index) => ({
    id: choice.id ?? first + index * 2,
    value: choice.value,
    sort: choice.sort ?? index + 1,
    code: choice.code ?? null,
  }))
}

function nextChoiceId(store: Store): number {
  const ids = store.fields.all().flatMap((field) => (field.choices ?? []).map((choice) => choice.id))
  return Math.max(193198, ...ids) + 2
}
