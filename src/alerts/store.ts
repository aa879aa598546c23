import type { Kysely, Selectable, Transaction } from 'kysely'
import { v7 as uuidv7 } from 'uuid'
import { takeDuty as takeDutyOf } from '../database/duties.ts'
import type { Tables } from '../database/tables.ts'
import { inTransaction } from '../database/transaction.ts'
import type { Details, RuleName } from './rules.ts'
import type { Happening } from './texts.ts'

export type Standing = Selectable<Tables['alerts']>

/** Ms. A process that died is followed by another one after this. */
const dutyMs = 90_000
/** Ms. */
const keptFor = 90 * 24 * 60 * 60_000
/** Sent in one message. */
const mostAtOnce = 50

/** How the rules stand, and what is to be told. Times are unix ms. */
export function createAlertStore(db: Kysely<Tables>, account: string) {
  /** Whether this process is the one that watches. It writes, so it also tells whether that can be done. */
  function takeDuty(owner: string, now: number) {
    return takeDutyOf(db, { account, duty: 'alerts', owner, lasts: dutyMs }, now)
  }

  /** The rule stands so since now, and each of these is to be told; nobody when another process has said so already. */
  async function change(rule: RuleName, to: 'ok' | 'raised', details: Details, recipients: string[], now: number) {
    await inTransaction(db, async (transaction) => {
      const before = await find(transaction, rule)
      if ((before?.state ?? 'ok') === to) return
      const row = { state: to, since: now, told_at: now, details: JSON.stringify(details) }
      if (before) {
        const { numUpdatedRows } = await ofRule(transaction, rule)
          .set(row)
          .where('state', '=', before.state)
          .executeTakeFirstOrThrow()
        if (numUpdatedRows === 0n) return
      } else
        await transaction
          .insertInto('alerts')
          .values({ account, rule, ...row })
          .execute()
      const since = to === 'raised' ? now : (before?.since ?? now)
      await write(transaction, { rule, kind: to === 'raised' ? 'raised' : 'over', at: now, since, details }, recipients)
    })
  }

  function find(transaction: Kysely<Tables>, rule: RuleName) {
    return transaction
      .selectFrom('alerts')
      .selectAll()
      .where('account', '=', account)
      .where('rule', '=', rule)
      .executeTakeFirst()
  }

  function ofRule(transaction: Kysely<Tables>, rule: string) {
    return transaction.updateTable('alerts').where('account', '=', account).where('rule', '=', rule)
  }

  async function write(transaction: Transaction<Tables>, happening: Happening, recipients: string[], sent = false) {
    const { details, at } = happening
    const rows = recipients.map((recipient) => ({
      ...happening,
      id: uuidv7({ msecs: at }),
      account,
      recipient,
      details: JSON.stringify(details),
      due_at: sent ? null : at,
      sent_at: sent ? at : null,
    }))
    if (rows.length > 0) await transaction.insertInto('alert_messages').values(rows).execute()
  }

  return {
    takeDuty,
    change,

    /** There is more of it; told once more only where that is due. */
    async grew(rule: RuleName, details: Details, told: { recipients: string[]; since: number } | null, now: number) {
      await inTransaction(db, async (transaction) => {
        await ofRule(transaction, rule)
          .set({ details: JSON.stringify(details), ...(told ? { told_at: now } : {}) })
          .where('state', '=', 'raised')
          .execute()
        if (told) await write(transaction, { rule, kind: 'more', at: now, since: told.since, details }, told.recipients)
      })
    },

    /** What was told while nothing could be written, and that it is over. */
    async wasOut(
      details: Details,
      { since, told, untold }: { since: number; told: string[]; untold: string[] },
      now: number,
    ) {
      const happening = { rule: 'database', at: since, since, details } as const
      await inTransaction(db, async (transaction) => {
        await write(transaction, { ...happening, kind: 'raised' }, told, true)
        await write(transaction, { ...happening, kind: 'raised' }, untold)
        await write(transaction, { ...happening, kind: 'over', at: now }, [...told, ...untold])
      })
    },

    /** A rule that is not watched any more stands for nothing. */
    async drop(rules: string[]) {
      if (rules.length > 0)
        await db.deleteFrom('alerts').where('account', '=', account).where('rule', 'in', rules).execute()
    },

    standings: () => db.selectFrom('alerts').selectAll().where('account', '=', account).execute(),

    due: (now: number) =>
      db
        .selectFrom('alert_messages')
        .selectAll()
        .where('account', '=', account)
        .where('due_at', '<=', now)
        .orderBy('id')
        .limit(mostAtOnce * 10)
        .execute()
        .then((rows) => rows.map(happeningOf)),

    async sent(ids: string[], now: number) {
      await messages(ids).set({ due_at: null, sent_at: now, error: null }).execute()
    },

    /** @param dueAt null: it is given up */
    async failed(ids: string[], error: string, dueAt: number | null) {
      await messages(ids)
        .set((row) => ({ due_at: dueAt, error, tries: row('tries', '+', 1) }))
        .execute()
    },

    /** Newest first. */
    last: (limit: number) =>
      db
        .selectFrom('alert_messages')
        .selectAll()
        .where('account', '=', account)
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
        .then((rows) => rows.map(happeningOf)),

    async tidyUp(now: number) {
      await db
        .deleteFrom('alert_messages')
        .where('account', '=', account)
        .where('id', '<', uuidv7({ msecs: Math.max(now - keptFor, 0) }))
        .where('due_at', 'is', null)
        .execute()
    },
  }

  function messages(ids: string[]) {
    return db.updateTable('alert_messages').where('id', 'in', ids)
  }
}

function happeningOf<Row extends { details: string | null }>(row: Row) {
  return { ...row, details: JSON.parse(row.details ?? '{}') as Details }
}
