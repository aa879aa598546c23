import { Router } from 'express'
import { sql } from 'kysely'
import type { Database } from './database/open.ts'

/** For whoever watches the process. The CRM being down does not make it unready: orders are taken in all the same. */
export function createHealth({ db }: Database) {
  const router = Router()
  router.get('/live', (_req, res) => {
    res.json({ status: 'ok' })
  })
  router.get('/ready', async (_req, res) => {
    const ready = await sql`SELECT 1 FROM messages WHERE 1 = 0`.execute(db).then(
      () => true,
      () => false,
    )
    res.status(ready ? 200 : 503).json({ status: ready ? 'ok' : 'unavailable', database: ready })
  })
  return router
}
