import { inBatches } from '../amocrm/batches.ts'
import { isRejected } from '../amocrm/errors.ts'
import type { Mirror } from '../amocrm/mirror.ts'
import { createElements, refusedItems } from '../amocrm/new-elements.ts'
import type { PlannedProduct } from '../mapping/plan.ts'
import { type Attempt, type Failures, type Repair, warn } from './attempt.ts'
import { obstacleIn } from './blame.ts'
import { quote, type ResolvedLink } from './resolve.ts'
import type { StepRunner } from './steps.ts'
import { unsureUntilAnswered } from './unsure.ts'

interface Tools {
  runStep: StepRunner
  mirror: Mirror
  /** Looks once more what there is of an order's people and products. */
  resolve: (attempt: Attempt) => Promise<void>
  /** Unix ms. */
  now: () => number
}

/** Makes the products that the catalog lacks: each once, however many orders have it. */
export function createElementMaker({ runStep, mirror, resolve, now }: Tools) {
  async function makeElements(attempts: Attempt[], repair: Repair): Promise<Failures> {
    const failures: Failures = new Map()
    let hasMade = false
    for (const attempt of attempts.filter(({ claim }) => claim.productsLinkedAt === null)) {
      if (!attempt.resolved.newElements) continue
      try {
        const obstacle = obstacleIn(failures)
        if (obstacle) throw obstacle
        if (hasMade) await resolve(attempt)
        hasMade = (await makeFor(attempt, repair)) || hasMade
      } catch (error) {
        failures.set(attempt, error)
      }
    }
    return failures
  }

  /** False when nothing is lacking. */
  async function makeFor(attempt: Attempt, repair: Repair) {
    const { newElements, links } = attempt.resolved
    if (!newElements) return false
    for (const batch of inBatches(newElements.products))
      links.push(...(await makeBatch(attempt, newElements.catalogId, batch, repair)))
    return true
  }

  /** Gives the links to them. */
  async function makeBatch(
    attempt: Attempt,
    catalogId: number,
    products: PlannedProduct[],
    repair: Repair,
  ): Promise<ResolvedLink[]> {
    let ids: number[] = []
    const failures = await runStep(
      {
        name: 'elements',
        ...unsureUntilAnswered(mirror, 'products', now),
        async send(client) {
          ids = await createElements(client, catalogId, products)
          const createdAt = Math.floor(now() / 1000)
          await mirror.remember(
            'products',
            products.map(({ name, sku }, index) => ({ id: ids[index] ?? 0, name, sku, createdAt })),
          )
        },
        learn({ claim }) {
          claim.cardsRequestAt = null
          warn(attempt, [{ code: 'products_created', params: { names: quote(products) } }])
          return { cards_request_at: null }
        },
      },
      [attempt],
    )
    const error = failures.get(attempt)
    if (error === undefined)
      return products.map(({ name, quantity }, index) => ({ elementId: ids[index] ?? 0, catalogId, quantity, name }))
    if (repair === 'nothing' || !isRejected(error)) throw error
    const refused = refusedItems(error)
    const isRefused = (_: unknown, index: number) => refused.size === 0 || refused.has(index)
    const params = { names: quote(products.filter(isRefused)), error: error.summary }
    warn(attempt, [{ code: 'products_not_created', params }])
    const rest = products.filter((product, index) => !isRefused(product, index))
    return rest.length > 0 && rest.length < products.length ? makeBatch(attempt, catalogId, rest, repair) : []
  }

  return makeElements
}
