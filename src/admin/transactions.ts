import type { NextFunction, Request, Response } from 'express'
import type { Kysely } from 'kysely'
import { keptLocale } from '../amocrm/mirror/kept-locale.ts'
import type { Tables } from '../database/tables.ts'
import type { Audit } from './audit.ts'
import { createExport } from './export.ts'
import { createList, type ListOptions } from './list.ts'
import { createRedeliveries, type RedeliveriesOptions } from './redeliveries.ts'
import type { Route } from './routes.ts'
import { createSavedViewStore } from './saved-view-store.ts'
import { createSavedViews } from './saved-views.ts'
import { createShowTransaction } from './show-transaction.ts'
import { createTransactionParts, type PartsOptions } from './transaction-parts.ts'

interface TransactionsOptions
  extends Omit<RedeliveriesOptions, 'showTransaction'>,
    PartsOptions,
    Omit<ListOptions, 'sources' | 'savedViews' | 'currency'> {
  db: Kysely<Tables>
  audit: Audit
}

/** Ms for which currency and time zone are not asked for again. */
const localeLasts = 60_000

/** `/app/transactions`: the list of orders, and each one's page. */
export function createTransactions(options: TransactionsOptions): Route[] {
  const { db, inbox, admitting, account, now } = options
  const locale = remembered(() => keptLocale(db, account), now)
  const showTransaction = createShowTransaction({
    ...options,
    accountZone: async () => (await locale())?.timeZone ?? options.timeZone,
  })
  const store = createSavedViewStore(db, now)
  return [
    ...createList({
      ...options,
      sources: admitting.sources,
      savedViews: store.list,
      currency: async () => (await locale())?.currency ?? null,
    }),
    ...createExport(options),
    ...createSavedViews({ ...options, store }),
    ...createRedeliveries({ ...options, showTransaction }),
    { method: 'get', path: '/app/transactions/:id', access: 'orders.see', handle: show },
    ...createTransactionParts(options),
  ]

  async function show(req: Request, res: Response, next: NextFunction) {
    const message = await inbox.find(String(req.params['id']))
    if (!message) return next()
    await showTransaction(req, res, message)
  }
}

function remembered<Value>(ask: () => Promise<Value>, now: () => number) {
  let known: { value: Promise<Value>; at: number } | null = null
  return () => {
    if (known === null || now() - known.at >= localeLasts) {
      known = { value: ask(), at: now() }
      known.value.catch(() => {
        known = null
      })
    }
    return known.value
  }
}
