import type { Kysely } from 'kysely'
import { isUniqueViolation } from './open.ts'
import type { Tables } from './tables.ts'

interface Duty {
  /** Host of the account that it is done for; `*`: for the whole database. */
  account: string
  duty: 'alerts' | 'retention'
  /** UUID of the process. */
  owner: string
  /** Ms. A process that died is followed by another one after this. */
  lasts: number
}

/** Whether this process is the one that does it, and goes on doing it for so long. Times are unix ms. */
export async function takeDuty(db: Kysely<Tables>, { account, duty, owner, lasts }: Duty, now: number) {
  const held = { owner, held_until: now + lasts }
  const { numUpdatedRows } = await db
    .updateTable('duties')
    .set(held)
    .where('account', '=', account)
    .where('duty', '=', duty)
    // Further ahead than it can be: a wrong clock's.
    .where(({ or, eb }) =>
      or([eb('owner', '=', owner), eb('held_until', '<=', now), eb('held_until', '>', now + 2 * lasts)]),
    )
    .executeTakeFirstOrThrow()
  if (numUpdatedRows > 0n) return true
  const there = await db
    .selectFrom('duties')
    .select('owner')
    .where('account', '=', account)
    .where('duty', '=', duty)
    .executeTakeFirst()
  if (there) return false
  try {
    await db
      .insertInto('duties')
      .values({ account, duty, ...held })
      .execute()
    return true
  } catch (error) {
    if (isUniqueViolation(error)) return false
    throw error
  }
}

/** Another one may go on with it at once. */
export async function leaveDuty(db: Kysely<Tables>, { account, duty, owner }: Omit<Duty, 'lasts'>) {
  await db
    .updateTable('duties')
    .set({ held_until: 0 })
    .where('account', '=', account)
    .where('duty', '=', duty)
    .where('owner', '=', owner)
    .execute()
}
