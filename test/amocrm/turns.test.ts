import type { KyselyPlugin } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createConnectionStore } from '../../src/amocrm/connection-store.ts'
import type { AmocrmError } from '../../src/amocrm/errors.ts'
import { createSecretBox } from '../../src/amocrm/secret-box.ts'
import { createTurns } from '../../src/amocrm/turns.ts'
import { migrate } from '../../src/database/migrate.ts'
import { type Database, openDatabase } from '../../src/database/open.ts'
import { onEachDatabase } from '../support/databases.ts'
import { createClock } from '../support/parom.ts'

const account = 'sandbox.amocrm.ru'

onEachDatabase('the turns of processes', (database) => {
  let databaseUrl: string
  let opened: Database
  let clock: ReturnType<typeof createClock>
  beforeEach(async () => {
    clock = createClock()
    databaseUrl = await database.fresh()
    opened = openDatabase(databaseUrl)
    await migrate(opened)
    const box = createSecretBox([Buffer.alloc(32).toString('base64')])
    const store = createConnectionStore({ db: opened.db, box, account, integration: null })
    await store.createIfMissing('https://sandbox.amocrm.ru')
  })
  afterEach(() => opened.close())

  const startProcess = ({ db = opened.db, now = clock.now } = {}) =>
    createTurns({ db, account, stop: new AbortController().signal, now })
  const pausedUntil = async () =>
    (await opened.db.selectFrom('connections').select('paused_until').executeTakeFirstOrThrow()).paused_until ?? 0

  type Process = ReturnType<typeof startProcess>
  /** Whether it may send something of the delivery's. */
  const uses = ({ delivery, inTurn }: Process) =>
    delivery
      .keep()
      .then(() => inTurn('delivery', async (isSurelyOurs) => isSurelyOurs()))
      .catch((error: AmocrmError) => error.message)
  const refused = 'not sent: another process delivers by now'

  it('leave the delivery to one at a time, and a second to what the one before has sent', async () => {
    const [one, other] = [startProcess(), startProcess()]
    expect([await uses(one), await uses(other)]).toEqual([true, refused])
    clock.advance(4000)
    expect([await uses(one), await uses(other)]).toEqual([true, refused])
    clock.advance(5500)
    expect(await uses(other)).toBe(refused)
    clock.advance(700)
    expect([await uses(other), await uses(one)]).toEqual([true, refused])
    await other.delivery.release()
    expect(await uses(one)).toBe(refused)
    clock.advance(1200)
    expect(await uses(one)).toBe(true)
  })

  it('lose no answer to a database that is gone when a turn ends', async () => {
    const { inTurn } = startProcess()
    const call = async () => {
      await opened.db.schema.dropTable('connections').execute()
      return 'a pair of tokens'
    }
    expect(await inTurn('people', call)).toBe('a pair of tokens')
  })

  it('do not end another’s turn when one comes back late', async () => {
    const ends: (() => void)[] = []
    const begin = () => startProcess().inTurn('people', () => new Promise<void>((resolve) => void ends.push(resolve)))
    const running = [begin()]
    await expect.poll(() => ends.length).toBe(1)
    clock.advance(30_000)
    running.push(begin())
    await expect.poll(() => ends.length).toBe(2)
    ends[0]?.()
    running.push(begin())
    await new Promise((resolve) => setTimeout(resolve, 1500))
    expect(ends).toHaveLength(2)
    ends[1]?.()
    await expect.poll(() => ends.length, { timeout: 3000 }).toBe(3)
    ends[2]?.()
    await Promise.all(running)
  })

  it('keep the longer of two pauses, and send nothing of people’s meanwhile', async () => {
    const [one, other] = [startProcess(), startProcess()]
    await one.paused(300_000)
    await other.paused(0)
    expect(await pausedUntil()).toBeGreaterThan(clock.now() + 290_000)
    const sent: string[] = []
    await expect(other.inTurn('people', async () => sent.push('a token request'))).rejects.toMatchObject({
      kind: 'rate_limited',
    })
    expect(sent).toEqual([])
    clock.advance(300_000)
    await other.inTurn('people', async () => sent.push('a token request'))
    expect(sent).toHaveLength(1)
  })

  it('take a time far ahead for what a wrong clock has left', async () => {
    clock.advance(24 * 60 * 60_000)
    const wrong = startProcess()
    await wrong.paused(300_000)
    await uses(wrong)
    clock.advance(-24 * 60 * 60_000)
    const right = startProcess()
    expect(await right.inTurn('people', async () => 'sent')).toBe('sent')
    expect(await uses(right)).toBe(true)
    await right.paused(1000)
    expect(await pausedUntil()).toBeLessThanOrEqual(clock.now() + 1000)
  })

  it.each([
    ['delivery', 3500],
    ['people', 23_000],
  ] as const)('are not surely ours any more when a request of %s was held up until %i ms later', async (lane, ms) => {
    const one = startProcess()
    await one.delivery.keep()
    const seen = await one.inTurn(lane, async (isSurelyOurs) => {
      const before = isSurelyOurs()
      clock.advance(ms)
      return [before, isSurelyOurs()]
    })
    expect(seen).toEqual([true, false])
  })

  it('are surely nobody’s before the clock was set back', async () => {
    const one = startProcess()
    await one.delivery.keep()
    const seen = one.inTurn('delivery', async (isSurelyOurs) => {
      clock.advance(-60_000)
      return isSurelyOurs()
    })
    expect(await seen).toBe(false)
  })

  it.each([2000, -2000])('are kept by who delivers, though the clock of the next one differs by %i ms', async (ms) => {
    const [one, next] = [startProcess(), startProcess({ now: () => clock.now() + ms })]
    const asked: boolean[] = []
    expect(await uses(one)).toBe(true)
    for (let round = 0; round < 8; round++) {
      clock.advance(2000)
      asked.push(await next.delivery.keep())
      await uses(one)
    }
    expect(asked).not.toContain(true)
    const { isSure, takenOverAfter } = await one.inTurn('delivery', async (isSurelyOurs) => {
      let isSure = 0
      for (let waited = 0; waited < 12_000; waited += 100) {
        clock.advance(100)
        if (isSurelyOurs()) isSure = waited + 100
        if (await next.delivery.keep()) return { isSure, takenOverAfter: waited + 100 }
      }
      return { isSure, takenOverAfter: Number.POSITIVE_INFINITY }
    })
    expect(takenOverAfter - isSure).toBeGreaterThanOrEqual(1000)
    expect(takenOverAfter).toBeLessThan(9000)
  })

  /** A process that falls asleep when one of its statements has been answered, and wakes up when that is done. */
  function startSleeper(meanwhile: () => Promise<unknown>, { now = clock.now, statement = 1 } = {}) {
    const { db, close } = openDatabase(databaseUrl)
    let answered = 0
    const asleep: KyselyPlugin = {
      transformQuery: ({ node }) => node,
      async transformResult({ result }) {
        answered += 1
        if (answered === statement) await meanwhile()
        return result
      },
    }
    return { ...startProcess({ db: db.withPlugin(asleep), now }), close }
  }

  describe.each([
    ['before it looks at the clock', false],
    ['after it has looked at the clock', true],
  ])('are not taken from who has them by one that slept for long %s', (_when, isStale) => {
    it('and delivers', async () => {
      const one = startProcess()
      const begun = clock.now()
      const sleeper = startSleeper(
        async () => {
          clock.advance(30_000)
          expect(await uses(one)).toBe(true)
        },
        { now: isStale ? () => begun : clock.now },
      )
      expect(await uses(sleeper)).toBe(refused)
      clock.advance(2000)
      expect(await uses(one)).toBe(true)
      await sleeper.close()
    })

    it('and asks for people', async () => {
      const one = startProcess()
      const begun = clock.now()
      let finish = () => {}
      let running: Promise<unknown> | undefined
      const sleeper = startSleeper(
        async () => {
          clock.advance(60_000)
          await new Promise<void>((begin) => {
            running = one.inTurn('people', () => {
              begin()
              return new Promise<void>((resolve) => {
                finish = resolve
              })
            })
          })
        },
        { now: () => (isStale && !running ? begun : clock.now()) },
      )
      let isSent = false
      const waiting = sleeper.inTurn('people', async () => {
        isSent = true
      })
      await new Promise((resolve) => setTimeout(resolve, 500))
      expect(isSent).toBe(false)
      finish()
      await Promise.all([running, expect.poll(() => isSent, { timeout: 5000 }).toBe(true)])
      await waiting
      await sleeper.close()
    })
  })

  it('are not taken from who delivers by one that slept before it looked at the row', async () => {
    const one = startProcess()
    const begun = clock.now()
    let isAwake = false
    const wakesUp = async () => {
      isAwake = true
    }
    const sleeper = startSleeper(wakesUp, { now: () => (isAwake ? clock.now() : begun) })
    clock.advance(30_000)
    expect([await uses(one), await uses(sleeper)]).toEqual([true, refused])
    await sleeper.close()
  })

  it('are given back for good, even while they are being kept', async () => {
    let released: Promise<void> | undefined
    const one = startSleeper(
      async () => {
        released = one.delivery.release()
      },
      { statement: 2 },
    )
    await uses(one)
    await released
    expect(await uses(one)).toBe(refused)
    clock.advance(1200)
    await expect(one.inTurn('delivery', async () => 'sent')).rejects.toThrow(refused)
    expect(await uses(startProcess())).toBe(true)
    await one.close()
  })

  it('outlive a database that fails in the middle', async () => {
    const { db, close } = openDatabase(databaseUrl)
    let isDown = false
    const failing: KyselyPlugin = {
      transformQuery: ({ node }) => node,
      async transformResult({ result }) {
        if (isDown) throw new Error('the answer of the database is lost')
        return result
      },
    }
    const one = startProcess({ db: db.withPlugin(failing) })
    await uses(one)
    clock.advance(2000)
    isDown = true
    expect(await uses(one)).toMatch('database is lost')
    isDown = false
    expect([await uses(one), await uses(startProcess())]).toEqual([true, refused])
    await close()
  })

  it('belong to one of many that ask for them at the same instant', async () => {
    const processes = Array.from({ length: 8 }, () => startProcess())
    const answers = await Promise.all(
      processes.flatMap((process) => [process.delivery.keep(), process.delivery.keep()]),
    )
    expect(answers.filter(Boolean)).toHaveLength(2)
    const owner = processes[Math.floor(answers.indexOf(true) / 2)]
    expect(owner && (await uses(owner))).toBe(true)
  })
})
