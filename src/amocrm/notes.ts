import { z } from 'zod'
import type { AmocrmClient } from './client.ts'
import { readAllPages, readAnswer } from './paging.ts'

export interface NewNote {
  leadId: number
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
  const body = notes.map(({ leadId, requestId, text }) => ({
    entity_id: leadId,
    note_type: 'common',
    created_by: 0,
    request_id: requestId,
    params: { text },
  }))
  const answer = await client.request({ method: 'POST', path: '/api/v4/leads/notes', body })
  return new Map(readAnswer(created, answer)._embedded.notes.map(({ id, request_id }) => [request_id, id]))
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
