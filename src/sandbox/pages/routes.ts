import express, { type Request, type Response, type Router } from 'express'
import type { Context } from '../context.ts'
import { createPageModels } from './page-models.ts'
import { createViews } from './views.ts'

const policy =
  "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** Pages for people, under the addresses that amoCRM's own pages have. */
export function pageRoutes(context: Context): Router {
  const models = createPageModels(context)
  const views = createViews()
  const router = express.Router()

  router.get('/', (_req, res) => show(res, 'board', models.board()))
  router.get('/leads/detail/:id', (req, res) => show(res, 'lead', models.lead(Number(req.params.id))))
  router.get('/contacts/detail/:id', (req, res) => show(res, 'contact', models.contact(Number(req.params.id))))
  router.get('/__sandbox/journal.html', (_req: Request, res) => show(res, 'journal', models.journal()))
  router.get('/__sandbox/webhooks.html', (_req, res) => show(res, 'webhooks', models.webhooks()))
  router.get('/favicon.ico', (_req, res) => void res.status(204).end())
  return router

  function show(res: Response, view: string, model: object | undefined) {
    const page = { account: models.account(), ...(model ?? {}) }
    const html = views.render(`${model ? view : 'missing'}.njk`, page)
    res.status(model ? 200 : 404).type('html')
    res.set({ 'Content-Security-Policy': policy, 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store' })
    res.send(html)
  }
}
