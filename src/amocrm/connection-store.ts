import type { ExpressionBuilder, Insertable, Kysely, Selectable, Updateable } from 'kysely'
import { isUniqueViolation } from '../database/open.ts'
import type { Tables } from '../database/tables.ts'
import type { SecretBox } from './secret-box.ts'
import { readClaims } from './token-claims.ts'

export type ConnectionRow = Selectable<Tables['connections']>
type Changes = Updateable<Tables['connections']>

const tokenColumns = ['access_token', 'refresh_token'] as const
type TokenColumn = (typeof tokenColumns)[number]

export type ConnectionStore = ReturnType<typeof createConnectionStore>

/** What stands in place of tokens that are gone. */
export const noTokens = { kind: 'none', access_token: null, refresh_token: null, access_expires_at: null } as const

/** A token that cannot be renewed. */
export function longLived(token: string) {
  const access_expires_at = readClaims(token).expiresAt
  return { kind: 'long_lived', access_token: token, refresh_token: null, access_expires_at } as const
}

export const notLost = { lost_reason: null, lost_error: null, lost_at: null } as const

/** A time that has come, or never was, or is further ahead than it can be: that one is a wrong clock's. */
export function hasEnded(until: 'lease_until' | 'paused_until', now: number, furthest: number) {
  return ({ or, eb }: ExpressionBuilder<Tables, 'connections'>) =>
    or([eb(until, 'is', null), eb(until, '<=', now), eb(until, '>', now + furthest)])
}

interface StoreOptions {
  db: Kysely<Tables>
  box: SecretBox
  account: string
  /** Digest of the settings of the integration that refreshes; null when there is none. */
  integration: string | null
}

/** The row of one account, which all processes share. Tokens are clear text here and sealed in the database. */
export function createConnectionStore({ db, box, account, integration }: StoreOptions) {
  const place = (column: string) => `connections:${account}:${column}`

  async function read(): Promise<ConnectionRow> {
    return unseal(
      await db.selectFrom('connections').selectAll().where('account', '=', account).executeTakeFirstOrThrow(),
    )
  }

  /** A token that cannot be read counts as none, and so does one that our integration cannot refresh with. */
  function unseal(row: ConnectionRow): ConnectionRow {
    const canRefresh = integration !== null && row.refused_as !== integration
    return {
      ...row,
      access_token: open(row, 'access_token'),
      refresh_token: canRefresh ? open(row, 'refresh_token') : null,
    }
  }

  function open(row: Pick<ConnectionRow, TokenColumn>, column: TokenColumn) {
    return row[column] === null ? null : box.open(row[column], place(column))
  }

  function seal(changes: Changes): Changes {
    const sealed = { ...changes }
    for (const column of tokenColumns) {
      const token = changes[column]
      if (typeof token === 'string') sealed[column] = box.seal(token, place(column))
    }
    return sealed
  }

  /** New tokens, or none, unless somebody else changed them since `version`. */
  async function replace(version: number, changes: Changes): Promise<boolean> {
    const { numUpdatedRows } = await db
      .updateTable('connections')
      .set({ ...seal(changes), version: version + 1, lease_owner: null, lease_until: null })
      .where('account', '=', account)
      .where('version', '=', version)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  /** What is no new token and disturbs no refresh, unless the tokens were changed since `version`. */
  async function change(version: number, changes: Changes) {
    await db
      .updateTable('connections')
      .set(changes)
      .where('account', '=', account)
      .where('version', '=', version)
      .execute()
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
        .select(['version', ...tokenColumns])
        .where('account', '=', account)
        .executeTakeFirstOrThrow()
      for (const column of tokenColumns) {
        const token = open(sealed, column)
        if (token === null || box.isCurrent(sealed[column] ?? '')) continue
        await change(sealed.version, { [column]: box.seal(token, place(column)) })
      }
    },

    /** Another host for the same tokens. */
    move: (version: number, baseUrl: string, configuredUrl: string) =>
      change(version, { base_url: baseUrl, configured_url: configuredUrl }),

    /** What does not touch tokens or host: the last word counts. */
    async note(changes: Changes) {
      await db.updateTable('connections').set(changes).where('account', '=', account).execute()
    },

    /** Nothing is delivered until it is resumed. False when somebody has stopped it before. */
    async stop(login: string, now: number) {
      const { numUpdatedRows } = await db
        .updateTable('connections')
        .set({ stopped_at: now, stopped_by: login })
        .where('account', '=', account)
        .where('stopped_at', 'is', null)
        .executeTakeFirstOrThrow()
      return numUpdatedRows > 0n
    },

    /** False when nobody has stopped it. */
    async resume() {
      const { numUpdatedRows } = await db
        .updateTable('connections')
        .set({ stopped_at: null, stopped_by: null })
        .where('account', '=', account)
        .where('stopped_at', 'is not', null)
        .executeTakeFirstOrThrow()
      return numUpdatedRows > 0n
    },

    /** Says no more that the connection was lost at `at` or before. */
    async forgetLoss(at: number) {
      await db
        .updateTable('connections')
        .set(notLost)
        .where('account', '=', account)
        .where('lost_at', '<=', at)
        .execute()
    },

    replace,

    /** The right to refresh for `ms`; at most one process has it. */
    async takeLease(version: number, owner: string, now: number, ms: number): Promise<boolean> {
      const { numUpdatedRows } = await db
        .updateTable('connections')
        .set({ lease_owner: owner, lease_until: now + ms })
        .where('account', '=', account)
        .where('version', '=', version)
        .where(hasEnded('lease_until', now, 2 * ms))
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },

    /** Whether `owner` still has the right to refresh, for as long again. */
    async keepLease(version: number, owner: string, until: number): Promise<boolean> {
      const { numUpdatedRows } = await db
        .updateTable('connections')
        .set({ lease_until: until })
        .where('account', '=', account)
        .where('version', '=', version)
        .where('lease_owner', '=', owner)
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
