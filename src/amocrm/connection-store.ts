import type { Insertable, Kysely, Selectable, Updateable } from 'kysely'
import { isUniqueViolation } from '../database/open.ts'
import type { Tables } from '../database/tables.ts'
import type { SecretBox } from './secret-box.ts'

export type ConnectionRow = Selectable<Tables['connections']>
type Changes = Updateable<Tables['connections']>

export type ConnectionStore = ReturnType<typeof createConnectionStore>

/** What stands in place of tokens that are gone. */
export const noTokens = { kind: 'none', access_token: null, refresh_token: null, access_expires_at: null } as const

export const notLost = { lost_reason: null, lost_error: null, lost_at: null, quiet_until: null } as const

/** The row of one account, which all processes share. Tokens are clear text here and sealed in the database. */
export function createConnectionStore(db: Kysely<Tables>, box: SecretBox, account: string) {
  const place = (column: string) => `connections:${account}:${column}`

  async function read(): Promise<ConnectionRow> {
    return unseal(
      await db.selectFrom('connections').selectAll().where('account', '=', account).executeTakeFirstOrThrow(),
    )
  }

  /** A token that cannot be read counts as none: its key is not among ours. */
  function unseal(row: ConnectionRow): ConnectionRow {
    const open = (column: 'access_token' | 'refresh_token') =>
      row[column] === null ? null : box.open(row[column], place(column))
    return { ...row, access_token: open('access_token'), refresh_token: open('refresh_token') }
  }

  function seal(changes: Changes): Changes {
    const sealed = { ...changes }
    for (const column of ['access_token', 'refresh_token'] as const) {
      const token = changes[column]
      if (typeof token === 'string') sealed[column] = box.seal(token, place(column))
    }
    return sealed
  }

  /** New tokens or a new host, unless somebody else changed them since `version`. */
  async function replace(version: number, changes: Changes): Promise<boolean> {
    const { numUpdatedRows } = await db
      .updateTable('connections')
      .set({ ...seal(changes), version: version + 1, lease_owner: null, lease_until: null })
      .where('account', '=', account)
      .where('version', '=', version)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  return {
    read,

    async createIfMissing(configuredUrl: string) {
      const row: Insertable<Tables['connections']> = {
        account,
        version: 0,
        kind: 'none',
        configured_url: configuredUrl,
      }
      const known = await db
        .selectFrom('connections')
        .select('account')
        .where('account', '=', account)
        .executeTakeFirst()
      if (known) return
      await db
        .insertInto('connections')
        .values(row)
        .execute()
        .catch((error: unknown) => {
          if (!isUniqueViolation(error)) throw error
        })
    },

    /** Seals with today's key what an older one has sealed. */
    async reseal() {
      const sealed = await db
        .selectFrom('connections')
        .select(['access_token', 'refresh_token'])
        .where('account', '=', account)
        .executeTakeFirstOrThrow()
      const tokens = [sealed.access_token, sealed.refresh_token].filter((token) => token !== null)
      if (tokens.every(box.isCurrent)) return
      const { version, access_token, refresh_token } = await read()
      if (access_token !== null) await replace(version, { access_token, refresh_token })
    },

    /** What does not touch tokens or host: the last word counts. */
    async note(changes: Changes) {
      await db.updateTable('connections').set(changes).where('account', '=', account).execute()
    },

    replace,

    /** The right to refresh; at most one process has it. */
    async takeLease(version: number, owner: string, now: number, until: number): Promise<boolean> {
      const { numUpdatedRows } = await db
        .updateTable('connections')
        .set({ lease_owner: owner, lease_until: until })
        .where('account', '=', account)
        .where('version', '=', version)
        .where((row) => row.or([row('lease_until', 'is', null), row('lease_until', '<=', now)]))
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },

    async dropLease(owner: string) {
      await db
        .updateTable('connections')
        .set({ lease_owner: null, lease_until: null })
        .where('account', '=', account)
        .where('lease_owner', '=', owner)
        .execute()
    },
  }
}
