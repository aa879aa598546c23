import { afterEach, beforeEach, expect, it } from 'vitest'
import { AmocrmError } from '../../src/amocrm/errors.ts'
import { migrate } from '../../src/database/migrate.ts'
import { type Database, openDatabase } from '../../src/database/open.ts'
import type { Outcomes } from '../../src/delivery/deliver.ts'
import { createWorker } from '../../src/delivery/worker.ts'
import { createInbox } from '../../src/inbox/inbox.ts'
import type { Claim } from '../../src/inbox/message.ts'
import { onEachDatabase } from '../support/databases.ts'

const account = 'shop.amocrm.ru'
const unauthorized = new AmocrmError('unauthorized', 'HTTP 401', { status: 401 })

onEachDatabase('a worker that is disturbed', (database) => {
  let opened: Database
  let ahead = 0
  /** Whether the worker knows that the CRM does not let it in; the order says so a moment earlier. */
  let isShut = false
  const now = () => Date.now() + ahead
  let inbox: ReturnType<typeof createInbox>
  beforeEach(async () => {
    opened = openDatabase(await database.fresh())
    await migrate(opened)
    ahead = 0
    isShut = false
    inbox = createInbox(opened, now)
  })
  afterEach(() => opened.close())

  const accept = async (dedupeKey: string) => {
    const order = { account, source: 'lk', dedupeKey, dedupeWindow: null, contentType: 'text/plain', headers: {} }
    return (await inbox.accept({ ...order, body: Buffer.from(dedupeKey) })).id
  }
  const stateOf = async (id: string) => (await inbox.find(id))?.state

  /** Each order fares as `fate` says; whatever is not told is as in a quiet world. */
  function start(deliver: (claims: Claim[], outcomes: Outcomes) => Promise<void>, parts: Partial<Parts> = {}) {
    const { ownInbox = inbox, connection = {}, turn } = parts
    const usual = { version: null, deliver }
    const { course = () => usual } = parts
    return createWorker({
      inbox: ownInbox,
      account,
      course,
      tidyUp: async () => false,
      ordersAtOnce: 50,
      connection: {
        probe: async () => {},
        lost: async () => {},
        isMended: async () => false,
        isPaused: async () => false,
        opened: async () => {},
        works: async () => {},
        ...connection,
      },
      turn: turn ?? { keep: async () => true, release: async () => {} },
      now,
      random: () => 0.5,
      log: {
        delivered() {},
        failed() {},
        held() {
          isShut = true
        },
        resumed() {},
        broken() {},
      },
    })
  }
  type Parts = {
    course: Parameters<typeof createWorker>[0]['course']
    ownInbox: typeof inbox
    connection: Partial<Parameters<typeof createWorker>[0]['connection']>
    turn: Parameters<typeof createWorker>[0]['turn']
  }

  /** Refused once, then let in. */
  function onceRefused() {
    let isRefused = true
    return async (claims: Claim[], outcomes: Outcomes) => {
      if (!isRefused) return outcomes.delivered(claims)
      isRefused = false
      await outcomes.failed(new Map(claims.map((claim) => [claim, unauthorized])))
    }
  }

  it('sends on what is held although the loss could not be noted', async () => {
    const id = await accept('a')
    const lost = async () => {
      throw new Error('the database is gone')
    }
    const worker = start(onceRefused(), { connection: { lost } })
    await expect.poll(() => stateOf(id)).toBe('held')
    await expect.poll(() => isShut).toBe(true)
    ahead = 10 * 60_000
    worker.wake()
    await expect.poll(() => stateOf(id), { timeout: 15_000 }).toBe('delivered')
    await worker.stop()
  })

  it('sends on what is held although the database fails when it is let in again', async () => {
    const id = await accept('a')
    let isBroken = false
    const releaseHeld = async (of: string) => {
      if (!isBroken) return inbox.releaseHeld(of)
      isBroken = false
      throw new Error('deadlock')
    }
    const worker = start(onceRefused(), { ownInbox: { ...inbox, releaseHeld } })
    await expect.poll(() => stateOf(id)).toBe('held')
    await expect.poll(() => isShut).toBe(true)
    isBroken = true
    ahead = 10 * 60_000
    worker.wake()
    await expect.poll(() => stateOf(id), { timeout: 15_000 }).toBe('delivered')
    await worker.stop()
  })

  it('sends on what another held while it was asleep with a batch', async () => {
    await accept('at work')
    let goOn = () => {}
    const isFree = new Promise<void>((resolve) => {
      goOn = resolve
    })
    let isFirst = true
    let isKept = true
    let refusals = 0
    const keep = async () => {
      if (!isKept) refusals += 1
      return isKept
    }
    const worker = start(
      async (claims, outcomes) => {
        if (isFirst) {
          isFirst = false
          await isFree
        }
        await outcomes.delivered(claims)
      },
      { turn: { keep, release: async () => {} } },
    )
    await expect.poll(() => isFirst).toBe(false)
    isKept = false
    await expect.poll(() => refusals).toBeGreaterThan(1)
    const id = await accept('b')
    await inbox.holdDue(account, 'crm_unauthorized')
    expect(await stateOf(id)).toBe('held')
    isKept = true
    worker.wake()
    await expect.poll(() => stateOf(id), { timeout: 15_000 }).toBe('delivered')
    goOn()
    await worker.stop()
  })

  it('ends a batch by the settings that it began with, before others are taken up by new ones', async () => {
    const told: string[] = []
    let goOn = () => {}
    const isFree = new Promise<void>((resolve) => {
      goOn = resolve
    })
    const courseOf = (version: string) => ({
      version,
      async deliver(claims: Claim[], { delivered }: Outcomes) {
        told.push(`${version} begins`)
        if (version === 'old') await isFree
        told.push(`${version} ends`)
        await delivered(claims)
      },
    })
    let current = courseOf('old')
    const first = await accept('a')
    const worker = start(async () => {}, { course: () => current })
    await expect.poll(() => told).toEqual(['old begins'])
    current = courseOf('new')
    const second = await accept('b')
    worker.wake()
    await expect.poll(() => stateOf(second)).toBe('pending')
    goOn()
    await expect.poll(() => stateOf(second)).toBe('delivered')
    expect(told).toEqual(['old begins', 'old ends', 'new begins', 'new ends'])
    expect((await inbox.attempts(first))[0]?.config_version).toBe('old')
    expect((await inbox.attempts(second))[0]?.config_version).toBe('new')
    await worker.stop()
  })

  it('hurries no order on that keeps failing while others go through', async () => {
    const sick = await accept('sick')
    const worker = start(async (claims, outcomes) => {
      const isSick = ({ id }: Claim) => id === sick
      await outcomes.failed(
        new Map(claims.filter(isSick).map((claim) => [claim, new AmocrmError('unavailable', '500')])),
      )
      await outcomes.delivered(claims.filter((claim) => !isSick(claim)))
    })
    const tries = async () => (await inbox.find(sick))?.attempts
    await expect.poll(tries).toBe(1)
    for (const passed of [1, 2, 3, 4]) {
      ahead += 61_000
      const id = await accept(`healthy ${passed}`)
      worker.wake()
      await expect.poll(() => stateOf(id)).toBe('delivered')
    }
    await accept('last').then((id) => expect.poll(() => stateOf(id)).toBe('delivered'))
    // After 4 s, 30 s and 2 min, as if nobody else were there.
    await expect.poll(tries).toBe(4)
    await worker.stop()
  })

  it('tries again by itself, and takes no death for it, when the delivery breaks off', async () => {
    const id = await accept('a')
    let isFirst = true
    const worker = start(async (claims, outcomes) => {
      if (isFirst) {
        isFirst = false
        throw new Error('the database was gone for a moment')
      }
      await outcomes.delivered(claims)
    })
    await expect.poll(async () => (await inbox.find(id))?.reason).toBe('internal')
    expect(await inbox.attempts(id)).toMatchObject([{ outcome: 'retry', finished_at: expect.any(Number) }])
    ahead = 60_000
    worker.wake()
    await expect.poll(() => stateOf(id)).toBe('delivered')
    await worker.stop()
  })
})
