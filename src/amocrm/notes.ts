import { z } from 'zod'
import { inBatches } from './batches.ts'
import type { AmocrmClient, Call } from './client.ts'
import type { Id } from './new-cards.ts'
import { askedAtOnce, ofEntities, readAllPages } from './paging.ts'
import { readAnswer } from './read-answer.ts'

export interface NewNote {
  leadId: Id
  requestId: string
  text: string
}

const created = z.object({
  _embedded: z.object({ notes: z.array(z.object({ id: z.int(), request_id: z.coerce.string() })) }),
})

/**
 * Writes common notes on leads; the map leads from a request id to the id of its note.
 * https://www.amocrm.ru/developers/content/crm_platform/events-and-notes#notes-add
 */
export async function createNotes(client: AmocrmClient, notes: NewNote[]): Promise<Map<string, number>> {
  const { _embedded } = readAnswer(created, await client.request(notesRequest(notes)))
  return new Map(_embedded.notes.map(({ id, request_id }) => [request_id, id]))
}

export function notesRequests(notes: NewNote[]): Call[] {
  return inBatches(notes).map(notesRequest)
}

function notesRequest(notes: NewNote[]): Call {
  return { method: 'POST', path: '/api/v4/leads/notes', body: notes.map(toWire) }
}

function toWire({ leadId, requestId, text }: NewNote) {
  return { entity_id: leadId, note_type: 'common', created_by: 0, request_id: requestId, params: { text } }
}

const listedNote = z.object({
  id: z.int(),
  entity_id: z.int(),
  params: z.object({ text: z.string().optional() }).nullish(),
})

/**
 * The common notes of leads.
 * https://www.amocrm.ru/developers/content/crm_platform/events-and-notes#notes-list
 */
export async function listNotes(client: AmocrmClient, leadIds: number[]) {
  const found: { id: number; leadId: number; text: string }[] = []
  for (const part of inBatches(leadIds, askedAtOnce)) {
    const path = `/api/v4/leads/notes?${ofEntities(part)}&filter[note_type][]=common`
    const notes = await readAllPages(client, path, 'notes', listedNote)
    found.push(...notes.map(({ id, entity_id, params }) => ({ id, leadId: entity_id, text: params?.text ?? '' })))
  }
  return found
}
