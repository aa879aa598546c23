import type { Amocrm, AmocrmClient } from '../amocrm/client.ts'
import { AmocrmError } from '../amocrm/errors.ts'
import { createLeads, findLeadsByField } from '../amocrm/leads.ts'
import { linkProducts } from '../amocrm/links.ts'
import { markerName } from '../amocrm/marker.ts'
import { createNotes, listNotes } from '../amocrm/notes.ts'
import type { Progress } from '../inbox/claim.ts'
import type { Inbox } from '../inbox/inbox.ts'
import type { Claim } from '../inbox/message.ts'
import { noteWithWarnings, splitNote } from '../mapping/note.ts'
import type { Plan, Translate } from '../mapping/plan.ts'
import { ClaimLostError, TooEarlyError, UnknownOutcomeError } from './failure.ts'
import type { Resolved } from './resolve.ts'
import { createStepRunner } from './steps.ts'

interface Tools {
  inbox: Inbox
  amocrm: Amocrm
  translate: Translate
  /** Unix ms. */
  now: () => number
}

/** A create whose answer was lost may still be at work in the CRM; nothing is sent again before so many ms have passed. */
const quietMs = 30_000

/** How far the CRM's clock may be behind ours. */
const clockSkewMs = 10 * 60_000

/** Makes plans true for one claimed message, from the first step that is not confirmed yet. */
export function createPlanRunner(claim: Claim, { inbox, amocrm, translate, now }: Tools) {
  const run = createStepRunner(claim, { inbox, amocrm })

  /**
   * Gives the id of the lead.
   * @param markerField id of the field that marks our leads; null when the account has none
   */
  async function applyPlan(plan: Plan, resolved: Resolved, markerField: number | null): Promise<number> {
    await save({ form: plan.form, warnings: resolved.warnings })
    if (claim.leadId === null) {
      const leadId = (await findLostLead(markerField)) ?? (await makeLead(plan, resolved.contactIds, markerField))
      await save({ lead_id: leadId })
      claim.leadId = leadId
    }
    const leadId = claim.leadId
    if (claim.productsLinkedAt === null && resolved.links.length > 0) {
      const links = resolved.links.map((link) => ({ leadId, ...link }))
      await run('products', (client) => linkProducts(client, links))
      await save({ products_linked_at: now() })
    }
    if (claim.noteId === null) {
      const texts = splitNote(noteWithWarnings(plan.note, resolved.warnings, translate))
      await save({ note_id: await run('note', (client) => writeNotes(client, leadId, texts)) })
    }
    return leadId
  }

  async function save(progress: Progress) {
    if (!(await inbox.record(claim, progress))) throw new ClaimLostError()
  }

  /** After a lost answer: the lead that was made all the same, the older one should there be two. */
  async function findLostLead(markerField: number | null): Promise<number | null> {
    const requestedAt = claim.leadRequestAt
    if (requestedAt === null) return null
    if (markerField === null) throw new UnknownOutcomeError()
    const [found] = await run('recover', (client) =>
      findLeadsByField(client, markerField, claim.id, requestedAt - clockSkewMs),
    )
    if (found !== undefined) return found
    const quiet = requestedAt + quietMs - now()
    if (quiet > 0) throw new TooEarlyError(quiet)
    return null
  }

  async function makeLead(plan: Plan, contactIds: number[], markerField: number | null) {
    const marker = markerField === null ? [] : [{ fieldId: markerField, field: markerName, value: claim.id }]
    const lead = { ...plan.lead, requestId: claim.id, contactIds, fields: [...plan.lead.fields, ...marker] }
    const create = async (client: AmocrmClient) => {
      const id = (await createLeads(client, [lead])).get(claim.id)
      if (id === undefined)
        throw new AmocrmError('unavailable', 'the answer does not name the lead', { mayHaveHappened: true })
      return id
    }
    try {
      return await run('lead', create, () => save({ lead_request_at: now() }))
    } catch (error) {
      // What was refused makes nothing of an earlier create whose answer was lost.
      if (error instanceof AmocrmError)
        await save({ lead_request_at: error.mayHaveHappened ? now() : claim.leadRequestAt })
      throw error
    }
  }

  /** A note has no marker, so one that may have been written is known by its text. */
  async function writeNotes(client: AmocrmClient, leadId: number, texts: string[]): Promise<number> {
    const existing = claim.noteRequested ? await listNotes(client, leadId) : []
    const missing = texts.filter((text) => !existing.some((note) => sameText(note.text, text)))
    const created = await createNotes(
      client,
      missing.map((text, index) => ({ leadId, text, requestId: `${claim.id}:${index}` })),
    )
    const [first = ''] = texts
    const id = existing.find((note) => sameText(note.text, first))?.id ?? created[0]
    if (id === undefined) throw new AmocrmError('unavailable', 'the answer names no note', { mayHaveHappened: true })
    return id
  }

  return applyPlan
}

function sameText(one: string, other: string) {
  const plain = (text: string) => text.replace(/\s+/g, ' ').trim()
  return plain(one) === plain(other)
}
