import { type AccountChange, actionOf } from '../crm/changes.ts'
import type { Card, Element, EntityType, Lead, Link, Note } from '../store/entities.ts'
import type { Store } from '../store/store.ts'
import { fieldEvents } from './field-events.ts'
import { changed, type Happening, type Place } from './happening.ts'
import { taskEvents } from './task-events.ts'

/** What amoCRM's list of events says about a change; `actor` is who sent the request. */
export function eventsOf(store: Store, change: AccountChange, actor: number): Happening[] {
  switch (change.kind) {
    case 'leads':
      return [...cardEvents(store, change, actor), ...leadEvents(change.before, change.after)]
    case 'contacts':
    case 'companies':
      return cardEvents(store, change, actor)
    case 'elements':
      return elementEvents(store, change.before, change.after, actor)
    case 'links':
      return linkEvents(change.before, change.after, actor)
    case 'notes':
      return noteEvents(change.before, change.after, actor)
    case 'tasks':
      return taskEvents(change.before, change.after, actor)
    // Its lead is told of when it is accepted.
    case 'unsorted':
      return []
  }
}

/** What events and webhooks call a kind of entity. */
const singular: Record<EntityType, string> = { leads: 'lead', contacts: 'contact', companies: 'company' }

type CardChange = { kind: EntityType; before: Card | null; after: Card | null }

function cardEvents(store: Store, { kind, before, after }: CardChange, actor: number): Happening[] {
  const action = actionOf({ before, after })
  const one = singular[kind]
  const entity = { entity_type: one, entity_id: (after ?? before)?.id ?? 0 }
  if (action === 'delete' || action === 'restore')
    return [{ ...entity, type: `${one}_${action}d`, created_by: actor, value_before: [], value_after: [] }]
  if (!after || !action) return []
  if (before && action === 'update')
    return changedCard(store, { ...entity, created_by: after.updated_by }, before, after)
  // amoCRM keeps a note of its own for a creation; here nobody can read it, so it has the entity's number.
  const value_after = [{ note: { id: after.id } }]
  return [{ ...entity, type: `${one}_added`, created_by: after.created_by, value_before: [], value_after }]
}

function changedCard(store: Store, place: Place, before: Card, after: Card): Happening[] {
  return [
    ...nameEvents(place, before, after),
    ...changed('entity_responsible_changed', place, before.responsible_user_id, after.responsible_user_id, (id) => ({
      responsible_user: { id },
    })),
    ...fieldEvents(store, place, before.fields, after.fields),
    ...tagEvents(store, place, before.tags, after.tags),
  ]
}

function leadEvents(before: Lead | null, after: Lead | null): Happening[] {
  if (!before || !after || actionOf({ before, after }) !== 'update') return []
  const place = { entity_type: 'lead', entity_id: after.id, created_by: after.updated_by }
  const stage = ({ status_id, pipeline_id }: Lead) => ({ lead_status: { id: status_id, pipeline_id } })
  const moved = before.status_id !== after.status_id || before.pipeline_id !== after.pipeline_id
  return [
    ...(moved
      ? [{ ...place, type: 'lead_status_changed', value_before: [stage(before)], value_after: [stage(after)] }]
      : []),
    ...changed('sale_field_changed', place, before.price, after.price, (sale) => ({ sale_field_value: { sale } })),
  ]
}

// The dictionary has no word for the making or deleting of an element.
function elementEvents(store: Store, before: Element | null, after: Element | null, actor: number): Happening[] {
  if (!before || !after || actionOf({ before, after }) !== 'update') return []
  const place = { entity_type: `catalog_${after.catalog_id}`, entity_id: after.id, created_by: actor }
  return [...nameEvents(place, before, after), ...fieldEvents(store, place, before.fields, after.fields)]
}

// Both ends have an event each; linking again, which changes the quantity, is none.
function linkEvents(before: Link | null, after: Link | null, created_by: number): Happening[] {
  const link = after ?? before
  if (!link || (before && after)) return []
  const from = { type: singular[link.entity_type], id: link.entity_id }
  const to = endOf(link)
  return [told(from, to), told(to, from)]

  function told(entity: { type: string; id: number }, other: { type: string; id: number }): Happening {
    const word = after ? 'link' : 'unlink'
    const value = [{ [word]: { entity: other } }]
    const place = { entity_type: entity.type, entity_id: entity.id, created_by }
    return {
      ...place,
      type: `entity_${word}ed`,
      value_before: after ? [] : value,
      value_after: after ? value : [],
    }
  }
}

function endOf({ to_entity_type, to_entity_id, catalog_id }: Link) {
  const type = to_entity_type === 'catalog_elements' ? `catalog_${catalog_id}` : singular[to_entity_type]
  return { type, id: to_entity_id }
}

const noteTypes: Record<string, string> = {
  common: 'common_note_added',
  service_message: 'service_note_added',
  extended_service_message: 'service_note_added',
  message_cashier: 'message_to_cashier_note_added',
  geolocation: 'geo_note_added',
  attachment: 'attachment_note_added',
  call_in: 'incoming_call',
  call_out: 'outgoing_call',
  sms_in: 'incoming_sms',
  sms_out: 'outgoing_sms',
}

function noteEvents(before: Note | null, after: Note | null, actor: number): Happening[] {
  const note = after ?? before
  const type = after ? noteTypes[after.note_type] : 'common_note_deleted'
  if (!note || !type || (before && after)) return []
  return [
    {
      type,
      entity_type: singular[note.entity_type],
      entity_id: note.entity_id,
      created_by: after?.created_by ?? actor,
      value_before: [],
      value_after: [{ note: { id: note.id } }],
    },
  ]
}

function nameEvents(place: Place, before: { name: string }, after: { name: string }) {
  return changed('name_field_changed', place, before.name, after.name, (name) => ({ name_field_value: { name } }))
}

function tagEvents(store: Store, place: Place, before: number[], after: number[]): Happening[] {
  const names = (ids: number[]) => ids.map((id) => ({ tag: { name: store.tags.get(id)?.name ?? '' } }))
  const added = names(after.filter((id) => !before.includes(id)))
  const gone = names(before.filter((id) => !after.includes(id)))
  return [
    ...(added.length > 0 ? [{ ...place, type: 'entity_tag_added', value_before: [], value_after: added }] : []),
    ...(gone.length > 0 ? [{ ...place, type: 'entity_tag_deleted', value_before: gone, value_after: [] }] : []),
  ]
}
