import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { inTransaction } from '../../src/database/transaction.ts'
import { onEachDatabase } from '../support/databases.ts'
import { prepareServers, type Server } from '../support/servers.ts'

onEachDatabase('a server that falls asleep while it delivers', (database) => {
  /** The first one delivers, the second one is ready to. */
  async function startTwo() {
    const servers = await prepareServers(database)
    const sleeper = await servers.start()
    await vi.waitFor(() => expect(sleeper.asked).not.toEqual([]))
    return { ...servers, sleeper, other: await servers.start() }
  }

  const hasAsked = (requests: () => unknown[], times = 1) =>
    vi.waitFor(() => expect(requests().length).toBeGreaterThanOrEqual(times), { timeout: 20_000, interval: 1 })

  it.concurrent.each([
    ['waits for the answer to a lead', ({ writes }: Server) => hasAsked(() => writes('/leads'))],
    ['waits for its place in the limit', ({ writes }: Server) => hasAsked(writes, 2)],
    [
      'is between two requests',
      ({ writes }: Server) => hasAsked(() => writes('/link')).then(() => sleep(Math.random() * 100)),
    ],
  ])('is followed by another and does no harm when it wakes up: it %s', { timeout: 120_000 }, async (_when, moment) => {
    const { sandbox, db, messages, delivered, expectEachOnce, close, sleeper, other } = await startTwo()
    await sandbox.faults([{ method: 'POST', path: '/api/v4/*', effect: 'delay', delay_ms: 50 }])
    const ids = await Promise.all(Array.from({ length: 3 }, sleeper.post))
    await moment(sleeper)
    await inTransaction(db, async (transaction) => {
      // In the middle of a write it would keep SQLite locked for everybody, and no other process could do anything.
      await transaction.updateTable('connections').set({ stopped_at: null }).execute()
      sleeper.child.kill('SIGSTOP')
    })
    const asleepAt = Date.now()

    ids.push(await other.post())
    await delivered(ids.slice(-1), 10_000 - (Date.now() - asleepAt))
    await delivered(ids, 60_000)
    const before = await messages()
    sleeper.child.kill('SIGCONT')

    ids.push(await sleeper.post())
    await delivered(ids, 10_000)
    expect((await messages()).slice(0, before.length)).toEqual(before)
    expect(sleeper.writes().filter(({ at }) => at > asleepAt + 100)).toEqual([])

    expect(await other.kill('SIGTERM')).toBe(0)
    ids.push(await sleeper.post())
    await delivered(ids, 5000)
    await expectEachOnce(ids)
    expect(await sleeper.kill('SIGTERM')).toBe(0)
    await close()
  })
})
