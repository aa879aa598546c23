import { expect, it, vi } from 'vitest'
import { onEachDatabase } from '../support/databases.ts'
import { prepareServers } from '../support/servers.ts'

onEachDatabase('a server that is told to stop while it delivers', (database) => {
  it.concurrent.each([
    ['at once', { delay_ms: 0, effect: 'delay' }, 6000],
    ['after half a second', { delay_ms: 500, effect: 'delay' }, 6000],
    ['long after its work is done', { effect: 'slow_body', body_ms: 15_000, times: 1 }, 15_000],
    ['long before its work is done', { effect: 'delay', delay_ms: 15_000, times: 1 }, 50_000],
  ])(
    'is gone within ten seconds, and the next one sends no more than is left: the CRM answers %s',
    {
      timeout: 120_000,
    },
    async (_when, fault, patience) => {
      const { sandbox, start, delivered, expectEachOnce, close } = await prepareServers(database)
      const first = await start()
      await vi.waitFor(() => expect(first.asked).not.toEqual([]))
      await sandbox.faults([{ method: 'POST', path: '/api/v4/leads', ...fault }])
      const ids = [await first.post()]
      await vi.waitFor(() => expect(first.writes('/leads')).not.toEqual([]), { timeout: 10_000, interval: 1 })
      ids.push(...(await Promise.all([first.post(), first.post(), first.post()])))

      const toldAt = performance.now()
      expect(await first.kill('SIGTERM')).toBe(0)
      expect(performance.now() - toldAt).toBeLessThan(10_000)

      const next = await start()
      await delivered(ids.slice(1), 6000)
      await delivered(ids, patience)
      await expectEachOnce(ids)
      expect(await sentItems(sandbox)).toEqual({ leads: ids.length, link: ids.length, notes: ids.length })
      await next.kill('SIGTERM')
      await close()
    },
  )
})

/** How many leads, links and notes were asked for, answered or not. */
async function sentItems(sandbox: Awaited<ReturnType<typeof prepareServers>>['sandbox']) {
  const items: Record<string, number> = {}
  for (const { method, path, request_id } of await sandbox.requests()) {
    const [, kind] = /^\/api\/v4\/(?:leads\/)?(leads|link|notes)$/.exec(path) ?? []
    if (method !== 'POST' || !kind) continue
    const { request } = await sandbox.exchange(request_id)
    items[kind] = (items[kind] ?? 0) + JSON.parse(request.body).length
  }
  return items
}
