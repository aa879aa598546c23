import express, { type Router } from 'express'
import { z } from 'zod'
import { type Context, presenterFor } from '../context.ts'
import { addressOf, originOf } from '../http/hal.ts'
import { Problem } from '../http/problems.ts'
import { resource } from '../http/resource.ts'
import { accessRoutes } from '../oauth/access-routes.ts'
import { credentials } from '../oauth/credentials.ts'
import { plantSeed } from '../seed/seed.ts'
import type { Seed } from '../seed/seed-shape.ts'
import { showState } from '../seed/state.ts'
import { showDeliveries } from '../webhooks/show-deliveries.ts'
import { switchWebhook } from '../webhooks/subscriptions.ts'
import { presets } from './fault-presets.ts'
import { streamJournal } from './journal-stream.ts'
import { trashRoutes } from './trash.ts'

/** /__sandbox: what amoCRM does not have and tests need. */
export function adminRoutes(context: Context): Router {
  const { store, clock, faults, journal, settings, rateLimit, sender } = context
  const router = express.Router()
  router.use(express.json({ limit: '50mb', type: () => true }))

  resource(router, '/credentials', { get: (req, res) => void res.json(credentials(context, originOf(req))) })
  accessRoutes(router, context)
  resource(router, '/state', {
    get: (req, res) => void res.json(showState(context, presenterFor(context, req))),
  })
  resource(router, '/journal/stream', { get: (req, res) => streamJournal(journal, req, res) })
  resource(router, '/journal/:request_id', {
    get(req, res) {
      const found = journal.find(String(req.params['request_id']))
      if (!found) throw new Problem(404, { detail: 'request_id: the journal has no such request' })
      res.json(found)
    },
  })
  resource(router, '/journal', { get: (_req, res) => void res.json({ requests: journal.list() }) })
  resource(router, '/faults', {
    get: (_req, res) => void res.json(faults.list()),
    post: (req, res) => void res.json(faults.replace(req.body)),
  })
  resource(router, '/faults/presets', { get: (_req, res) => void res.json(presets) })
  resource(router, '/settings', {
    get: (_req, res) => void res.json(settings.get()),
    post(req, res) {
      const merged = settings.merge(req.body)
      rateLimit.clear()
      res.json(merged)
    },
  })
  resource(router, '/clock', {
    get: (_req, res) => void res.json({ now: new Date(clock.ms()).toISOString() }),
    async post(req, res) {
      const parsed = z.strictObject({ advance_ms: z.number() }).safeParse(req.body)
      if (!parsed.success) throw new Problem(400, { detail: z.prettifyError(parsed.error) })
      clock.advance(parsed.data.advance_ms)
      await sender.settle()
      res.json({ now: new Date(clock.ms()).toISOString() })
    },
  })
  resource(router, '/webhooks', {
    get: (_req, res) => void res.json({ webhooks: store.webhooks.all() }),
    post: (req, res) => void res.json(switchWebhook(store, req.body)),
  })
  resource(router, '/deliveries', {
    get: (_req, res) => void res.json({ deliveries: showDeliveries(store) }),
  })
  resource(router, '/reset', {
    post(req, res) {
      reset(context, req.body ?? {})
      res.json({ reset: true, state: addressOf(req).replace(/\/reset.*$/, '/state') })
    },
  })
  trashRoutes(router, context)
  return router
}

/** An account as new: data, settings, clock, faults and the journal. Whoever is connected stays so, and so do his addresses. */
export function reset({ store, clock, settings, faults, journal, rateLimit }: Context, seed: Seed) {
  const { redirect_uri, disconnect_url } = settings.get()
  store.reset(() => plantSeed(store, clock, seed))
  settings.merge({ redirect_uri, disconnect_url })
  faults.replace([])
  journal.clear()
  rateLimit.clear()
}
