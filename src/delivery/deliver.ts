import { atOnce, linksAtOnce } from '../amocrm/batches.ts'
import type { Amocrm } from '../amocrm/client.ts'
import { isRejected } from '../amocrm/errors.ts'
import type { Mirror } from '../amocrm/mirror.ts'
import type { Inbox } from '../inbox/inbox.ts'
import type { Claim } from '../inbox/message.ts'
import type { Translate } from '../mapping/plan.ts'
import type { Rules } from '../mapping/request.mapper.ts'
import { parseOrder } from '../order/parse.ts'
import { type Attempt, beginReading, type Failures, type Reading, type Repair } from './attempt.ts'
import { createBatchSize } from './batch-size.ts'
import { failuresOf } from './blame.ts'
import { createProductLinker } from './link-products.ts'
import { createCardMaker } from './make-cards.ts'
import { createElementMaker } from './make-elements.ts'
import { createLeadMaker } from './make-leads.ts'
import { createPreparation } from './prepare.ts'
import { createRecovery } from './recover.ts'
import { searchColumns } from './search-columns.ts'
import { createStepRunner } from './steps.ts'
import { createNoteWriter } from './write-notes.ts'

export interface DelivererOptions {
  inbox: Inbox
  amocrm: Amocrm
  mirror: Mirror
  /** Id of the contacts' field that holds the shop's partner id. */
  partnerFieldId: number
  rules: Rules
  translate: Translate
  /** Unix ms. */
  now: () => number
}

/** What becomes of the messages of a batch, told as soon as it is known. */
export interface Outcomes {
  delivered(claims: Claim[]): Promise<void>
  failed(failures: Map<Claim, unknown>): Promise<void>
}

/** By which settings orders are delivered. */
export interface Course {
  /** Digest of the settings. */
  version: string | null
  /** Carries messages to the CRM, and tells what becomes of each as soon as it is known. */
  deliver: (claims: Claim[], outcomes: Outcomes) => Promise<void>
}

const repairs: Repair[] = ['nothing', 'fields', 'everything']
/** Ms. */
const lookAnewEvery = 30_000

/** Carries messages to the CRM, many at a time: parse, map, apply. */
export function createDeliverer(options: DelivererOptions) {
  const { inbox, now } = options
  const runStep = createStepRunner(options)
  const { findMarker, plan, resolve, forget } = createPreparation(options)
  const tools = { ...options, runStep, resolve, findMarker }
  const recoverLeads = createRecovery(tools)
  const makeCards = createCardMaker(tools)
  const makeElements = createElementMaker(tools)
  const makeLeads = createLeadMaker({ ...tools, recoverLeads, batchSize: createBatchSize(atOnce) })
  const linkProducts = createProductLinker({ ...tools, batchSize: createBatchSize(linksAtOnce) })
  const writeNotes = createNoteWriter({ ...tools, batchSize: createBatchSize(atOnce) })
  let preparing: Promise<unknown> = Promise.resolve()
  let lookedAt = Number.NEGATIVE_INFINITY

  /** What one batch makes of people and products, the next one finds. */
  function oneAfterTheOther<Result>(prepare: () => Promise<Result>): Promise<Result> {
    const result = preparing.then(prepare)
    preparing = result.catch(() => {})
    return result
  }

  /** Who is refused holds up nobody: it is tried again once the others are through, at last without all that can be left out. */
  async function deliver(claims: Claim[], outcomes: Outcomes) {
    let readings = await read(claims, outcomes)
    for (const repair of repairs) {
      if (readings.length === 0) return
      if (repair !== 'nothing') await lookAnew()
      readings = await carry(readings, repair, outcomes)
    }
  }

  /** What our copy still shows may be gone; but each look takes many requests. */
  async function lookAnew() {
    if (Math.abs(now() - lookedAt) < lookAnewEvery) return
    lookedAt = now()
    await forget()
  }

  async function read(claims: Claim[], outcomes: Outcomes) {
    const readings: Reading[] = []
    const failures = new Map<Claim, unknown>()
    for (const claim of claims) {
      try {
        readings.push(beginReading(claim, await parseOrder(claim)))
      } catch (error) {
        failures.set(claim, error)
      }
    }
    await outcomes.failed(failures)
    for (const { claim, order } of readings) inbox.recordLater({ claim, progress: searchColumns(order) })
    return readings
  }

  /** Gives those that the CRM has refused and that may be repaired. */
  async function carry(readings: Reading[], repair: Repair, outcomes: Outcomes): Promise<Reading[]> {
    const refused: Reading[] = []
    const isRepairable = (error: unknown) => isRejected(error) && repair !== 'everything'

    async function survivors<Each extends Reading>(all: Each[], stage: (all: Each[]) => Promise<Failures<Each>>) {
      const failures = await stage(all).catch((error: unknown) => failuresOf(all, error))
      for (const [each, error] of failures) if (isRepairable(error)) refused.push(each)
      const ended = [...failures].filter(([, error]) => !isRepairable(error))
      await outcomes.failed(new Map(ended.map(([{ claim }, error]) => [claim, error])))
      return all.filter((each) => !failures.has(each))
    }

    const ready = await oneAfterTheOther(async () => {
      const found = await survivors(readings, recoverLeads)
      const planned = (await survivors(found, (all) => plan(all, repair))) as Attempt[]
      const peopled = await survivors(planned, (all) => makeCards(all, repair))
      return survivors(peopled, (all) => makeElements(all, repair))
    })
    const made = await survivors(ready, (all) => makeLeads(all, repair))
    const linked = await survivors(made, (all) => linkProducts(all, repair))
    const noted = await survivors(linked, writeNotes)
    await outcomes.delivered(noted.map(({ claim }) => claim))
    return refused
  }

  return { deliver, findMarker, forget }
}
