import type { Request, Response } from 'express'
import { z } from 'zod'
import { type Filters, queryOf, readListQuery } from './list-query.ts'
import type { Route } from './routes.ts'
import type { createSavedViewStore } from './saved-view-store.ts'
import type { Render } from './views.ts'

interface SavedViewsOptions {
  store: ReturnType<typeof createSavedViewStore>
  render: Render
  timeZone: string
  /** Unix ms. */
  now: () => number
}

/** Those that everybody has; their names stand in the translations as `listing.view.<name>`. */
export const readyViews = [
  { name: 'failed_today', filters: { state: 'dead', period: 'today' } },
  { name: 'person', filters: { state: 'dead' } },
  { name: 'held', filters: { state: 'held' } },
  { name: 'refused', filters: { state: 'rejected' } },
  { name: 'leadless', filters: { lead: 'none' } },
] as const satisfies { name: string; filters: Filters }[]

const name = z.string().trim().min(1).max(100)
const saveForm = z.object({ name, query: z.string().max(4000) })
const changeForm = z.discriminatedUnion('action', [
  z.object({ action: z.literal('rename'), name }),
  z.object({ action: z.literal('remove') }),
])

/** Filters that a person has named: saved, renamed and taken away. */
export function createSavedViews({ store, render, timeZone, now }: SavedViewsOptions): Route[] {
  const path = '/app/transactions/views'
  return [
    { method: 'post', path, access: 'orders.see', handle: save },
    { method: 'get', path, access: 'orders.see', handle: (req, res) => toList(req, res, '') },
    { method: 'post', path: `${path}/:id`, access: 'orders.see', handle: change },
    { method: 'get', path: `${path}/:id`, access: 'orders.see', handle: (req, res) => toList(req, res, '') },
  ]

  async function save(req: Request, res: Response) {
    const { data } = saveForm.safeParse(req.body)
    if (!data) return refuse(req, res, 422, 'listing.view.nameless')
    const query = cleaned(data.query)
    if (!(await store.save(loginOf(req), data.name, query))) return refuse(req, res, 409, 'listing.view.full')
    toList(req, res, query)
  }

  async function change(req: Request, res: Response) {
    const { data } = changeForm.safeParse(req.body)
    if (!data) return refuse(req, res, 422, 'listing.view.nameless')
    const id = String(req.params['id'])
    if (data.action === 'remove') await store.remove(loginOf(req), id)
    else if (!(await store.rename(loginOf(req), id, data.name))) return refuse(req, res, 409, 'listing.view.taken')
    toList(req, res, cleaned(String(req.body.query ?? '')))
  }

  /** Only what the list understands. */
  function cleaned(query: string) {
    const { filters } = readListQuery(Object.fromEntries(new URLSearchParams(query)), { timeZone, now: now() })
    return queryOf(filters)
  }

  function refuse(req: Request, res: Response, status: number, title: string) {
    res.status(status)
    render(req, res, 'error.njk', { title })
  }
}

function toList(req: Request, res: Response, query: string) {
  res.redirect(303, `${req.baseUrl}/app/transactions${query && `?${query}`}`)
}

function loginOf({ user }: Request) {
  return user?.login ?? ''
}
