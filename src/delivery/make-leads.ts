import { AmocrmError } from '../amocrm/errors.ts'
import { createLeads } from '../amocrm/leads.ts'
import type { Mirror } from '../amocrm/mirror.ts'
import { refusedParts } from '../amocrm/refusals.ts'
import { type Attempt, type Failures, type Repair, warn } from './attempt.ts'
import type { createBatchSize } from './batch-size.ts'
import { blame, failuresOf, isAnswer, obstacleIn, UnnamedError } from './blame.ts'
import { peopleOf } from './cards.ts'
import type { Recovery } from './recover.ts'
import { barer, withoutRefused } from './repair.ts'
import { draftLead, markedLead } from './requests.ts'
import type { StepRunner } from './steps.ts'

interface Tools {
  runStep: StepRunner
  mirror: Mirror
  batchSize: ReturnType<typeof createBatchSize>
  recoverLeads: Recovery
  /** Id of the field that marks our leads; null when the account has none. */
  findMarker: () => Promise<number | null>
  /** Unix ms. */
  now: () => number
}

/** Makes the leads that are not there yet, in as few requests as the CRM takes. */
export function createLeadMaker({ runStep, mirror, batchSize, recoverLeads, findMarker, now }: Tools) {
  async function makeLeads(attempts: Attempt[], repair: Repair): Promise<Failures> {
    const failures: Failures = new Map()
    let waiting = attempts
    while (waiting.length > 0) {
      const refused = await createMissing(waiting)
      waiting = []
      for (const [attempt, error] of refused) {
        if (await mend(attempt, error, repair)) waiting.push(attempt)
        else failures.set(attempt, error)
      }
    }
    return failures
  }

  async function createMissing(attempts: Attempt[]): Promise<Failures> {
    const markerField = await findMarker()
    const failures = await recoverLeads(attempts)
    const missing = attempts.filter((attempt) => attempt.claim.leadId === null && !failures.has(attempt))
    // Without a marker nobody could tell which leads of a refused batch are there all the same.
    const batches = markerField === null ? missing.map((attempt) => [attempt]) : batchSize.split(missing, () => 1)
    return new Map([...failures, ...(await oneByOne(batches, (batch) => create(batch, markerField)))])
  }

  /** No further than to what keeps the CRM from being asked. */
  async function oneByOne(groups: Attempt[][], send: (group: Attempt[]) => Promise<Failures>) {
    const failures: Failures = new Map()
    for (const group of groups) {
      const obstacle = obstacleIn(failures)
      const failed = obstacle ? failuresOf(group, obstacle) : await send(group)
      for (const [attempt, error] of failed) failures.set(attempt, error)
    }
    return failures
  }

  async function create(batch: Attempt[], markerField: number | null): Promise<Failures> {
    const earlier = new Map(batch.map((attempt) => [attempt, attempt.claim.leadRequestAt]))
    const failures = await runStep(
      {
        name: 'lead',
        before({ claim }) {
          claim.leadRequestAt = now()
          claim.leadMarked = markerField !== null
          return { lead_request_at: claim.leadRequestAt, lead_marked: markerField === null ? 0 : 1 }
        },
        send: (client) =>
          createLeads(
            client,
            batch.map((attempt) => markedLead(draftOf(attempt), attempt.claim.key, markerField)),
          ),
        learn({ claim }, ids) {
          const id = ids.get(claim.key)
          if (id === undefined) throw new UnnamedError('the answer does not name the lead')
          claim.leadId = id
          return { lead_id: id }
        },
        afterFailure(attempt, { kind, mayHaveHappened }) {
          const isUnsure = mayHaveHappened || (kind === 'rejected' && batch.length > 1)
          // What was refused makes nothing of an earlier create whose answer was lost.
          attempt.claim.leadRequestAt = isUnsure ? now() : (earlier.get(attempt) ?? null)
          return { lead_request_at: attempt.claim.leadRequestAt }
        },
      },
      batch,
    )
    batchSize.learn(batch.length, failures)
    const { failed, again } = blame(batch, failures)
    for (const [attempt, error] of failures) attempt.isAnswered = isAnswer(error)
    return new Map([...failed, ...(await oneByOne(again, createMissing))])
  }

  function draftOf(attempt: Attempt) {
    const { plan, resolved } = attempt
    const draft = attempt.draft ?? draftLead(plan, resolved, peopleOf<number>(attempt))
    attempt.draft = draft
    return draft
  }

  /** Our copy may still show people who are gone; they are looked for once more before the lead does without them. */
  async function mend(attempt: Attempt, error: unknown, repair: Repair) {
    if (!(error instanceof AmocrmError) || error.kind !== 'rejected') return false
    const draft = draftOf(attempt)
    const people = refusedParts(error).filter(({ kind }) => kind === 'contact' || kind === 'company')
    if (people.length > 0 && repair !== 'everything') {
      await mirror.doubt('contacts', draft.contactIds)
      await mirror.doubt('companies', draft.companyId === null ? [] : [draft.companyId])
      return false
    }
    if (repair === 'nothing') return false
    const mended = withoutRefused(draft, error) ?? (repair === 'everything' ? barer(draft) : null)
    if (!mended) return false
    attempt.draft = mended.draft
    warn(attempt, mended.warnings)
    return true
  }

  return makeLeads
}
