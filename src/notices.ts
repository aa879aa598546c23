import type { Kysely } from 'kysely'
import { isUniqueViolation } from './database/open.ts'
import type { Tables } from './database/tables.ts'

type Kind = Tables['notices']['kind']

export interface NoticesOptions {
  db: Kysely<Tables>
  account: string
  /** What is done when another process has asked for it. */
  follow: Record<Kind, () => Promise<unknown>>
  log: { info: (details: object, message: string) => void }
  /** Unix ms. */
  now: () => number
}

/** Ms. Within two seconds all have done it, and to read the settings takes its time. */
export const listenEveryMs = 500
/** Ms in which a process that starts may have read its settings before it came to us, and that clocks may differ. */
const justNow = 5000

/** What one process asks of all. */
export function createNotices({ db, account, follow, log, now }: NoticesOptions) {
  const since = now() - justNow
  let known: Record<Kind, number> | null = null
  let listening: Promise<unknown> = Promise.resolve()

  async function listenNow() {
    const rows = await db
      .selectFrom('notices')
      .select(['kind', 'number', 'asked_at'])
      .where('account', '=', account)
      .execute()
    const asked = numbersOf(rows)
    known ??= numbersOf(rows.filter(({ asked_at }) => asked_at < since))
    for (const kind of ['settings', 'caches'] as const) {
      if (asked[kind] <= known[kind]) continue
      known[kind] = asked[kind]
      await follow[kind]()
      log.info({ kind }, 'done because another process asked for it')
    }
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

  return {
    /** Does what others have asked for since the last time. */
    listen() {
      listening = listenNow()
      return listening
    },

    /** Asks all the others; this one has done it already. */
    async tell(kind: Kind) {
      await listening.catch(() => {})
      if (known) known[kind] += 1
      await count(kind).catch((error: unknown) => {
        // Else the next one, of whoever it is, would pass for this one.
        if (known) known[kind] -= 1
        throw error
      })
    },
  }
}

function numbersOf(rows: { kind: Kind; number: number }[]) {
  const of = (kind: Kind) => rows.find((row) => row.kind === kind)?.number ?? 0
  return { settings: of('settings'), caches: of('caches') }
}
