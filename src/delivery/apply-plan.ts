import type { Amocrm, AmocrmClient } from '../amocrm/client.ts'
import { AmocrmError, isRejected } from '../amocrm/errors.ts'
import { createLeads, findLeadsByField, type NewLead } from '../amocrm/leads.ts'
import { linkProducts, listLinkedElements, refusedElements } from '../amocrm/links.ts'
import type { Mirror } from '../amocrm/mirror.ts'
import { createNotes, listNotes } from '../amocrm/notes.ts'
import { refusedParts } from '../amocrm/refusals.ts'
import type { Progress } from '../inbox/claim.ts'
import type { Inbox } from '../inbox/inbox.ts'
import type { Claim } from '../inbox/message.ts'
import { noteWithWarnings, splitNote } from '../mapping/note.ts'
import type { MappingWarning, Plan, Translate } from '../mapping/plan.ts'
import { ClaimLostError, TooEarlyError, UnknownOutcomeError } from './failure.ts'
import { type CardMaker, createCardMaker } from './make-cards.ts'
import { barer, distinct, withoutRefused } from './repair.ts'
import { draftLead, type LeadDraft, markedLead, notesOf } from './requests.ts'
import { quote, type Resolved, type ResolvedLink } from './resolve.ts'
import { createStepRunner } from './steps.ts'

interface Tools {
  inbox: Inbox
  amocrm: Amocrm
  mirror: Mirror
  /** Id of the contacts' field that holds the shop's partner id. */
  partnerFieldId: number
  translate: Translate
  /** Unix ms. */
  now: () => number
}

const linkingRounds = 3

export interface Options {
  /** Id of the field that marks our leads; null when the account has none. */
  markerField: number | null
  /** What is done about what the CRM refuses: nothing, leaving it out, or leaving out people and products too. */
  repair: 'nothing' | 'fields' | 'everything'
}

/** A create whose answer was lost may still be at work in the CRM; nothing is sent again before so many ms have passed. */
export const quietMs = 30_000

/** How far the CRM's clock may be behind ours. */
export const clockSkewMs = 10 * 60_000

/** What was made, and what cards were made without: a later attempt does not meet it again. */
const isLasting = ({ code, params }: MappingWarning) => /(?<!_not)_created$/.test(code) || params['card'] !== undefined
/** Warnings of products that every attempt looks for until they are linked. */
const ofMissingProducts = /^(catalog_missing|products_unknown|products_not_created)$/

/** Makes plans true for one claimed message, from the first step that is not confirmed yet. */
export function createPlanRunner(claim: Claim, { inbox, amocrm, mirror, partnerFieldId, translate, now }: Tools) {
  const run = createStepRunner(claim, { inbox, amocrm })
  const cardTools = { run, warn, mirror, partnerFieldId, now }

  /** Gives the id of the lead. */
  async function applyPlan(plan: Plan, resolved: Resolved, options: Options) {
    const { markerField, repair } = options
    claim.leadId ??= await findLostLead(markerField)
    claim.warnings = distinct(stillTrue(resolved))
    await warn([], claim.leadId === null ? { form: plan.form } : { lead_id: claim.leadId })

    const { makePeople, makeElements } = createCardMaker(claim, cardTools, { repair: repair !== 'nothing' })
    const leadId = claim.leadId ?? (await makeLead(plan, resolved, options, makePeople))
    if (claim.leadId === null) await save({ lead_id: leadId })
    claim.leadId = leadId
    if (claim.productsLinkedAt === null && plan.products.length > 0) {
      const links = [...resolved.links, ...(await makeElements(resolved))]
      await warn(await makeLinks(leadId, links, repair), { products_linked_at: now() })
    }
    if (claim.noteId === null) {
      const texts = splitNote(noteWithWarnings(plan.note, claim.warnings, translate))
      await save({ note_id: await run('note', (client) => writeNotes(client, leadId, texts)) })
    }
    return leadId
  }

  /** What is told of the lead and of its products is what was so when they were made. */
  function stillTrue({ warnings }: Resolved) {
    const { leadId, productsLinkedAt } = claim
    if (leadId === null) return [...warnings, ...claim.warnings.filter(isLasting)]
    if (productsLinkedAt !== null) return claim.warnings
    const isOfProducts = ({ code }: MappingWarning) => ofMissingProducts.test(code)
    return [...claim.warnings.filter((warning) => !isOfProducts(warning)), ...warnings.filter(isOfProducts)]
  }

  async function warn(more: MappingWarning[], progress: Progress = {}) {
    claim.warnings = distinct([...claim.warnings, ...more])
    await save({ warnings: claim.warnings, ...progress })
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

  async function makeLead(
    plan: Plan,
    resolved: Resolved,
    { markerField, repair }: Options,
    makePeople: CardMaker['makePeople'],
  ) {
    const people = await makePeople(plan, resolved)
    for (let draft: LeadDraft = draftLead(plan, resolved, people); ; ) {
      try {
        return await sendLead(markedLead(draft, claim.id, markerField))
      } catch (error) {
        const repaired = error instanceof AmocrmError ? await repairLead(draft, error, repair) : null
        if (!repaired) throw error
        draft = repaired.draft
        await warn(repaired.warnings)
      }
    }
  }

  async function sendLead(lead: NewLead) {
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

  /** Our copy may still show people who are gone; they are looked for once more before the lead does without them. */
  async function repairLead(draft: LeadDraft, error: AmocrmError, repair: Options['repair']) {
    const people = refusedParts(error).filter(({ kind }) => kind === 'contact' || kind === 'company')
    if (people.length > 0 && repair !== 'everything') {
      await mirror.doubt('contacts', draft.contactIds)
      await mirror.doubt('companies', draft.companyId === null ? [] : [draft.companyId])
      return null
    }
    if (repair === 'nothing' || error.kind !== 'rejected') return null
    return withoutRefused(draft, error) ?? (repair === 'everything' ? barer(draft) : null)
  }

  async function makeLinks(
    leadId: number,
    links: ResolvedLink[],
    repair: Options['repair'],
  ): Promise<MappingWarning[]> {
    if (links.length === 0) return []
    try {
      await linkAll(leadId, links)
      return []
    } catch (error) {
      if (!isRejected(error)) throw error
      const refused = refusedElements(error)
      await mirror.doubt('products', refused)
      if (repair !== 'everything') throw error
      const isRefused = ({ elementId }: ResolvedLink) => refused.length === 0 || refused.includes(elementId)
      const params = { names: quote(links.filter(isRefused)), error: error.summary }
      const rest = links.filter((link) => !isRefused(link))
      return [{ code: 'products_refused', params }, ...(await makeLinks(leadId, rest, repair))]
    }
  }

  /** Links of one request are known to get lost although the answer names them, and one made twice may be doubled. */
  async function linkAll(leadId: number, links: ResolvedLink[]) {
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
    const notes = notesOf(leadId, claim.id, texts)
    const created = await createNotes(
      client,
      notes.filter(({ text }) => !existing.some((note) => sameText(note.text, text))),
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
