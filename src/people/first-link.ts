import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Config } from '../config/load.ts'
import { rightsOfRole } from '../config/rights.ts'
import { isUniqueViolation } from '../database/open.ts'
import type { Tables } from '../database/tables.ts'
import type { Directory } from './directory.ts'
import { linkMs } from './links.ts'

export type FirstLink = ReturnType<typeof createFirstLink>

interface FirstLinkOptions {
  config: Pick<Config, 'app' | 'roles'>
  db: Kysely<Tables>
  directory: Directory
  /** Unix ms. */
  now: () => number
}

interface Newcomer {
  login: string
  name: string
  /** Argon2id. */
  password: string
}

/**
 * The link by which the first administrator comes in, as long as nobody can sign in who decides about people.
 * Every process says the same one; the database alone does not tell it.
 */
export function createFirstLink({ config, db, directory, now }: FirstLinkOptions) {
  const key = Buffer.from(hkdfSync('sha256', Buffer.from(config.app.app_key, 'base64'), '', 'first link', 32))
  const tokenOf = (nonce: string) => createHmac('sha256', key).update(nonce).digest('base64url')
  const roles = mightiest(config.roles)

  /** Null when somebody decides about people, or no role may. */
  async function token() {
    if (!roles || (await directory.isManaged())) return null
    const fresh = { nonce: randomBytes(32).toString('base64url'), until: now() + linkMs }
    const { numUpdatedRows } = await db
      .updateTable('first_link')
      .set(fresh)
      .where('id', '=', 1)
      .where('until', '<=', now())
      .executeTakeFirstOrThrow()
    if (numUpdatedRows === 0n) await insertUnlessThere(fresh)
    const link = await db.selectFrom('first_link').selectAll().executeTakeFirst()
    return link ? tokenOf(link.nonce) : null
  }

  async function insertUnlessThere(fresh: { nonce: string; until: number }) {
    try {
      await db
        .insertInto('first_link')
        .values({ id: 1, ...fresh })
        .execute()
    } catch (error) {
      if (!isUniqueViolation(error)) throw error
    }
  }

  async function fits(token: string) {
    const link = await db.selectFrom('first_link').selectAll().executeTakeFirst()
    if (!link || link.until <= now() || !roles) return false
    const [expected, sent] = [Buffer.from(tokenOf(link.nonce)), Buffer.from(token)]
    return expected.length === sent.length && timingSafeEqual(expected, sent) && !(await directory.isManaged())
  }

  /** Takes the link up; false when it was taken just now. */
  async function takeUp({ login, name, password }: Newcomer) {
    // Whoever deletes the row is the first.
    const { numDeletedRows } = await db.deleteFrom('first_link').where('until', '>', now()).executeTakeFirstOrThrow()
    if (numDeletedRows === 0n) return false
    const row = { login, name, password, roles: JSON.stringify(roles), created_by: '' }
    return directory.people.add({ ...row, invitation: null, invited_until: null })
  }

  return { token, fits, takeUp }
}

/** The role that may most, of those that decide about people; null: none does. */
export function mightiest(roles: Config['roles']) {
  const [role] = roles
    .filter((role) => rightsOfRole(role).includes('people'))
    .toSorted((one, other) => rightsOfRole(other).length - rightsOfRole(one).length)
  return role ? [role.id] : null
}
