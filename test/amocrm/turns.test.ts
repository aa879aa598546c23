import { afterEach, beforeEach, expect, it } from 'vitest'
import { createConnectionStore } from '../../src/amocrm/connection-store.ts'
import { createSecretBox } from '../../src/amocrm/secret-box.ts'
import { createTurns } from '../../src/amocrm/turns.ts'
import { migrate } from '../../src/database/migrate.ts'
import { type Database, openDatabase } from '../../src/database/open.ts'
import { onEachDatabase } from '../support/databases.ts'
import { createClock } from '../support/parom.ts'

const account = 'sandbox.amocrm.ru'

onEachDatabase('the turns of processes', (database) => {
  let opened: Database
  let clock: ReturnType<typeof createClock>
  beforeEach(async () => {
    clock = createClock()
    opened = openDatabase(await database.fresh())
    await migrate(opened)
    const box = createSecretBox([Buffer.alloc(32).toString('base64')])
    const store = createConnectionStore({ db: opened.db, box, account, integration: null })
    await store.createIfMissing('https://sandbox.amocrm.ru')
  })
  afterEach(() => opened.close())

  const startProcess = (stop = new AbortController().signal) =>
    createTurns({ db: opened.db, account, stop, now: clock.now })
  const pausedUntil = async () =>
    (await opened.db.selectFrom('connections').select('paused_until').executeTakeFirstOrThrow()).paused_until ?? 0

  it('leave the delivery to one at a time, and a second to what the one before has sent', async () => {
    const [one, other] = [startProcess().delivery, startProcess().delivery]
    expect([await one.use(), await other.use()]).toEqual([true, false])
    clock.advance(4000)
    expect([await one.use(), await other.use()]).toEqual([true, false])
    clock.advance(5500)
    expect(await other.use()).toBe(false)
    clock.advance(700)
    expect([await other.use(), await one.use()]).toEqual([true, false])
    await other.release()
    expect(await one.use()).toBe(false)
    clock.advance(1200)
    expect(await one.use()).toBe(true)
  })

  it('lose no answer to a database that is gone when a turn ends', async () => {
    const { inPeoplesTurn } = startProcess()
    const call = async () => {
      await opened.db.schema.dropTable('connections').execute()
      return 'a pair of tokens'
    }
    expect(await inPeoplesTurn(call)).toBe('a pair of tokens')
  })

  it('do not end another’s turn when one comes back late', async () => {
    const ends: (() => void)[] = []
    const begin = () => startProcess().inPeoplesTurn(() => new Promise<void>((resolve) => void ends.push(resolve)))
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
    await expect(other.inPeoplesTurn(async () => sent.push('a token request'))).rejects.toMatchObject({
      kind: 'rate_limited',
    })
    expect(sent).toEqual([])
    clock.advance(300_000)
    await other.inPeoplesTurn(async () => sent.push('a token request'))
    expect(sent).toHaveLength(1)
  })

  it('take a time far ahead for what a wrong clock has left', async () => {
    clock.advance(24 * 60 * 60_000)
    const wrong = startProcess()
    await wrong.paused(300_000)
    await wrong.delivery.keep()
    clock.advance(-24 * 60 * 60_000)
    const right = startProcess()
    expect(await right.inPeoplesTurn(async () => 'sent')).toBe('sent')
    expect(await right.delivery.keep()).toBe(true)
    await right.paused(1000)
    expect(await pausedUntil()).toBeLessThanOrEqual(clock.now() + 1000)
  })
})
