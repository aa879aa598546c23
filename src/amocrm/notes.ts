import { z } from 'zod'
import { inBatches } from './batches.ts'
import type { AmocrmClient, Call } from './client.ts'
import type { Id } from './new-cards.ts'
import { readAllPages } from './paging.ts'
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
 * Writes common notes on leads; gives their ids in the order of the notes.
 * https://www.amocrm.ru/developers/content/crm_platform/events-and-notes#notes-add
 */
export async function createNotes(client: AmocrmClient, notes: NewNote[]): Promise<number[]> {
  const ids: number[] = []
  for (const part of inBatches(notes)) {
    const answer = await client.request(notesRequest(part))
    const made = new Map(readAnswer(created, answer)._embedded.notes.map(({ id, request_id }) => [request_id, id]))
    ids.push(...part.flatMap(({ requestId }) => made.get(requestId) ?? []))
  }
  return ids
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

const listedNote = z.object({ id: z.int(), params: z.object({ text: z.string().optional() }).nullish() })

/**
 * The common notes of a lead.
 * https://www.amocrm.ru/developers/content/crm_platform/events-and-notes#notes-list
 */
export async function listNotes(client: AmocrmClient, leadId: number) {
  const path = `/api/v4/leads/notes?filter[entity_id][]=${leadId}&filter[note_type][]=common`
  const notes = await readAllPages(client, path, 'notes', listedNote)
  return notes.map(({ id, params }) => ({ id, text: params?.text ?? '' }))
}
