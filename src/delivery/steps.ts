import type { Amocrm, AmocrmClient, Exchange } from '../amocrm/client.ts'
import { AmocrmError } from '../amocrm/errors.ts'
import type { Inbox } from '../inbox/inbox.ts'
import type { Claim } from '../inbox/message.ts'
import type { StepName } from '../inbox/steps.ts'
import { ClaimLostError } from './failure.ts'

/** Characters kept of what was sent and of what was answered. */
const longestRecord = { request: 100_000, answer: 16_000 }

/** Runs the steps of one attempt; each is on record before it is sent and again when its answer is known. */
export function createStepRunner(claim: Claim, { inbox, amocrm }: { inbox: Inbox; amocrm: Amocrm }) {
  let ordinal = 0

  /** A process that slept, or waited long for its turn, may have lost its claim to another. */
  async function keepClaim() {
    if (!(await inbox.renew(claim))) throw new ClaimLostError()
  }

  /** @param beforeSend called when nothing but the network is left to wait for */
  return async function runStep<Result>(
    name: StepName,
    work: (client: AmocrmClient) => Promise<Result>,
    beforeSend: () => Promise<void> = keepClaim,
  ): Promise<Result> {
    ordinal += 1
    const end = await inbox.beginStep(claim, ordinal, name)
    let last: Exchange | null = null
    const client = amocrm.observed({
      beforeSend,
      onExchange: (exchange) => {
        last = exchange
      },
    })
    const result = await work(client).catch(async (error: unknown) => {
      const lost = error instanceof AmocrmError && error.mayHaveHappened
      await end({ state: lost ? 'unknown' : 'failed', ...describe(last) })
      throw error
    })
    await end({ state: 'confirmed', ...describe(last) })
    return result
  }
}

function describe(exchange: Exchange | null) {
  return {
    status: exchange?.status ?? null,
    request: exchange ? JSON.stringify(exchange.call).slice(0, longestRecord.request) : null,
    answer: exchange?.answer?.slice(0, longestRecord.answer) ?? null,
  }
}
