import type { Amocrm, AmocrmClient } from '../amocrm/client.ts'
import { AmocrmError } from '../amocrm/errors.ts'
import { createLeads, findLeadsByField, refusedFields } from '../amocrm/leads.ts'
import { linkProducts, listLinkedElements } from '../amocrm/links.ts'
import { markerName } from '../amocrm/marker.ts'
import { createNotes, listNotes } from '../amocrm/notes.ts'
import type { Progress } from '../inbox/claim.ts'
import type { Inbox } from '../inbox/inbox.ts'
import type { Claim } from '../inbox/message.ts'
import { noteWithWarnings, splitNote } from '../mapping/note.ts'
import type { FieldValue, MappingWarning, Plan, Translate } from '../mapping/plan.ts'
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

const linkingRounds = 3

interface Options {
  /** Id of the field that marks our leads; null when the account has none. */
  markerField: number | null
  /** Whether the lead is made without what the CRM refuses of it. */
  repair: boolean
}

/** A create whose answer was lost may still be at work in the CRM; nothing is sent again before so many ms have passed. */
const quietMs = 30_000

/** How far the CRM's clock may be behind ours. */
const clockSkewMs = 10 * 60_000

/** Makes plans true for one claimed message, from the first step that is not confirmed yet. */
export function createPlanRunner(claim: Claim, { inbox, amocrm, translate, now }: Tools) {
  const run = createStepRunner(claim, { inbox, amocrm })

  /** Gives the id of the lead. */
  async function applyPlan(plan: Plan, { contactIds, links, warnings: found }: Resolved, options: Options) {
    let warnings = [...found, ...claim.warnings.filter(({ code }) => code === 'field_refused')]
    await save({ form: plan.form, warnings })
    if (claim.leadId === null) {
      const known = await findLostLead(options.markerField)
      const made =
        known === null ? await makeRepairedLead(plan.lead, contactIds, found, options) : { id: known, warnings }
      warnings = made.warnings
      await save({ lead_id: made.id, warnings })
      claim.leadId = made.id
    }
    const leadId = claim.leadId
    if (claim.productsLinkedAt === null && links.length > 0) {
      await makeLinks(leadId, links)
      await save({ products_linked_at: now() })
    }
    if (claim.noteId === null) {
      const texts = splitNote(noteWithWarnings(plan.note, warnings, translate))
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

  /** A lead without the fields that the CRM refuses; warnings of them are added to those that were there. */
  async function makeRepairedLead(
    lead: Plan['lead'],
    contactIds: number[],
    found: MappingWarning[],
    { markerField, repair }: Options,
  ) {
    const warnings = [...found]
    let { fields } = lead
    for (;;) {
      const beforeSend = () => save({ lead_request_at: now(), warnings })
      try {
        return { id: await makeLead({ ...lead, fields }, contactIds, markerField, beforeSend), warnings }
      } catch (error) {
        const places = repair && error instanceof AmocrmError ? refusedFields(error) : []
        if (places.length === 0 || places.some((place) => place >= fields.length)) throw error
        warnings.push(...places.flatMap((place) => fields[place] ?? []).map(warningOf))
        fields = fields.filter((_, place) => !places.includes(place))
      }
    }
  }

  async function makeLead(
    planned: Plan['lead'],
    contactIds: number[],
    markerField: number | null,
    beforeSend: () => Promise<void>,
  ) {
    const marker = markerField === null ? [] : [{ fieldId: markerField, field: markerName, value: claim.id }]
    const lead = { ...planned, requestId: claim.id, contactIds, fields: [...planned.fields, ...marker] }
    const create = async (client: AmocrmClient) => {
      const id = (await createLeads(client, [lead])).get(claim.id)
      if (id === undefined)
        throw new AmocrmError('unavailable', 'the answer does not name the lead', { mayHaveHappened: true })
      return id
    }
    try {
      return await run('lead', create, beforeSend)
    } catch (error) {
      // What was refused makes nothing of an earlier create whose answer was lost.
      if (error instanceof AmocrmError)
        await save({ lead_request_at: error.mayHaveHappened ? now() : claim.leadRequestAt })
      throw error
    }
  }

  /** Links of one request are known to get lost although the answer names them, and one made twice may be doubled. */
  async function makeLinks(leadId: number, links: Resolved['links']) {
    const findMissing = () =>
      run('products_check', async (client) => {
        const linked = await listLinkedElements(client, leadId)
        return links.filter(({ elementId }) => !linked.has(elementId))
      })
    let missing = claim.productsRequested ? await findMissing() : links
    for (let round = 0; missing.length > 0; round++) {
      if (round === linkingRounds)
        throw new AmocrmError('unavailable', `${missing.length} of ${links.length} products do not stay linked`)
      claim.productsRequested = true
      const part = missing.map((link) => ({ leadId, ...link }))
      await run('products', (client) => linkProducts(client, part))
      missing = await findMissing()
    }
  }

  /** A note has no marker, so one that may have been written is known by its text. */
  async function writeNotes(client: AmocrmClient, leadId: number, texts: string[]): Promise<number> {
    const existing = claim.noteRequested ? await listNotes(client, leadId) : []
    claim.noteRequested = true
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

function warningOf({ field, value }: FieldValue): MappingWarning {
  return { code: 'field_refused', params: { field, value } }
}

function sameText(one: string, other: string) {
  const plain = (text: string) => text.replace(/\s+/g, ' ').trim()
  return plain(one) === plain(other)
}
