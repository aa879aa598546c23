import { openDatabase } from '../../src/database/open.ts'
import { createNotices, listenEveryMs } from '../../src/notices.ts'
import { repeat } from '../../src/repeat.ts'

/**
 * What one process hears of the others, on a database of its own pool.
 * @param meanwhile what goes on while it starts, when it has read its settings already
 */
export async function startListener(databaseUrl: string, meanwhile = async () => {}) {
  const { db, close } = openDatabase(databaseUrl)
  const heard = { settings: 0, caches: 0 }
  const notices = createNotices({
    db,
    account: 'test.amocrm.ru',
    follow: { settings: async () => ++heard.settings, caches: async () => ++heard.caches },
    log: { info: () => {} },
    now: Date.now,
  })
  await meanwhile()
  const job = repeat(notices.listen, { everyMs: listenEveryMs, failed: () => {} })
  await job.wake()
  return {
    heard,
    tell: notices.tell,
    async stop() {
      await job.stop()
      await close()
    },
  }
}
