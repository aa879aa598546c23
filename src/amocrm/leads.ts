import { z } from 'zod'
import type { AmocrmClient, Call } from './client.ts'
import { AmocrmError, type CrmFault, withFieldNames } from './errors.ts'
import { type FilledField, fieldsToWire, type Id } from './new-cards.ts'
import { readAnswer } from './read-answer.ts'

export interface NewLead {
  /** Echoed in the answer, not stored. */
  requestId: string
  name: string
  price: number | null
  /** Null: the account's main pipeline. */
  pipelineId: number | null
  /** Null: the pipeline's first stage. */
  statusId: number | null
  /** Null: whom amoCRM takes. */
  responsibleUserId: number | null
  tags: string[]
  fields: FilledField[]
  /** The first one is the main contact. */
  contactIds: Id[]
  companyId: Id | null
}

const created = z.object({
  _embedded: z.object({ leads: z.array(z.object({ id: z.int(), request_id: z.coerce.string() })) }),
})

/**
 * Creates leads; the map leads from a request id to the id of its lead. Nothing keeps amoCRM from creating them twice.
 * https://www.amocrm.ru/developers/content/crm_platform/leads-api#leads-add
 */
export async function createLeads(client: AmocrmClient, leads: NewLead[]): Promise<Map<string, number>> {
  const answer = await client.request(leadsRequest(leads)).catch((error: unknown) => {
    throw error instanceof AmocrmError ? withFieldNames(error, (fault) => nameOf(fault, leads)) : error
  })
  const { _embedded } = readAnswer(created, answer)
  return new Map(_embedded.leads.map(({ id, request_id }) => [request_id, id]))
}

/** A fault names its place by the indexes of what was sent. */
function nameOf({ item, path }: CrmFault, leads: NewLead[]): string | null {
  const lead = leads.find(({ requestId }) => requestId === item) ?? leads[Number(item)]
  const [, list, index] = /^(custom_fields_values|_embedded\.tags)\.(\d+)/.exec(path) ?? []
  if (list === '_embedded.tags') return lead?.tags[Number(index)] ?? null
  return lead?.fields[Number(index)]?.field ?? null
}

export function leadsRequest(leads: NewLead[]): Call {
  return { method: 'POST', path: '/api/v4/leads', body: leads.map(toWire) }
}

function toWire(lead: NewLead) {
  return {
    request_id: lead.requestId,
    name: lead.name,
    ...(lead.price === null ? {} : { price: lead.price }),
    ...(lead.pipelineId === null ? {} : { pipeline_id: lead.pipelineId }),
    ...(lead.statusId === null ? {} : { status_id: lead.statusId }),
    ...(lead.responsibleUserId === null ? {} : { responsible_user_id: lead.responsibleUserId }),
    created_by: 0,
    custom_fields_values: fieldsToWire(lead.fields),
    _embedded: {
      ...(lead.companyId === null ? {} : { companies: [{ id: lead.companyId }] }),
      ...(lead.tags.length > 0 ? { tags: lead.tags.map((name) => ({ name })) } : {}),
      ...(lead.contactIds.length > 0
        ? { contacts: lead.contactIds.map((id, index) => ({ id, is_main: index === 0 })) }
        : {}),
    },
  }
}

/** Stage of every pipeline: closed, and nothing came of it. */
const closedAndLost = 143

const placed = z.object({ pipeline_id: z.int() })

/**
 * Closes a lead as lost; its tags stay. Throws AmocrmError.
 * https://www.amocrm.ru/developers/content/crm_platform/leads-api#leads-edit
 */
export async function closeLead(client: AmocrmClient, id: number) {
  const path = `/api/v4/leads/${id}`
  const { pipeline_id } = readAnswer(placed, await client.request({ method: 'GET', path }))
  await client.request({ method: 'PATCH', path, body: { pipeline_id, status_id: closedAndLost } })
}

/** Where people look at a lead. */
export function leadUrl(baseUrl: string, id: number) {
  return `${baseUrl}/leads/detail/${id}`
}
