import { z } from 'zod'
import { settingsOf } from '../control/settings.ts'
import { type Report, readShape, requestIdShape } from '../http/batch.ts'
import { paymentRequired } from '../http/problems.ts'
import type { Field, FieldChoice } from '../store/entities.ts'
import type { FieldExtras } from '../store/setup-entities.ts'
import { fieldOwnerKey, type Store } from '../store/store.ts'
import { canLiveIn } from './field-places.ts'

export interface FieldOwner {
  entity_type: Field['entity_type']
  catalog_id: number | null
}

const choiceShape = z.strictObject({
  id: z.int().nullish(),
  value: z.string().min(1),
  sort: z.int().nullish(),
  code: z.string().nullish(),
  parent_id: z.int().nullish(),
})

const stages = z.array(z.strictObject({ status_id: z.int(), pipeline_id: z.int() })).nullish()

const extras = {
  is_required: z.boolean().optional(),
  is_visible: z.boolean().optional(),
  settings: z.unknown().optional(),
  group_id: z.string().nullish(),
  required_statuses: stages,
  hidden_statuses: stages,
  chained_lists: z
    .array(
      z.strictObject({
        title: z.string().nullish(),
        catalog_id: z.int(),
        parent_catalog_id: z.int().nullish(),
      }),
    )
    .nullish(),
  search_in: z.string().nullish(),
  remind: z.enum(['never', 'day', 'week', 'month']).nullish(),
  tracking_callback: z.string().nullish(),
}

const settable = {
  code: z.string().nullish(),
  sort: z.int().optional(),
  is_api_only: z.boolean().optional(),
  enums: z.array(choiceShape).nullish(),
  nested: z.array(choiceShape).nullish(),
  currency: z.string().length(3).nullish(),
  ...extras,
}

const core = { name: z.string().min(1), type: z.string(), ...settable }

/** A field as a seed has it: what else the API shows is passed over. */
export const seedFieldShape = z.object({ ...core, id: z.int().optional(), is_predefined: z.boolean().optional() })

const newFieldShape = z.strictObject({ ...core, request_id: requestIdShape })
const changedFieldShape = z.strictObject({
  ...settable,
  id: z.int().optional(),
  name: z.string().min(1).optional(),
  type: z.string().optional(),
  request_id: requestIdShape,
})

type NewField = z.infer<typeof newFieldShape>
type ChangedField = z.infer<typeof changedFieldShape>
type SeedField = z.infer<typeof seedFieldShape>

export const fieldsOf = (store: Store, owner: FieldOwner) => store.fields.under(fieldOwnerKey(owner))

export function checkNewField(store: Store, owner: FieldOwner, item: unknown, report: Report): NewField | undefined {
  const sent = readShape(newFieldShape, item, report)
  if (!sent) return undefined
  if (!canLiveIn(sent.type, owner.entity_type)) report('NotSupportedChoice', 'type')
  if (isPaid(sent.type) && !settingsOf(store).super_fields) throw paymentRequired()
  const needed = neededBy.get(sent.type)
  if (needed && !hasSomething(sent[needed])) report('FieldMissing', needed)
  checkReferences(store, owner, sent, report)
  return sent
}

export function checkChangedField(
  store: Store,
  owner: FieldOwner,
  id: number | undefined,
  item: unknown,
  report: Report,
): { before: Field; sent: ChangedField } | undefined {
  const sent = readShape(changedFieldShape, item, report)
  if (!sent) return undefined
  const known = id ?? sent.id
  const before = fieldsOf(store, owner).find((field) => field.id === known)
  if (!before) return void report(known === undefined ? 'FieldMissing' : 'NotSupportedChoice', 'id')
  if (sent.type !== undefined && sent.type !== before.type) report('NotSupportedChoice', 'type')
  const ids = new Set((before.choices ?? []).map((choice) => choice.id))
  for (const [index, { id }] of (sent.enums ?? []).entries()) {
    if (typeof id === 'number' && !ids.has(id)) report('NotSupportedChoice', `enums.${index}.id`)
  }
  checkReferences(store, owner, sent, report, before)
  return { before, sent }
}

export function createField(store: Store, owner: FieldOwner, sent: SeedField | NewField): Field {
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
    choices: choicesOf(store, sent.type, sent),
    currency: sent.currency ?? null,
    more: extrasOf(sent),
  })
}

/** A list of choices that was sent takes the place of the old one. */
export function changeField(store: Store, before: Field, sent: ChangedField): Field {
  return store.fields.put({
    ...before,
    name: sent.name ?? before.name,
    code: sent.code === undefined ? before.code : sent.code,
    sort: sent.sort ?? before.sort,
    is_api_only: sent.is_api_only ?? before.is_api_only,
    choices: choicesOf(store, before.type, sent) ?? before.choices,
    currency: sent.currency ?? before.currency,
    more: { ...before.more, ...extrasOf(sent) },
  })
}

/** What has to be sent with a new field of some types. */
const neededBy = new Map<string, 'enums' | 'currency' | 'search_in' | 'chained_lists'>([
  ['select', 'enums'],
  ['multiselect', 'enums'],
  ['radiobutton', 'enums'],
  ['monetary', 'currency'],
  ['linked_entity', 'search_in'],
  ['chained_list', 'chained_lists'],
])

const withChoices = ['select', 'multiselect', 'radiobutton', 'multitext', 'category']

const isPaid = (type: string) => type === 'monetary' || type === 'chained_list'
const hasSomething = (value: unknown) => (Array.isArray(value) ? value.length > 0 : Boolean(value))

function checkReferences(store: Store, owner: FieldOwner, sent: ChangedField, report: Report, before?: Field) {
  const isTaken = fieldsOf(store, owner).some((field) => field.code === sent.code && field.id !== before?.id)
  if (sent.code && isTaken) report('NotSupportedChoice', 'code')
  if (sent.group_id && store.groups.get(sent.group_id)?.entity_type !== owner.entity_type) {
    report('NotSupportedChoice', 'group_id')
  }
  for (const [index, { catalog_id }] of (sent.chained_lists ?? []).entries()) {
    if (!store.catalogs.get(catalog_id)) report('NotSupportedChoice', `chained_lists.${index}.catalog_id`)
  }
  for (const key of ['required_statuses', 'hidden_statuses'] as const) {
    for (const [index, { pipeline_id, status_id }] of (sent[key] ?? []).entries()) {
      const statuses = store.pipelines.get(pipeline_id)?.statuses ?? []
      if (!statuses.some(({ id }) => id === status_id)) report('NotSupportedChoice', `${key}.${index}.status_id`)
    }
  }
}

function extrasOf(sent: ChangedField | SeedField): FieldExtras {
  const keys = Object.keys(extras) as (keyof typeof extras)[]
  return Object.fromEntries(keys.flatMap((key) => (sent[key] === undefined ? [] : [[key, sent[key]]])))
}

function choicesOf(store: Store, type: string, sent: ChangedField | SeedField): FieldChoice[] | null {
  const choices = sent.enums ?? sent.nested
  if (!choices || !withChoices.includes(type)) return null
  const first = nextChoiceId(store)
  return choices.map((choice, index) => ({
    id: choice.id ?? first + index * 2,
    value: choice.value,
    sort: choice.sort ?? index + 1,
    code: choice.code ?? null,
    ...(choice.parent_id ? { parent_id: choice.parent_id } : {}),
  }))
}

function nextChoiceId(store: Store): number {
  const ids = store.fields.all().flatMap((field) => (field.choices ?? []).map((choice) => choice.id))
  return Math.max(193198, ...ids) + 2
}
