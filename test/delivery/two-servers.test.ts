import { expect, it, vi } from 'vitest'
import { onEachDatabase } from '../support/databases.ts'
import { prepareServers } from '../support/servers.ts'
import { createVisitor } from '../support/visitor.ts'

onEachDatabase('two servers on one database', (database) => {
  async function startTwo() {
    const servers = await prepareServers(database)
    const first = await servers.start()
    // It is the one that delivers.
    await vi.waitFor(() => expect(first.asked).not.toEqual([]))
    return { ...servers, first, second: await servers.start() }
  }

  async function pressCheck(url: string) {
    const admin = createVisitor(url)
    await admin.signIn()
    const [, _csrf = ''] = /name="_csrf" value="([^"]+)"/.exec((await admin.visit('/api/auth')).text) ?? []
    expect((await admin.submit('/api/auth/check', { _csrf })).status).toBe(303)
  }

  it('ask the CRM seven times in a second at most, people at both of them included', async () => {
    const { sandbox, first, second, delivered, expectEachOnce, close } = await startTwo()
    const posting = Array.from({ length: 16 }, (_, order) => [first, second][order % 2]?.post() ?? '')
    const pressing = [first, second, first, second].map(({ url }) => pressCheck(url))
    const [ids] = await Promise.all([Promise.all(posting), ...pressing])
    await delivered(ids, 25_000)
    await expectEachOnce(ids)
    expect((await sandbox.requests()).filter(({ status }) => status === 429)).toEqual([])
    for (const server of [first, second]) expect(await server.kill('SIGTERM')).toBe(0)
    await close()
  }, 60_000)

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'deliver one after the other: the second takes over from the first after a %s, in time',
    async (signal) => {
      const { first, second, delivered, expectEachOnce, close } = await startTwo()
      const ids = [await first.post()]
      await delivered(ids, 8000)
      const endedAt = Date.now()
      await first.kill(signal)
      ids.push(await second.post())
      await delivered(ids, signal === 'SIGTERM' ? 5000 : 10_000)
      const [takenOver] = second.asked
      const goal = signal === 'SIGTERM' ? 2500 : 8000
      expect((takenOver?.at ?? 0) - endedAt).toBeLessThan(goal)
      await second.kill('SIGTERM')
      await expectEachOnce(ids)
      await close()
    },
    60_000,
  )

  it('lose no time over what the first had claimed when it was killed', async () => {
    const { sandbox, first, second, delivered, expectEachOnce, close } = await startTwo()
    await sandbox.faults([{ method: 'POST', path: '/api/v4/leads', effect: 'slow_body', body_ms: 15_000, times: 1 }])
    const ids = [await first.post()]
    await vi.waitFor(() => expect(first.writes('/leads')).not.toEqual([]), { timeout: 10_000, interval: 1 })
    const endedAt = Date.now()
    await first.kill('SIGKILL')
    await delivered(ids, 10_000 - (Date.now() - endedAt))
    await second.kill('SIGTERM')
    await expectEachOnce(ids)
    await close()
  }, 60_000)
})
