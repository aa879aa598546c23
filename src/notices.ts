import type { Kysely } from 'kysely'
import { isUniqueViolation } from './database/open.ts'
import type { Tables } from './database/tables.ts'

type Kind = Tables['notices']['kind']

export interface NoticesOptions {
  db: Kysely<Tables>
  account: string
  /** What is done when another process has asked for it. */
  follow: Record<Kind, () => Promise<unknown>>
  log: { error: (details: object, message: string) => void }
  /** Unix ms. */
  now: () => number
}

const lookEveryMs = 3000

/** What one process asks of all. */
export function createNotices({ db, account, follow, log, now }: NoticesOptions) {
  let known: Record<Kind, number> | null = null
  let running = Promise.resolve()

  async function look() {
    const asked = await numbers()
    known ??= asked
    for (const kind of ['settings', 'caches'] as const) {
      if (asked[kind] <= known[kind]) continue
      known[kind] = asked[kind]
      await follow[kind]()
    }
  }

  async function numbers() {
    const rows = await db.selectFrom('notices').select(['kind', 'number']).where('account', '=', account).execute()
    const of = (kind: Kind) => rows.find((row) => row.kind === kind)?.number ?? 0
    return { settings: of('settings'), caches: of('caches') }
  }

  async function count(kind: Kind) {
    const { numUpdatedRows } = await db
      .updateTable('notices')
      .set((row) => ({ number: row('number', '+', 1), asked_at: now() }))
      .where('account', '=', account)
      .where('kind', '=', kind)
      .executeTakeFirstOrThrow()
    if (numUpdatedRows > 0n) return
    try {
      await db.insertInto('notices').values({ account, kind, number: 1, asked_at: now() }).execute()
    } catch (error) {
      if (!isUniqueViolation(error)) throw error
      await count(kind)
    }
  }

  function wake() {
    running = running.then(look).catch((err: unknown) => log.error({ err }, 'other processes cannot be heard'))
    return running
  }

  function start() {
    const timer = setInterval(wake, lookEveryMs)
    void wake()
    return {
      wake,
      async stop() {
        clearInterval(timer)
        await running
      },
    }
  }

  return {
    start,

    /** Asks all the others; this one has done it already. */
    async tell(kind: Kind) {
      await running
      if (known) known[kind] += 1
      await count(kind)
    },
  }
}
