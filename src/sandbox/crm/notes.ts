import { z } from 'zod'
import { settingsOf } from '../control/settings.ts'
import { type Report, readShape, requestIdShape } from '../http/batch.ts'
import type { EntityType, Note } from '../store/entities.ts'
import { live } from '../store/live.ts'
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
const writable = new Map<string, z.ZodType<Record<string, unknown>>>([
  ['common', z.strictObject({ text })],
  ['service_message', service],
  ['extended_service_message', service],
  ['call_in', call],
  ['call_out', call],
  ['message_cashier', z.strictObject({ status: z.enum(['created', 'shown', 'canceled']), text })],
  ['geolocation', z.strictObject({ text, address: text, longitude: text, latitude: text })],
  ['sms_in', message],
  ['sms_out', message],
  ['attachment', z.strictObject({ file_uuid: text, file_name: text, version_uuid: text.optional() })],
])

const changedNoteShape = z.strictObject({
  id: z.int().optional(),
  entity_id: z.int().optional(),
  note_type: z.string().optional(),
  params: z.record(z.string(), z.unknown()).optional(),
  responsible_user_id: z.int().optional(),
  updated_by: z.int().optional(),
  request_id: requestIdShape,
})

type ChangedNote = z.infer<typeof changedNoteShape>

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
  else if (!live(store, type, entity_id)) report(settingsOf(store).note_entity_code, 'entity_id')
  for (const key of ['created_by', 'responsible_user_id'] as const) checkAuthor(store, sent[key], key, report)
  checkParams(store, sent.note_type, sent.params, report)
  return { sent, entity_id }
}

/** Changes to one of the given notes, which the address or the item names. */
export function checkChangedNote(store: Store, notes: Note[], id: number | undefined, item: unknown, report: Report) {
  const sent = readShape(changedNoteShape, item, report)
  if (!sent) return undefined
  const known = id ?? sent.id
  const before = notes.some((note) => note.id === known) ? store.notes.get(known ?? 0) : undefined
  if (!before) return void report(known === undefined ? 'FieldMissing' : 'NotSupportedChoice', 'id')
  checkAuthor(store, sent.updated_by, 'updated_by', report)
  checkAuthor(store, sent.responsible_user_id, 'responsible_user_id', report)
  checkParams(store, sent.note_type ?? before.note_type, sent.params ?? before.params, report)
  return { before, sent }
}

function checkParams(store: Store, type: string, params: Record<string, unknown>, report: Report) {
  const shape = writable.get(type)
  if (!shape) return report('NotSupportedChoice', 'note_type')
  const longest = settingsOf(store).note_text_max
  const read = readShape(shape, params, report, ['params'])
  if (longest !== null && [...String(read?.['text'] ?? '')].length > longest) report('TooLong', 'params.text')
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

export function changeNote(store: Store, before: Note, sent: ChangedNote, by: Author): Note {
  return store.notes.put({
    ...before,
    note_type: sent.note_type ?? before.note_type,
    params: sent.params ?? before.params,
    responsible_user_id: sent.responsible_user_id ?? before.responsible_user_id,
    updated_by: sent.updated_by ?? by.userId,
    updated_at: by.clock.seconds(),
  })
}
