import { type AccountChange, actionOf } from '../crm/changes.ts'
import type { Notice } from './notices.ts'

/** What a trigger of the digital pipeline tells of a lead's move to another stage: less than a webhook does. */
export function stageNotice(change: AccountChange): Notice[] {
  if (change.kind !== 'leads' || actionOf(change) !== 'update') return []
  const { before, after } = change
  if (!before || !after || (before.status_id === after.status_id && before.pipeline_id === after.pipeline_id)) return []
  const { id, status_id, pipeline_id } = after
  const old = { old_status_id: before.status_id, old_pipeline_id: before.pipeline_id }
  return [{ codes: ['status'], entity: 'leads', action: 'status', item: { id, status_id, pipeline_id, ...old } }]
}
