import type { AmocrmClient, createAmocrmClient, Exchange } from '../amocrm/client.ts'
import { AmocrmError } from '../amocrm/errors.ts'
import type { Inbox } from '../inbox/inbox.ts'
import type { Claim } from '../inbox/message.ts'
import type { StepName } from '../inbox/steps.ts'

export type RunStep = ReturnType<typeof createStepRunner>

const longestAnswer = 16_000

/** Runs the steps of one attempt; each is on record before it is sent and again when its answer is known. */
export function createStepRunner(
  claim: Claim,
  { inbox, client, now }: { inbox: Inbox; client: ReturnType<typeof createAmocrmClient>; now: () => number },
) {
  let ordinal = 0

  return async function runStep<Result>(
    name: StepName,
    work: (client: AmocrmClient) => Promise<Result>,
  ): Promise<Result> {
    ordinal += 1
    const end = await inbox.beginStep(claim, ordinal, name)
    const exchanges: Exchange[] = []
    const seen = () => {
      const last = exchanges.at(-1)
      return {
        status: last?.status ?? null,
        request: last?.call ?? null,
        answer: last?.answer?.slice(0, longestAnswer) ?? null,
      }
    }
    try {
      const result = await work(client.observed((exchange) => exchanges.push(exchange)))
      await end({ state: 'confirmed', ...seen() }, now())
      return result
    } catch (error) {
      const lost = error instanceof AmocrmError && error.mayHaveHappened
      await end({ state: lost ? 'unknown' : 'failed', ...seen() }, now())
      throw error
    }
  }
}
