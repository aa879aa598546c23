import { z } from 'zod'
import type { Clock } from '../control/clock.ts'
import { changeFields, checkFieldValues, fieldValuesShape, mergeFields } from '../fields/field-values.ts'
import { type Report, requestIdShape } from '../http/batch.ts'
import type { Card, EntityType, FilledField } from '../store/entities.ts'
import type { Store } from '../store/store.ts'
import { checkTags, findTags, saveTags, tagsShape } from './tags.ts'
import { checkAuthor } from './users.ts'

const unix = z.int().min(0)

// What was read can be sent back as it is, as amocrm-js does when it saves: it is taken and not acted upon.
const readOnly = z.unknown().optional()
const readOnlyKeys = {
  group_id: readOnly,
  source_id: readOnly,
  account_id: readOnly,
  is_deleted: readOnly,
  closest_task_at: readOnly,
  score: readOnly,
  labor_cost: readOnly,
  is_price_modified_by_robot: readOnly,
}

/** What leads, contacts and companies have in common when they are written. */
export const cardShape = {
  ...readOnlyKeys,
  name: z.string().optional(),
  responsible_user_id: z.int().optional(),
  created_by: z.int().optional(),
  updated_by: z.int().optional(),
  created_at: unix.optional(),
  updated_at: unix.optional(),
  custom_fields_values: fieldValuesShape,
  tags_to_add: tagsShape.optional(),
  request_id: requestIdShape,
}

const sentCard = z.object({
  ...cardShape,
  tags_to_delete: tagsShape.optional(),
  _embedded: z.object({ tags: tagsShape.nullish() }).nullish(),
})

type SentCard = z.infer<typeof sentCard>

/** Who writes, and when. */
export interface Author {
  userId: number
  clock: Clock
}

export function checkCard(store: Store, type: EntityType, sent: SentCard, report: Report): FilledField[] {
  if (sent.responsible_user_id !== undefined && !store.users.get(sent.responsible_user_id)) {
    report('NotSupportedChoice', 'responsible_user_id')
  }
  for (const key of ['created_by', 'updated_by'] as const) checkAuthor(store, sent[key], key, report)
  checkTags(store, type, sent.tags_to_add ?? [], 'tags_to_add', report)
  checkTags(store, type, sent._embedded?.tags ?? [], '_embedded.tags', report)
  return checkFieldValues(store, store.fields.under(type), sent.custom_fields_values, report)
}

export function newCard(
  store: Store,
  type: EntityType,
  id: number,
  sent: SentCard,
  fields: FilledField[],
  by: Author,
): Card {
  const now = by.clock.seconds()
  const created_at = sent.created_at ?? now
  return {
    id,
    name: sent.name ?? '',
    responsible_user_id: sent.responsible_user_id ?? by.userId,
    created_by: sent.created_by ?? by.userId,
    updated_by: sent.updated_by ?? sent.created_by ?? by.userId,
    created_at,
    updated_at: sent.updated_at ?? created_at,
    fields: mergeFields([], fields),
    tags: unique(saveTags(store, type, [...(sent._embedded?.tags ?? []), ...(sent.tags_to_add ?? [])])),
    touched_ms: by.clock.ms(),
    is_deleted: false,
    is_unsorted: false,
  }
}

export function changedCard<T extends Card>(
  store: Store,
  type: EntityType,
  before: T,
  sent: SentCard,
  fields: FilledField[],
  by: Author,
): T {
  return {
    ...before,
    name: sent.name ?? before.name,
    responsible_user_id: sent.responsible_user_id ?? before.responsible_user_id,
    updated_by: sent.updated_by ?? by.userId,
    created_at: sent.created_at ?? before.created_at,
    updated_at: sent.updated_at ?? by.clock.seconds(),
    fields: changeFields(store, before.fields, fields),
    tags: changedTags(store, type, before.tags, sent),
    touched_ms: by.clock.ms(),
  }
}

// A list under `_embedded` takes the place of all tags and `null` clears them; the other two are changes to the list.
function changedTags(store: Store, type: EntityType, before: number[], sent: SentCard): number[] {
  const embedded = sent._embedded?.tags
  const start = embedded === undefined ? before : saveTags(store, type, embedded ?? [])
  const removed = new Set(findTags(store, type, sent.tags_to_delete ?? []))
  return unique([...start, ...saveTags(store, type, sent.tags_to_add ?? [])]).filter((id) => !removed.has(id))
}

const unique = (ids: number[]) => [...new Set(ids)]
