import { setTimeout as sleep } from 'node:timers/promises'
import { randomFrom } from './chaos/orders.ts'
import { type Answer, streamOrders } from './order-stream.ts'
import { aloneOn, startProcess } from './process.ts'
import { compareWithStored, type Verdict } from './stored-orders.ts'

interface KillRounds {
  databaseUrl: string
  rounds: number
  /** Decides when the server dies and which orders are sent twice. */
  seed: number
}

interface KillOutcome extends Verdict {
  /** Orders of which a sender had heard nothing when the server died, and that were there all the same when it came again. */
  storedUnheard: number
  /** Orders that were sent more than once on purpose. */
  sentTwice: number
  /** Answers that were no 200 while the server lived. */
  refused: number
}

const connections = 32
/** Share of orders of which a second request follows at once, over another connection as a rule. */
const doubles = 0.1
/** Ms of full speed before the kill. */
const life = { min: 200, max: 1500 }

/** Kills the server under full load, again and again; a sender that heard nothing comes again after the restart, as a shop does. */
export async function killUnderLoad({ databaseUrl, rounds, seed }: KillRounds) {
  const random = randomFrom(seed)
  const answers: Answer[] = []
  let unheard: number[] = []
  let storedUnheard = 0
  let refused = 0
  const numbers = createNumbers(random)
  const env = await aloneOn(databaseUrl)

  async function comeAgain() {
    const again = [...new Set(unheard)]
    const heard = await streamOrders({ port: Number(env.PORT), connections: 4, next: () => again.shift() ?? null })
    storedUnheard += heard.answers.filter(({ duplicate }) => duplicate).length
    answers.push(...heard.answers)
    unheard = heard.unanswered
  }

  for (let round = 0; round < rounds; round++) {
    const server = await startProcess(env)
    await comeAgain()
    const streaming = streamOrders({ port: Number(env.PORT), connections, next: numbers.next })
    await sleep(life.min + random() * (life.max - life.min))
    await server.kill('SIGKILL')
    const outcome = await streaming
    for (const answer of outcome.answers) answers.push(answer)
    refused += outcome.answers.filter(({ status }) => status !== 200).length
    const heard = new Set(outcome.answers.map(({ number }) => number))
    unheard = [...unheard, ...outcome.unanswered.filter((number) => !heard.has(number))]
  }

  const server = await startProcess(env)
  await comeAgain()
  await server.kill('SIGKILL')
  const verdict = await compareWithStored(databaseUrl, answers)
  return { ...verdict, storedUnheard, sentTwice: numbers.sentTwice(), refused } satisfies KillOutcome
}

function createNumbers(random: () => number) {
  let last = 0
  let sentTwice = 0
  let isRepeated = true
  return {
    next() {
      if (!isRepeated && random() < doubles) {
        isRepeated = true
        sentTwice += 1
        return last
      }
      isRepeated = false
      last += 1
      return last
    },
    sentTwice: () => sentTwice,
  }
}
