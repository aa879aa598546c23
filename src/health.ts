import { setTimeout as sleep } from 'node:timers/promises'
import { Router } from 'express'
import { sql } from 'kysely'
import type { Database } from './database/open.ts'

const patienceMs = 2000

/** For whoever watches the process. The CRM being down does not make it unready: orders are taken in all the same. */
export function createHealth({ db }: Database) {
  const router = Router()
  router.get('/live', (_req, res) => {
    res.json({ status: 'ok' })
  })
  router.get('/ready', async (_req, res) => {
    const answered = sql`SELECT 1 FROM messages WHERE 1 = 0`.execute(db).then(
      () => true,
      () => false,
    )
    const ready = await Promise.race([answered, sleep(patienceMs, false)])
    res.status(ready ? 200 : 503).json({ status: ready ? 'ok' : 'unavailable', database: ready })
  })
  return router
}
