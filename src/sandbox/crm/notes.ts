import { z } from 'zod'
import { type Report, readShape, requestIdShape } from '../http/batch.ts'
import type { EntityType, Note } from '../store/entities.ts'
import type { Store } from '../store/store.ts'
import type { Author } from './cards.ts'
import { checkAuthor } from './users.ts'

const noteShape = z.strictObject({
  entity_id: z.int().optional(),
  note_type: z.string(),
  params: z.record(z.string(), z.unknown()),
  created_by: z.int().optional(),
  responsible_user_id: z.int().optional(),
  created_at: z.int().optional(),
  is_need_to_trigger_digital_pipeline: z.boolean().optional(),
  request_id: requestIdShape,
})

const text = z.string()
const service = z.strictObject({ service: text, text })
const message = z.strictObject({ text, phone: text })
const call = z.strictObject({
  uniq: text,
  duration: z.int(),
  source: text,
  link: text.optional(),
  phone: text,
  call_responsible: z.union([text, z.int()]).optional(),
})

/** The types that can be written, with their `params`. */
const writable: Record<string, z.ZodType<Record<string, unknown>>> = {
  common: z.strictObject({ text }),
  service_message: service,
  extended_service_message: service,
  call_in: call,
  call_out: call,
  message_cashier: z.strictObject({ status: z.enum(['created', 'shown', 'canceled']), text }),
  geolocation: z.strictObject({ text, address: text, longitude: text, latitude: text }),
  sms_in: message,
  sms_out: message,
  attachment: z.strictObject({ file_uuid: text, file_name: text, version_uuid: text.optional() }),
}

interface NoteDraft {
  sent: z.infer<typeof noteShape>
  entity_id: number
}

export function checkNewNote(
  store: Store,
  type: EntityType,
  entityId: number | undefined,
  item: unknown,
  report: Report,
): NoteDraft | undefined {
  const sent = readShape(noteShape, item, report)
  if (!sent) return undefined
  const entity_id = entityId ?? sent.entity_id ?? 0
  if (entityId === undefined && sent.entity_id === undefined) report('FieldMissing', 'entity_id')
  else if (!store[type].get(entity_id)) report('NotSupportedChoice', 'entity_id')
  for (const key of ['created_by', 'responsible_user_id'] as const) checkAuthor(store, sent[key], key, report)
  const params = writable[sent.note_type]
  if (params) readShape(params, sent.params, report, ['params'])
  else report('NotSupportedChoice', 'note_type')
  return { sent, entity_id }
}

export function createNote(store: Store, type: EntityType, { sent, entity_id }: NoteDraft, by: Author): Note {
  const created_at = sent.created_at ?? by.clock.seconds()
  return store.notes.put({
    id: store.notes.nextId(),
    entity_type: type,
    entity_id,
    note_type: sent.note_type,
    params: sent.params,
    responsible_user_id: sent.responsible_user_id ?? by.userId,
    created_by: sent.created_by ?? by.userId,
    created_at,
    updated_at: created_at,
  })
}
