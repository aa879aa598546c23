import type { AmocrmClient, createAmocrmClient } from '../amocrm/client.ts'
import { AmocrmError } from '../amocrm/errors.ts'
import { createLeads, findLeadsByField } from '../amocrm/leads.ts'
import { linkProducts } from '../amocrm/links.ts'
import type { Mirror } from '../amocrm/mirror.ts'
import { createNotes, listNotes } from '../amocrm/notes.ts'
import type { Progress } from '../inbox/claim.ts'
import type { Inbox } from '../inbox/inbox.ts'
import type { Claim } from '../inbox/message.ts'
import { noteWithWarnings, splitNote } from '../mapping/note.ts'
import type { Plan, Translate } from '../mapping/plan.ts'
import { ClaimLostError, TooEarlyError, UnknownOutcomeError } from './failure.ts'
import { type Resolved, resolvePlan } from './resolve.ts'
import { createStepRunner, type RunStep } from './steps.ts'

export interface Tools {
  inbox: Inbox
  client: ReturnType<typeof createAmocrmClient>
  mirror: Mirror
  translate: Translate
  /** Unix ms. */
  now: () => number
  /** Id of the field that marks our leads; null when the account has none. */
  markerField: number | null
}

/** A create whose answer was lost may still be at work in the CRM; nothing is sent again before so many ms have passed. */
const quietMs = 30_000

/** How far the CRM's clock may be behind ours. */
const clockSkewMs = 10 * 60_000

/** Makes the plan true, from the first step that is not confirmed yet. Gives the id of the lead. */
export async function applyPlan(plan: Plan, claim: Claim, tools: Tools): Promise<number> {
  const run = createStepRunner(claim, tools)
  const save = async (progress: Progress) => {
    if (!(await tools.inbox.record(claim, progress))) throw new ClaimLostError()
  }
  const resolved = await resolvePlan(plan, tools.mirror)
  await save({ form: plan.form, warnings: resolved.warnings })

  const leadId =
    claim.leadId ?? (await findLostLead(claim, tools, run)) ?? (await makeLead(plan, resolved, claim, tools, run, save))
  if (claim.leadId === null) await save({ lead_id: leadId })

  if (claim.productsLinkedAt === null && resolved.links.length > 0) {
    await run('products', (client) =>
      linkProducts(
        client,
        resolved.links.map((link) => ({ leadId, ...link })),
      ),
    )
    await save({ products_linked_at: tools.now() })
  }
  if (claim.noteId === null) {
    const texts = splitNote(noteWithWarnings(plan.note, resolved.warnings, tools.translate))
    await save({ note_id: await run('note', (client) => writeNotes(client, claim, leadId, texts)) })
  }
  return leadId
}

/** After a lost answer: the lead that was made all the same, the older one should there be two. */
async function findLostLead(claim: Claim, { markerField, now }: Tools, run: RunStep): Promise<number | null> {
  const requestedAt = claim.leadRequestAt
  if (requestedAt === null) return null
  if (markerField === null)
    throw new UnknownOutcomeError(
      'the answer to the create was lost, and the account has no marker field to find the lead by',
    )

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
  { contactIds }: Resolved,
  claim: Claim,
  { markerField, now }: Tools,
  run: RunStep,
  save: (progress: Progress) => Promise<void>,
) {
  await save({ lead_request_at: now() })
  const marker = markerField === null ? [] : [{ fieldId: markerField, value: claim.id }]
  const lead = { ...plan.lead, requestId: claim.id, contactIds, fields: [...plan.lead.fields, ...marker] }
  try {
    return await run('lead', async (client) => {
      const id = (await createLeads(client, [lead])).get(claim.id)
      if (id === undefined)
        throw new AmocrmError('unavailable', 'POST /api/v4/leads: the answer does not name the lead', {
          mayHaveHappened: true,
        })
      return id
    })
  } catch (error) {
    if (error instanceof AmocrmError && !error.mayHaveHappened) await save({ lead_request_at: null })
    throw error
  }
}

/** A note has no marker, so one that may have been written is known by its text. */
async function writeNotes(client: AmocrmClient, claim: Claim, leadId: number, texts: string[]): Promise<number> {
  const existing = claim.noteRequested ? await listNotes(client, leadId) : []
  const missing = texts.filter((text) => !existing.some((note) => sameText(note.text, text)))
  const notes = missing.map((text, index) => ({ leadId, text, requestId: `${claim.id}:${index}` }))
  const created = notes.length > 0 ? await createNotes(client, notes) : new Map<string, number>()
  const id = existing.find((note) => sameText(note.text, texts[0] ?? ''))?.id ?? created.values().next().value
  if (id === undefined)
    throw new AmocrmError('unavailable', 'POST /api/v4/leads/notes: the answer names no note', {
      mayHaveHappened: true,
    })
  return id
}

function sameText(one: string, other: string) {
  const plain = (text: string) => text.replace(/\s+/g, ' ').trim()
  return plain(one) === plain(other)
}
