import type { RequestHandler } from 'express'
import { hasCsrfToken } from './session.ts'
import type { Render } from './views.ts'

/** Lets through what was sent by a form of this session. */
export function requireCsrf(render: Render): RequestHandler {
  return (req, res, next) => {
    if (hasCsrfToken(req)) return next()
    res.status(403)
    render(req, res, 'error.njk', { title: 'page.csrf' })
  }
}
