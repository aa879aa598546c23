import type { Kysely } from 'kysely'
import { isUniqueViolation } from '../database/open.ts'
import type { Tables } from '../database/tables.ts'
import type { Report } from './doctor.ts'
import { countLevels } from './finding.ts'

/** Ms. A process that died over a checkup has not ended it. */
const longestCheckup = 10 * 60_000

/** The last checkup of an account, which all processes share. Times are unix ms. */
export function createCheckupStore(db: Kysely<Tables>, account: string, now: () => number) {
  const row = () => db.updateTable('checkups').where('account', '=', account)
  const find = () => db.selectFrom('checkups').where('account', '=', account)

  /** Whether none has begun since then. */
  async function begin(since = Number.MAX_SAFE_INTEGER): Promise<boolean> {
    const at = now()
    const { numUpdatedRows } = await row()
      .set({ begun_at: at })
      .where('begun_at', '<=', since)
      .executeTakeFirstOrThrow()
    return numUpdatedRows > 0n || createIfMissing(at)
  }

  async function createIfMissing(begun_at: number) {
    try {
      await db.insertInto('checkups').values({ account, begun_at }).execute()
      return true
    } catch (error) {
      if (isUniqueViolation(error)) return false
      throw error
    }
  }

  return {
    begin,

    /** A report of nothing but trouble does not take the place of one that says more. */
    async keep({ foundAt, isReachable, findings }: Report) {
      const text = JSON.stringify(findings)
      const found = { found_at: foundAt, errors: countLevels(findings).errors, report: text, trouble: null }
      await row()
        .set(isReachable ? found : { trouble: text })
        .execute()
    },

    async ended() {
      await row().set({ ended_at: now() }).execute()
    },

    /** How many errors there were. */
    async errors() {
      return (await find().select('errors').executeTakeFirst())?.errors ?? 0
    },

    async last() {
      const found = await find().selectAll().executeTakeFirst()
      if (!found) return { report: null, trouble: null, isRunning: false }
      const { begun_at, ended_at, found_at, report, trouble } = found
      return {
        report:
          report === null
            ? null
            : ({ foundAt: found_at ?? 0, isReachable: true, findings: JSON.parse(report) } as Report),
        trouble: trouble === null ? null : (JSON.parse(trouble) as Report['findings']),
        isRunning: (ended_at ?? 0) < begun_at && now() - begun_at < longestCheckup,
      }
    },
  }
}
