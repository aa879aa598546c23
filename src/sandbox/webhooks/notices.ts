import type { SettingsBox } from '../control/settings.ts'
import { type AccountChange, actionOf } from '../crm/changes.ts'
import type { Company, Contact, Element, Lead, Note, Task } from '../store/entities.ts'
import type { Store } from '../store/store.ts'
import { createBodies } from './bodies.ts'
import { unsortedNotices } from './unsorted-notices.ts'

/** One entry of a webhook's body, such as `leads[status][0]`, and the subscriptions that it is for. */
export interface Notice {
  codes: string[]
  entity: 'leads' | 'contacts' | 'task' | 'catalogs' | 'unsorted'
  action: string
  item: object
}

/** What webhooks tell of a change. Links are told by nothing. */
export function createNotices(store: Store, settings: SettingsBox) {
  const show = createBodies(store, settings)
  return { of }

  function of(change: AccountChange): Notice[] {
    switch (change.kind) {
      case 'leads':
        return ofLead(change.before, change.after)
      case 'contacts':
        return ofParty('contact', change.before, change.after)
      case 'companies':
        return ofParty('company', change.before, change.after)
      case 'tasks':
        return ofTask(change.before, change.after)
      case 'notes':
        return change.before === null && change.after ? [ofNote(change.after)] : []
      case 'elements':
        return ofElement(change.before, change.after)
      case 'unsorted':
        return unsortedNotices(store, change.before, change.after)
      case 'links':
        return []
    }
  }

  function ofLead(before: Lead | null, after: Lead | null): Notice[] {
    const action = actionOf({ before, after })
    const lead = after ?? before
    if (!lead || !action) return []
    const notice = (code: string, part: string, item: object): Notice[] => [
      { codes: [code], entity: 'leads', action: part, item },
    ]
    if (action === 'delete' || action === 'restore') {
      const { id, status_id, pipeline_id } = lead
      return notice(`${action}_lead`, action, { id, status_id, pipeline_id })
    }
    const was = action === 'update' ? before : null
    const [status, responsible] = [oldStatus(was, lead), oldResponsible(was, lead)]
    return [
      ...notice(`${action}_lead`, action, show.lead(lead, { ...status, ...responsible })),
      ...(status ? notice('status_lead', 'status', show.lead(lead, status)) : []),
      ...(responsible ? notice('responsible_lead', 'responsible', show.lead(lead, responsible)) : []),
    ]
  }

  // Another responsible user is told by `update` here: there is no `contacts[responsible]`.
  function ofParty(type: 'contact' | 'company', before: Contact | Company | null, after: Contact | Company | null) {
    const action = actionOf({ before, after })
    const party = after ?? before
    if (!party || !action) return []
    const isShort = action === 'delete' || action === 'restore'
    const responsible = oldResponsible(action === 'update' ? before : null, party)
    const codes = [`${action}_${type}`, ...(responsible ? [`responsible_${type}`] : [])]
    const item = isShort ? { id: party.id, type } : show.party(type, party, responsible)
    return [{ codes, entity: 'contacts' as const, action, item }]
  }

  function ofTask(before: Task | null, after: Task | null): Notice[] {
    const action = actionOf({ before, after })
    const task = after ?? before
    if (!task || !action) return []
    const isUpdate = action === 'update'
    const responsible = oldResponsible(before, task)
    const codes = [`${action}_task`, ...(responsible ? ['responsible_task'] : [])]
    const changes = isUpdate ? { action_close: Number(task.is_completed && before?.is_completed === false) } : {}
    const item = action === 'delete' ? { id: task.id } : show.task(task, { ...changes, ...responsible })
    return [{ codes, entity: 'task', action, item }]
  }

  function ofNote(note: Note): Notice {
    const entity = note.entity_type === 'leads' ? 'leads' : 'contacts'
    const code = { leads: 'note_lead', contacts: 'note_contact', companies: 'note_company' }[note.entity_type]
    return { codes: [code], entity, action: 'note', item: show.note(note) }
  }

  function ofElement(before: Element | null, after: Element | null): Notice[] {
    const action = actionOf({ before, after })
    const element = after ?? before
    if (!element || !action) return []
    // Nothing restores an element but its being changed.
    const part = action === 'restore' ? 'update' : action
    const { id, catalog_id } = element
    const item = part === 'delete' ? { id, catalog_id, type: 'catalog' } : show.element(element)
    return [{ codes: [`${part}_catalog_element`], entity: 'catalogs', action: part, item }]
  }
}

function oldStatus(before: Lead | null, after: Lead) {
  const moved = before && (before.status_id !== after.status_id || before.pipeline_id !== after.pipeline_id)
  return moved ? { old_status_id: before.status_id } : undefined
}

function oldResponsible(before: { responsible_user_id: number } | null, after: { responsible_user_id: number }) {
  const isOther = before && before.responsible_user_id !== after.responsible_user_id
  return isOther ? { old_responsible_user_id: before.responsible_user_id } : undefined
}
