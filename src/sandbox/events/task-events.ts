import { actionOf } from '../crm/changes.ts'
import type { Task } from '../store/entities.ts'
import { changed, type Happening } from './happening.ts'

export function taskEvents(before: Task | null, after: Task | null, actor: number): Happening[] {
  const task = after ?? before
  const action = actionOf({ before, after })
  if (!task || !action) return []
  const place = { entity_type: 'task', entity_id: task.id, created_by: after?.updated_by ?? actor }
  const bare = { ...place, value_before: [], value_after: [] }
  if (action === 'delete') return [{ ...bare, type: 'task_deleted' }]
  if (!before || !after) return [{ ...bare, type: 'task_added' }]
  return [
    ...changed('task_text_changed', place, before.text, after.text, (text) => ({ task: { text } })),
    ...changed('task_type_changed', place, before.task_type_id, after.task_type_id, (id) => ({ task_type: { id } })),
    ...changed('task_deadline_changed', place, before.complete_till, after.complete_till, (timestamp) => ({
      task_deadline: { timestamp },
    })),
    ...changed('entity_responsible_changed', place, before.responsible_user_id, after.responsible_user_id, (id) => ({
      responsible_user: { id },
    })),
    // The result is a note; a task has one at most, so the task's number does for it.
    ...(after.result !== before.result
      ? [{ ...bare, type: 'task_result_added', value_after: [{ note: { id: after.id } }] }]
      : []),
    ...(after.is_completed && !before.is_completed ? [{ ...bare, type: 'task_completed' }] : []),
  ]
}
