import { z } from 'zod'
import { type Report, readShape } from '../http/batch.ts'
import type { Company, Contact, FilledField } from '../store/entities.ts'
import { live } from '../store/live.ts'
import type { Store } from '../store/store.ts'
import { type Author, cardShape, changedCard, checkCard, newCard } from './cards.ts'
import { tagsShape } from './tags.ts'

const names = { first_name: z.string().optional(), last_name: z.string().optional() }
const embedded = z.strictObject({ tags: tagsShape.nullish() }).nullish()
const change = { id: z.int().optional(), tags_to_delete: tagsShape.optional() }

const shapes = {
  contacts: {
    created: z.strictObject({ ...cardShape, ...names, _embedded: embedded }),
    changed: z.strictObject({ ...cardShape, ...names, ...change, _embedded: embedded }),
  },
  companies: {
    created: z.strictObject({ ...cardShape, _embedded: embedded }),
    changed: z.strictObject({ ...cardShape, ...change, _embedded: embedded }),
  },
}

export type PartyType = keyof typeof shapes
type Sent = z.infer<(typeof shapes)['contacts']['changed']>

export interface PartyDraft {
  sent: Sent
  fields: FilledField[]
  /** Comes with an unsorted entity. */
  is_unsorted?: boolean
}

export function checkNewParty(store: Store, type: PartyType, item: unknown, report: Report): PartyDraft | undefined {
  const sent: Sent | undefined = readShape<Sent>(shapes[type].created, item, report)
  return sent && { sent, fields: checkCard(store, type, sent, report) }
}

export function checkChangedParty(
  store: Store,
  type: PartyType,
  id: number | undefined,
  item: unknown,
  report: Report,
) {
  const sent: Sent | undefined = readShape<Sent>(shapes[type].changed, item, report)
  if (!sent) return undefined
  const known = id ?? sent.id
  if (known === undefined) return void report('FieldMissing', 'id')
  if (!live(store, type, known)) return void report('NotSupportedChoice', 'id')
  return { id: known, draft: { sent, fields: checkCard(store, type, sent, report) } }
}

export function createParty(
  store: Store,
  type: PartyType,
  { sent, fields, is_unsorted = false }: PartyDraft,
  by: Author,
  id = store[type].nextId(),
): Contact | Company {
  const card = { ...newCard(store, type, id, sent, fields, by), is_unsorted }
  if (type === 'companies') return store.companies.put(card)
  const { first_name = '', last_name = '' } = sent
  return store.contacts.put({ ...card, name: sent.name || fullName(first_name, last_name), first_name, last_name })
}

export function changeParty(store: Store, type: PartyType, id: number, { sent, fields }: PartyDraft, by: Author) {
  if (type === 'companies') {
    const company = store.companies.get(id)
    return company && store.companies.put(changedCard(store, type, company, sent, fields, by))
  }
  const before = store.contacts.get(id)
  if (!before) return undefined
  const contact = changedCard(store, type, before, sent, fields, by)
  const { first_name = before.first_name, last_name = before.last_name } = sent
  const renamed = sent.name === undefined && (sent.first_name !== undefined || sent.last_name !== undefined)
  const name = renamed ? fullName(first_name, last_name) : contact.name
  return store.contacts.put({ ...contact, name, first_name, last_name })
}

const fullName = (first: string, last: string) => `${first} ${last}`.trim()
