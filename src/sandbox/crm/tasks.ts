import { z } from 'zod'
import { type Report, readShape, requestIdShape } from '../http/batch.ts'
import { type EntityType, entityTypes, type Task } from '../store/entities.ts'
import { live } from '../store/live.ts'
import type { Store } from '../store/store.ts'
import type { Author } from './cards.ts'
import { checkAuthor } from './users.ts'

const unix = z.int().min(0)

const optional = {
  task_type_id: z.int().optional(),
  entity_id: z.int().nullish(),
  entity_type: z.string().nullish(),
  responsible_user_id: z.int().optional(),
  is_completed: z.boolean().optional(),
  duration: z.int().min(0).optional(),
  // An empty result is read back as [], so it may come so too.
  result: z.union([z.strictObject({ text: z.string().min(1) }), z.array(z.never())]).nullish(),
  created_by: z.int().optional(),
  updated_by: z.int().optional(),
  created_at: unix.optional(),
  updated_at: unix.optional(),
  request_id: requestIdShape,
}

const newTaskShape = z.strictObject({ ...optional, text: z.string().min(1), complete_till: unix })
const changedTaskShape = z.strictObject({
  ...optional,
  id: z.int().optional(),
  text: z.string().min(1).optional(),
  complete_till: unix.optional(),
})

type NewTask = z.infer<typeof newTaskShape>
type ChangedTask = z.infer<typeof changedTaskShape>

const taskTypes = [1, 2]

export function checkNewTask(store: Store, item: unknown, report: Report): NewTask | undefined {
  const sent = readShape(newTaskShape, item, report)
  if (sent) checkChoices(store, sent, report)
  return sent
}

export function checkChangedTask(store: Store, id: number | undefined, item: unknown, report: Report) {
  const sent = readShape(changedTaskShape, item, report)
  if (!sent) return undefined
  const before = store.tasks.get(id ?? sent.id ?? 0)
  if (!before) {
    report(sent.id === undefined ? 'FieldMissing' : 'NotSupportedChoice', 'id')
    return undefined
  }
  checkChoices(store, sent, report)
  return { before, sent }
}

export function createTask(store: Store, sent: NewTask, by: Author): Task {
  const created_at = sent.created_at ?? by.clock.seconds()
  const created_by = sent.created_by ?? by.userId
  return store.tasks.put({
    id: store.tasks.nextId(),
    text: sent.text,
    task_type_id: sent.task_type_id ?? 1,
    complete_till: sent.complete_till,
    duration: sent.duration ?? 0,
    is_completed: sent.is_completed ?? false,
    result: resultOf(sent) ?? null,
    ...(entityOf(sent) ?? { entity_type: null, entity_id: null }),
    responsible_user_id: sent.responsible_user_id ?? by.userId,
    created_by,
    updated_by: sent.updated_by ?? created_by,
    created_at,
    updated_at: sent.updated_at ?? created_at,
  })
}

export function changeTask(store: Store, before: Task, sent: ChangedTask, by: Author): Task {
  return store.tasks.put({
    ...before,
    text: sent.text ?? before.text,
    task_type_id: sent.task_type_id ?? before.task_type_id,
    complete_till: sent.complete_till ?? before.complete_till,
    duration: sent.duration ?? before.duration,
    is_completed: sent.is_completed ?? before.is_completed,
    result: resultOf(sent) ?? before.result,
    ...entityOf(sent),
    responsible_user_id: sent.responsible_user_id ?? before.responsible_user_id,
    updated_by: sent.updated_by ?? by.userId,
    updated_at: sent.updated_at ?? by.clock.seconds(),
  })
}

/** Until when the most urgent task about an entity is to be done. */
export function closestTask(store: Store, type: EntityType, id: number): number | null {
  const open = store.tasks.under(`${type}:${id}`).filter(({ is_completed }) => !is_completed)
  return open.length === 0 ? null : Math.min(...open.map(({ complete_till }) => complete_till))
}

function checkChoices(store: Store, sent: ChangedTask, report: Report) {
  if (sent.task_type_id !== undefined && !taskTypes.includes(sent.task_type_id))
    report('NotSupportedChoice', 'task_type_id')
  if (sent.responsible_user_id !== undefined && !store.users.get(sent.responsible_user_id))
    report('NotSupportedChoice', 'responsible_user_id')
  for (const key of ['created_by', 'updated_by'] as const) checkAuthor(store, sent[key], key, report)
  checkEntity(store, sent, report)
}

function checkEntity(store: Store, { entity_type, entity_id }: ChangedTask, report: Report) {
  const type = entityTypes.find((each) => each === entity_type)
  if (entity_type && !type) return report('NotSupportedChoice', 'entity_type')
  if (entity_id && !type) return report('FieldMissing', 'entity_type')
  if (type && !entity_id) return report('FieldMissing', 'entity_id')
  if (type && entity_id && !live(store, type, entity_id)) report('NotSupportedChoice', 'entity_id')
}

/** What the task is about, where that was sent; `entity_id: null` makes it about nothing. */
function entityOf({ entity_type, entity_id }: ChangedTask) {
  if (entity_id === undefined && entity_type === undefined) return undefined
  const type = entityTypes.find((each) => each === entity_type) ?? null
  return { entity_type: type, entity_id: type && (entity_id ?? null) }
}

function resultOf({ result }: ChangedTask): string | undefined {
  return result && !Array.isArray(result) ? result.text : undefined
}
