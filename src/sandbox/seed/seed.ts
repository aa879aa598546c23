import type { z } from 'zod'
import type { Clock } from '../control/clock.ts'
import { type Author, checkCard } from '../crm/cards.ts'
import { createParty, type PartyType } from '../crm/contacts.ts'
import { checkElementFields, createElement } from '../crm/elements.ts'
import { checkPlace, createLead } from '../crm/leads.ts'
import { saveLink } from '../crm/links.ts'
import { setDeleted } from '../crm/trash.ts'
import { createField } from '../fields/fields.ts'
import type { Report } from '../http/batch.ts'
import { Problem } from '../http/problems.ts'
import { type EntityType, entityTypes } from '../store/entities.ts'
import type { Store } from '../store/store.ts'
import { defaultSeed } from './default-seed.ts'
import { type FullSeed, type Seed, seedShape } from './seed-shape.ts'

/** Fills an empty store. A seed that does not hold together is refused as a whole. */
export function plantSeed(store: Store, clock: Clock, seed: Seed = {}) {
  const parsed = seedShape.safeParse({ ...defaultSeed(), ...seed })
  if (!parsed.success) throw unreadable(parsed.error)
  const full = parsed.data
  const by: Author = { userId: full.users[0]?.id ?? 0, clock: { ...clock, ms: () => 0 } }
  store.write(() => {
    plantAccount(store, full, clock)
    plantFields(store, full)
    plantCatalogs(store, full, by)
    for (const type of ['contacts', 'companies'] as const) plantParties(store, type, full, by)
    plantLeads(store, full, by)
    plantUnsorted(store, full, by)
    plantLinks(store, full)
    plantNotes(store, full, by)
  })
}

function plantAccount(store: Store, { account, users, pipelines, loss_reasons }: FullSeed, clock: Clock) {
  store.accounts.put({ ...account, created_at: clock.seconds() })
  for (const user of users) store.users.put(user)
  const written = { created_at: clock.seconds(), updated_at: clock.seconds() }
  for (const reason of loss_reasons) store.loss_reasons.put({ ...reason, ...written })
  for (const [index, { _embedded, ...pipeline }] of pipelines.entries()) {
    const statuses = _embedded.statuses.map((status, at) => ({
      ...status,
      sort: status.sort ?? (at + 1) * 10,
      color: status.color ?? '#99ccff',
      type: status.type ?? 0,
    }))
    store.pipelines.put({ ...pipeline, sort: pipeline.sort ?? index + 1, statuses })
  }
}

function plantFields(store: Store, { custom_fields }: FullSeed) {
  for (const entity_type of entityTypes) {
    for (const field of custom_fields[entity_type]) createField(store, { entity_type, catalog_id: null }, field)
  }
  for (const { catalog_id, ...field } of custom_fields.catalogs) {
    createField(store, { entity_type: 'catalogs', catalog_id }, field)
  }
}

function plantCatalogs(store: Store, { catalogs, elements }: FullSeed, by: Author) {
  for (const [index, catalog] of catalogs.entries()) {
    const sort = catalog.sort ?? (index + 1) * 10
    store.catalogs.put({ ...catalog, sort, created_by: by.userId, created_at: by.clock.seconds() })
  }
  for (const [index, { id, catalog_id, is_deleted, ...sent }] of elements.entries()) {
    const fields = checkElementFields(store, catalog_id, sent.custom_fields_values, refuse(`elements.${index}`))
    const element = createElement(store, catalog_id, { sent, fields }, by, id)
    if (is_deleted) setDeleted(store, 'elements', element.id, true, by)
  }
}

function plantParties(store: Store, type: PartyType, full: FullSeed, by: Author) {
  const parties: FullSeed['contacts'] = full[type]
  for (const [index, { id, is_deleted = false, ...sent }] of parties.entries()) {
    const fields = checkCard(store, type, sent, refuse(`${type}.${index}`))
    const party = createParty(store, type, { sent, fields, is_unsorted: isWaiting(full, type, id) }, by, id)
    if (is_deleted) setDeleted(store, type, party.id, true, by)
  }
}

function plantLeads(store: Store, full: FullSeed, by: Author) {
  for (const [index, { id, is_deleted = false, ...sent }] of full.leads.entries()) {
    const fields = checkCard(store, 'leads', sent, refuse(`leads.${index}`))
    const place = checkPlace(store, sent, refuse(`leads.${index}`))
    const is_unsorted = isWaiting(full, 'leads', id)
    const lead = place && createLead(store, { sent, fields, place, is_unsorted }, by, id)
    if (lead && is_deleted) setDeleted(store, 'leads', lead.id, true, by)
  }
}

function isWaiting({ unsorted }: FullSeed, type: EntityType, id: number | undefined) {
  return unsorted.some(({ _embedded }) => _embedded[type].some((each) => each.id === id))
}

function plantUnsorted(store: Store, { unsorted }: FullSeed, by: Author) {
  for (const { uid, created_at = by.clock.seconds(), _embedded, ...told } of unsorted) {
    const [lead] = _embedded.leads
    store.unsorted.put({
      ...told,
      id: uid,
      created_at,
      updated_at: created_at,
      lead_id: lead?.id ?? 0,
      contact_id: _embedded.contacts[0]?.id ?? null,
      company_id: _embedded.companies[0]?.id ?? null,
      outcome: null,
      print: '',
    })
  }
}

function plantLinks(store: Store, { links }: FullSeed) {
  for (const { metadata, ...ends } of links) {
    saveLink(store, {
      ...ends,
      catalog_id: metadata?.catalog_id ?? null,
      quantity: metadata?.quantity ?? null,
      price_id: metadata?.price_id ?? null,
      main_contact: ends.to_entity_type === 'contacts' ? (metadata?.main_contact ?? false) : null,
    })
  }
}

function plantNotes(store: Store, { notes }: FullSeed, by: Author) {
  for (const { id = store.notes.nextId(), created_at = by.clock.seconds(), ...note } of notes) {
    const author = { responsible_user_id: by.userId, created_by: by.userId }
    store.notes.put({ id, ...note, ...author, created_at, updated_at: created_at })
  }
}

function unreadable({ issues }: z.ZodError) {
  const [first] = issues
  return new Problem(400, { detail: `Seed: ${first?.path.join('.')}: ${first?.message} (faults: ${issues.length})` })
}

function refuse(place: string): Report {
  return (code, path) => {
    throw new Problem(400, { detail: `Seed: ${place}.${path}: ${code}` })
  }
}
