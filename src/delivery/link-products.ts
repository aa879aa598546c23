import { isRejected } from '../amocrm/errors.ts'
import { linkProducts, listLinkedElements, refusedElements } from '../amocrm/links.ts'
import type { Mirror } from '../amocrm/mirror.ts'
import type { Inbox } from '../inbox/inbox.ts'
import { type Attempt, type Failures, leadOf, type Repair, warn } from './attempt.ts'
import type { createBatchSize } from './batch-size.ts'
import { blame } from './blame.ts'
import { quote, type ResolvedLink } from './resolve.ts'
import type { StepRunner } from './steps.ts'

interface Tools {
  runStep: StepRunner
  inbox: Inbox
  mirror: Mirror
  batchSize: ReturnType<typeof createBatchSize>
  /** Unix ms. */
  now: () => number
}

/** Ms. Links are known to get lost although the answer names them; they are read back together, so many at such times. */
const readBackEvery = 30_000

/** Links the leads to their products. */
export function createProductLinker({ runStep, inbox, mirror, batchSize, now }: Tools) {
  async function linkAll(attempts: Attempt[], repair: Repair): Promise<Failures> {
    const due = attempts.filter(({ claim, plan }) => claim.productsLinkedAt === null && plan.products.length > 0)
    const failures = await link(due, repair)
    const linked = due.filter((attempt) => !failures.has(attempt))
    // Of a request with one link nothing but the request can get lost.
    const isReadBack = linked.flatMap(({ links }) => links).length > 1
    const checkAt = (Math.floor(now() / readBackEvery) + 2) * readBackEvery
    for (const { claim, links } of linked) {
      claim.productsLinkedAt = now()
      const products_check_at = isReadBack && links.length > 0 ? checkAt : null
      const progress = { products_linked_at: now(), products_check_at, products_expected: links.length }
      inbox.recordLater({ claim, progress: { ...progress, warnings: claim.warnings } })
    }
    return failures
  }

  async function link(attempts: Attempt[], repair: Repair): Promise<Failures> {
    const { missing, failures } = await findMissing(attempts)
    const linksOf = (attempt: Attempt) => missing.get(attempt) ?? attempt.links
    const lacking = attempts.filter((attempt) => linksOf(attempt).length > 0 && !failures.has(attempt))
    for (const batch of batchSize.split(lacking, (attempt) => linksOf(attempt).length)) {
      const { failed, again } = blame(batch, await send(batch, linksOf))
      const mended = await leaveOutRefused(failed, repair)
      for (const group of [...again, ...mended.map((attempt) => [attempt])]) {
        for (const [attempt, error] of await link(group, repair)) failures.set(attempt, error)
      }
      for (const [attempt, error] of failed) if (!mended.includes(attempt)) failures.set(attempt, error)
    }
    return failures
  }

  /** What may have been linked already is read first: nobody is sure what becomes of a link that is made twice. */
  async function findMissing(attempts: Attempt[]) {
    const missing = new Map<Attempt, ResolvedLink[]>()
    const unsure = attempts.filter(({ claim, links }) => claim.productsRequested && links.length > 0)
    const failures = await runStep(
      {
        name: 'products_check',
        isRecordedLater: true,
        send: (client) => listLinkedElements(client, unsure.map(leadOf)),
        learn(attempt, linked) {
          const there = linked.get(leadOf(attempt))
          missing.set(
            attempt,
            attempt.links.filter(({ elementId }) => !there?.has(elementId)),
          )
          return {}
        },
      },
      unsure,
    )
    return { missing, failures }
  }

  async function send(batch: Attempt[], linksOf: (attempt: Attempt) => ResolvedLink[]): Promise<Failures> {
    const failures: Failures = new Map()
    // An order that has too many for one request is alone in its batch.
    const most = batch.length === 1 ? batchSize.current : Number.POSITIVE_INFINITY
    const longest = Math.max(...batch.map((attempt) => linksOf(attempt).length))
    for (let from = 0; from < longest && failures.size === 0; from += most) {
      const part = (attempt: Attempt) => linksOf(attempt).slice(from, from + most)
      const sent = await runStep(
        {
          name: 'products',
          isRecordedLater: true,
          before({ claim }) {
            claim.productsRequested = true
            return {}
          },
          send: (client) =>
            linkProducts(
              client,
              batch.flatMap((attempt) => part(attempt).map((link) => ({ leadId: leadOf(attempt), ...link }))),
            ),
        },
        batch,
      )
      batchSize.learn(batch.flatMap(part).length, sent)
      for (const [attempt, error] of sent) failures.set(attempt, error)
    }
    return failures
  }

  /** Gives those that go on without the products that the CRM refuses. */
  async function leaveOutRefused(failed: Failures, repair: Repair) {
    const mended: Attempt[] = []
    for (const [attempt, error] of failed) {
      if (!isRejected(error)) continue
      const refused = refusedElements(error)
      await mirror.doubt('products', refused)
      if (repair !== 'everything') continue
      const isRefused = ({ elementId }: ResolvedLink) => refused.length === 0 || refused.includes(elementId)
      const params = { names: quote(attempt.links.filter(isRefused)), error: error.summary }
      warn(attempt, [{ code: 'products_refused', params }])
      attempt.links = attempt.links.filter((each) => !isRefused(each))
      mended.push(attempt)
    }
    return mended
  }

  return linkAll
}
