import type { Router } from 'express'
import { authorOf, type Context } from '../context.ts'
import { sendHal, sendNothing } from '../http/hal.ts'
import { notFound } from '../http/problems.ts'
import { at, fits, listOf, queryOf } from '../http/query.ts'
import { resource } from '../http/resource.ts'
import { accountOf } from '../present/present.ts'
import type { Webhook } from '../store/news-entities.ts'
import { checkDestinationOf, checkSubscription, subscribe, webhookFor } from '../webhooks/subscriptions.ts'
import { adminsOnly } from './rights.ts'

/** Who is told of what. A webhook is known by its address. */
export function webhookRoutes(router: Router, context: Context) {
  const { store, settings } = context

  resource(router, '/webhooks', {
    get(req, res) {
      adminsOnly(context, res)
      const destinations = listOf(at(queryOf(req), 'filter', 'destination'))
      const webhooks = store.webhooks.all().filter(({ destination }) => fits(destinations, destination))
      if (webhooks.length === 0) return sendNothing(res)
      sendHal(res, { _total_items: webhooks.length, _embedded: { webhooks: webhooks.map(show) } })
    },
    post(req, res) {
      adminsOnly(context, res)
      const sent = checkSubscription(req.body, settings.get())
      const webhook = store.write(() => subscribe(store, sent, authorOf(context, res), settings))
      sendHal(res, show(webhook), settings.get().webhook_created_status)
    },
    delete(req, res) {
      adminsOnly(context, res)
      const webhook = webhookFor(store, checkDestinationOf(req.body))
      if (!webhook) throw notFound(req)
      store.webhooks.remove(webhook.id)
      sendNothing(res)
    },
  })

  function show({ id, destination, created_at, updated_at, created_by, sort, disabled, settings: codes }: Webhook) {
    const account_id = accountOf(store).id
    return { id, destination, created_at, updated_at, account_id, created_by, sort, disabled, settings: codes }
  }
}
