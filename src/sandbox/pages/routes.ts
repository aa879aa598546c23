import express, { type Request, type Response, type Router } from 'express'
import type { Context } from '../context.ts'
import { at, queryOf } from '../http/query.ts'
import { controlForms } from './control-forms.ts'
import { createPageModels } from './page-models.ts'
import { createViews } from './views.ts'

const policy = [
  "default-src 'none'",
  ...['style-src', 'script-src', 'img-src', 'connect-src', 'form-action'].map((kind) => `${kind} 'self'`),
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Pages for people, under the addresses that amoCRM's own pages have. */
export function pageRoutes(context: Context): Router {
  const models = createPageModels(context)
  const views = createViews()
  const router = express.Router()

  router.get('/', (req, res) => show(res, 'board', models.board(boardQuery(req))))
  router.get('/leads/detail/:id', (req, res) => show(res, 'lead', models.lead(Number(req.params.id))))
  router.get('/contacts/detail/:id', (req, res) => show(res, 'contact', models.contact(Number(req.params.id))))
  router.get('/__sandbox/journal.html', (req, res) => show(res, 'journal', models.journal.list(journalFilter(req))))
  router.get('/__sandbox/webhooks.html', (_req, res) => show(res, 'webhooks', models.webhooks()))
  router.get('/__sandbox/request.html', (req, res) => show(res, 'request', models.journal.request(word(req, 'id'))))
  router.get('/__sandbox/controls.html', (req, res) => show(res, 'controls', models.controls(word(req, 'done'))))
  router.use(
    '/__sandbox/controls',
    controlForms(context, (res, refusal) => show(res.status(400), 'controls', models.controls('', refusal))),
  )
  router.get('/favicon.ico', (_req, res) => void res.status(204).end())
  return router

  function show(res: Response, view: string, model: object | undefined) {
    const html = views.render(`${model ? view : 'missing'}.njk`, { ...models.frame(), ...(model ?? {}) })
    if (!model) res.status(404)
    res.type('html')
    res.set({ 'Content-Security-Policy': policy, 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store' })
    res.send(html)
  }
}

function boardQuery(req: Request) {
  const pipeline = Number(word(req, 'pipeline'))
  return { ...(pipeline > 0 ? { pipeline } : {}), search: word(req, 'search'), all: word(req, 'all') !== '' }
}

const journalFilter = (req: Request) => ({
  method: word(req, 'method'),
  path: word(req, 'path'),
  outcome: word(req, 'outcome'),
})

function word(req: Request, name: string): string {
  const value = at(queryOf(req), name)
  return typeof value === 'string' ? value.trim() : ''
}
