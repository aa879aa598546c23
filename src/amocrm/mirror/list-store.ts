import { type ExpressionBuilder, type Kysely, sql, type Updateable } from 'kysely'
import { isUniqueViolation } from '../../database/open.ts'
import type { Tables } from '../../database/tables.ts'
import { shortDigest } from './keys.ts'

export type ListStore = ReturnType<typeof createListStore>

/** How far a list is; times are unix ms but `changesUntil`, which is unix seconds of the CRM. */
export interface List {
  id: number
  fillNumber: number
  /** Null: it is not whole. */
  filledAt: number | null
  readAt: number
  changesUntil: number
  data: string | null
  /** Whether the CRM has named items without saying how they are now. */
  hasRereads: boolean
}

interface Found {
  /** Null while nobody knows which account is connected. */
  crmAccount: number | null
  /** Of the connection. */
  version: number
  list: List | null
}

/** Ms. A filling that shows no sign of life for so long may be taken over. */
export const fillingLease = 30_000
const atOnce = 250

/** Nothing of it counts as read, and a filling under way does not become whole. */
const forgotten = (row: ExpressionBuilder<Tables, 'mirror_lists'>) => ({
  fill_number: row('fill_number', '+', 1),
  filled_at: null,
  filling_until: null,
})

/** The rows of the lists. They belong to the account that was connected when they were read, and to no other. */
export function createListStore(db: Kysely<Tables>, account: string) {
  /** The list of the account that is connected now. */
  async function find(list: string): Promise<Found> {
    const row = await db
      .selectFrom('connections as connection')
      .leftJoin('mirror_lists as list', (on) =>
        on
          .onRef('list.account', '=', 'connection.account')
          .onRef('list.crm_account', '=', 'connection.account_id')
          .on('list.list', '=', list),
      )
      .select([
        'connection.version',
        'connection.account_id',
        'list.id',
        'fill_number',
        'filled_at',
        'read_at',
        'changes_until',
        'data',
      ])
      .select(
        sql<number>`EXISTS (SELECT 1 FROM mirror_rereads WHERE mirror_rereads.list_id = list.id)`.as('has_rereads'),
      )
      .where('connection.account', '=', account)
      .executeTakeFirst()
    const connected = { crmAccount: row?.account_id ?? null, version: row?.version ?? 0 }
    if (!row || row.id === null) return { ...connected, list: null }
    const found: List = {
      id: row.id,
      fillNumber: row.fill_number ?? 0,
      filledAt: row.filled_at,
      readAt: row.read_at ?? 0,
      changesUntil: row.changes_until ?? 0,
      data: row.data,
      hasRereads: Boolean(row.has_rereads),
    }
    return { ...connected, list: found }
  }

  /** A list that nothing was read of yet; those of other accounts go. */
  async function create(crmAccount: number, list: string) {
    await db
      .insertInto('mirror_lists')
      .values({ account, crm_account: crmAccount, list })
      .execute()
      .catch((error: unknown) => {
        if (!isUniqueViolation(error)) throw error
      })
    const others = await db
      .selectFrom('mirror_lists')
      .select('id')
      .where('account', '=', account)
      .where('crm_account', '!=', crmAccount)
      .execute()
    for (const { id } of others) await remove(id)
  }

  /** Without its row nobody writes to the list any more; what is left of it is taken away bit by bit. */
  async function remove(listId: number) {
    await db.updateTable('mirror_lists').set(forgotten).where('id', '=', listId).execute()
    for (const table of ['mirror_keys', 'mirror_items', 'mirror_rereads'] as const) {
      for (;;) {
        const rows = await db.selectFrom(table).select('id').where('list_id', '=', listId).limit(atOnce).execute()
        if (rows.length === 0) break
        const ids = rows.map(({ id }) => id)
        await db.deleteFrom(table).where('list_id', '=', listId).where('id', 'in', ids).execute()
      }
    }
    await db.deleteFrom('mirror_lists').where('id', '=', listId).execute()
  }

  /** The number of the new filling; null when another process is at it, or the list has changed since it was found. */
  async function startFilling({ id, fillNumber }: List, now: number): Promise<number | null> {
    const { numUpdatedRows } = await db
      .updateTable('mirror_lists')
      .set({ fill_number: fillNumber + 1, filling_until: now + fillingLease })
      .where('id', '=', id)
      .where('fill_number', '=', fillNumber)
      .where(({ or, eb }) =>
        or([
          eb('filling_until', 'is', null),
          eb('filling_until', '<=', now),
          // Further ahead than it can be: a wrong clock's.
          eb('filling_until', '>', now + 2 * fillingLease),
        ]),
      )
      .executeTakeFirst()
    return numUpdatedRows > 0n ? fillNumber + 1 : null
  }

  /** Changes the list unless somebody has filled or forgotten it since; tells whether it did. */
  async function change(listId: number, fillNumber: number, changes: Updateable<Tables['mirror_lists']>) {
    const { numUpdatedRows } = await db
      .updateTable('mirror_lists')
      .set(changes)
      .where('id', '=', listId)
      .where('fill_number', '=', fillNumber)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  return {
    find,
    create,
    startFilling,
    stopFilling: (listId: number, filling: number) => change(listId, filling, { filling_until: null }),

    /** The list is whole, as of `filledAt`. */
    async finishFilling(
      listId: number,
      filling: number,
      whole: Pick<List, 'changesUntil' | 'data'> & { filledAt: number },
    ) {
      const { filledAt, changesUntil, data } = whole
      const done = { filled_at: filledAt, read_at: filledAt, changes_until: changesUntil, data, filling_until: null }
      if (!(await change(listId, filling, done))) return false
      await db.deleteFrom('mirror_rereads').where('list_id', '=', listId).where('asked_at', '<', filledAt).execute()
      return true
    },

    /** Its changes were read, as of `readAt`. */
    looked: ({ id, fillNumber }: List, { readAt, changesUntil }: Pick<List, 'readAt' | 'changesUntil'>) =>
      change(id, fillNumber, { read_at: readAt, changes_until: changesUntil }),

    /** Their changes count as not read, and they as read in full at `filledAt` at the latest. */
    async readAgain(lists: readonly string[], filledAt: number) {
      const ofLists = () => db.updateTable('mirror_lists').where('account', '=', account).where('list', 'in', lists)
      await ofLists().set({ read_at: 0 }).execute()
      await ofLists().set({ filled_at: filledAt }).where('filled_at', '>', filledAt).execute()
    },

    /** The ids that are to be read one by one, and when they were last named. */
    rereads: (listId: number, limit: number) =>
      db
        .selectFrom('mirror_rereads')
        .select(['id', 'asked_at'])
        .where('list_id', '=', listId)
        .orderBy('id')
        .limit(limit)
        .execute(),

    async reread(listId: number, { id, asked_at }: { id: number; asked_at: number }) {
      await db
        .deleteFrom('mirror_rereads')
        .where('list_id', '=', listId)
        .where('id', '=', id)
        .where('asked_at', '<=', asked_at)
        .execute()
    },

    /** What is read as a whole of the account that is connected now: all that is kept of it but the texts. */
    documents: (lists: readonly string[]) =>
      db
        .selectFrom('connections as connection')
        .innerJoin('mirror_lists as list', (on) =>
          on.onRef('list.account', '=', 'connection.account').onRef('list.crm_account', '=', 'connection.account_id'),
        )
        .select(['list.id', 'list.list', 'list.crm_account', 'list.filled_at', 'list.read_at', 'list.digest'])
        .where('connection.account', '=', account)
        .where('list.list', 'in', lists)
        .execute(),

    texts: (listIds: number[]) =>
      db
        .selectFrom('mirror_lists')
        .select(['list', 'crm_account', 'data', 'digest'])
        .where('id', 'in', listIds)
        .execute(),

    /** Unless it was forgotten while it was being read. */
    keepDocument: ({ id, fillNumber }: Pick<List, 'id' | 'fillNumber'>, data: string, readAt: number) =>
      change(id, fillNumber, { data, digest: shortDigest(data), filled_at: readAt, read_at: readAt }),

    /** Nothing of the lists counts as read any more, for no process. */
    async forget(lists: readonly string[] | 'all') {
      const query = db.updateTable('mirror_lists').set(forgotten).where('account', '=', account)
      await (lists === 'all' ? query : query.where('list', 'in', lists)).execute()
    },

    /** The CRM has said which account is connected. */
    async identified({ version }: Pick<Found, 'version'>, crmAccount: number) {
      await db
        .updateTable('connections')
        .set({ account_id: crmAccount })
        .where('account', '=', account)
        .where('account_id', 'is', null)
        .where('version', '=', version)
        .execute()
    },
  }
}
