import type { Warning } from '../inbox/message.ts'
import type { StoredAttempt, StoredMessage, StoredStep } from '../inbox/queries.ts'
import type { StepName } from '../inbox/steps.ts'

/** What an order goes through in the CRM. A lead is looked for, and elements are made, only where it is needed. */
export const stageNames = ['recover', 'contact', 'elements', 'lead', 'products', 'note'] as const
type StageName = (typeof stageNames)[number]

const stageOfStep: Record<StepName, StageName> = {
  recover: 'recover',
  partner: 'contact',
  contact: 'contact',
  company: 'contact',
  company_link: 'contact',
  elements: 'elements',
  lead: 'lead',
  products: 'products',
  products_check: 'products',
  note_check: 'note',
  note: 'note',
}
const optional: ReadonlySet<StageName> = new Set(['recover', 'elements'])

/**
 * `earlier`: an attempt before this one has done it. `passed`: there was nothing to ask the CRM for.
 * `ahead`: the attempt did not come so far.
 */
export const stageStates = ['done', 'at_work', 'failed', 'unknown', 'earlier', 'passed', 'ahead'] as const
type StageState = (typeof stageStates)[number]

interface Stage {
  name: StageName
  state: StageState
  steps: StoredStep[]
  warnings: Warning[]
  /** Ms from the first request to the last answer; null where there is but one step, which says it itself. */
  took: number | null
  /** Whether the attempt ended here. */
  isEnd: boolean
}

interface AttemptStory extends Omit<StoredAttempt, 'steps'> {
  /** Ms before it began: since the order came, or since the attempt before it. */
  waited: number
  /** Ms; null while it is at work, and of one that was cut off. */
  took: number | null
  isAtWork: boolean
  /** Its process died over it. */
  isCutOff: boolean
  /** The step that its error tells of; others asked for something else at the same places. */
  failedStep: number | undefined
  /** Whether it is worth reading at once. */
  isOpen: boolean
  stages: Stage[]
}

/** The attempts from the first to the last. @param attempts the latest first */
export function tellStory(message: StoredMessage, attempts: StoredAttempt[]): AttemptStory[] {
  const done = new Set<StageName>()
  let before = message.received_at
  const story = attempts.toReversed().map((attempt, index) => {
    const isLast = index === attempts.length - 1
    const isAtWork = isLast && message.state === 'pending' && message.lease_until !== null
    const stages = stagesOf(attempt, isAtWork, done)
    for (const { name, state } of stages) if (state === 'done') done.add(name)
    const { steps, ...rest } = attempt
    const waited = Math.max(0, attempt.started_at - before)
    before = attempt.finished_at ?? attempt.started_at
    return {
      ...rest,
      waited,
      took: attempt.finished_at === null ? null : attempt.finished_at - attempt.started_at,
      isAtWork,
      isCutOff: attempt.finished_at === null && !isAtWork,
      failedStep: steps.findLast(({ state }) => state === 'failed')?.ordinal,
      isOpen: isLast,
      stages,
    }
  })
  for (const warning of message.warnings ? (JSON.parse(message.warnings) as Warning[]) : []) place(warning, story)
  return story
}

/** Ms. An attempt may have begun by the time that what a person has done is on record. */
const recordedWithin = 1000

/** What people did, each with the number of the attempt that came next; null: none did. @param attempts the latest first */
export function placeDeeds<Deed extends { at: number }>(deeds: Deed[], attempts: StoredAttempt[]) {
  return deeds.map((deed) => {
    const next = attempts.findLast(
      ({ started_at, finished_at }) => (finished_at ?? started_at + recordedWithin) > deed.at,
    )
    return { ...deed, before: next?.number ?? null }
  })
}

/** A warning stands where the order last was when it arose. */
function place(warning: Warning, story: AttemptStory[]) {
  const name = stageOfWarning(warning.code)
  const isThere = (stage: Stage) => stage.name === name && stage.state !== 'ahead' && stage.state !== 'earlier'
  const attempt = story.findLast(({ stages }) => stages.some(isThere)) ?? story.at(-1)
  if (!attempt) return
  attempt.isOpen = true
  attempt.stages.find((stage) => stage.name === name)?.warnings.push(warning)
}

function stagesOf(attempt: StoredAttempt, isAtWork: boolean, done: ReadonlySet<StageName>): Stage[] {
  const stepsOf = (name: StageName) => attempt.steps.filter((step) => stageOfStep[step.name as StepName] === name)
  const shown = stageNames.filter((name) => !optional.has(name) || stepsOf(name).length > 0)
  const furthest = shown.findLastIndex((name) => stepsOf(name).some(isBegun))
  const isDelivered = attempt.outcome === 'delivered'
  const stages = shown.map((name, index): Stage => {
    const steps = stepsOf(name)
    const isPassed = isDelivered || index < furthest
    const idle = done.has(name) ? 'earlier' : isPassed ? 'passed' : 'ahead'
    return { name, state: stateOf(steps) ?? idle, steps, warnings: [], took: lengthOf(steps), isEnd: false }
  })
  const end = isDelivered || isAtWork ? undefined : (stages.findLast(isBroken) ?? stages.find(isAhead) ?? stages.at(-1))
  return stages.map((stage) => ({ ...stage, isEnd: stage === end }))
}

function isBegun({ state }: StoredStep) {
  return state !== 'planned'
}

/** What was refused may have been sent again without what was wrong with it, so the last word counts. */
function stateOf(steps: StoredStep[]): StageState | null {
  const last = steps.findLast(isBegun)
  if (!last || last.state === 'planned') return null
  if (last.state === 'sent') return 'at_work'
  return last.state === 'confirmed' ? 'done' : last.state
}

function lengthOf(steps: StoredStep[]) {
  const begin = Math.min(...steps.map(({ sent_at, started_at }) => sent_at ?? started_at))
  const end = Math.max(...steps.map(({ finished_at }) => finished_at ?? Number.NEGATIVE_INFINITY))
  return steps.length > 1 && end >= begin ? end - begin : null
}

function isBroken({ state }: Stage) {
  return state === 'failed' || state === 'unknown' || state === 'at_work'
}

function isAhead({ state }: Stage) {
  return state === 'ahead'
}

/** Where it is to be looked into. */
function stageOfWarning(code: string): StageName {
  if (/^(partner|buyer|contact|company|field_idle)/.test(code)) return 'contact'
  return /^(product|catalog|quantity)/.test(code) ? 'products' : 'lead'
}
