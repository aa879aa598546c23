import express, { type NextFunction, type Request, type RequestHandler, type Response, Router } from 'express'
import { z } from 'zod'
import type { Right } from '../config/rights.ts'
import { hasCsrfToken, may } from './session.ts'
import type { Render } from './views.ts'

/** One address of the pages. Whoever adds one says who may use it; a POST takes only forms of its own session. */
export interface Route {
  method: 'get' | 'post'
  /** Below BASE_PATH. */
  path: string
  /** `user`: whoever is signed in. */
  access: 'anyone' | 'user' | Right
  /** The form itself says what is wrong when it is stale. */
  checksCsrf?: true
  /** Bytes of its form; without it as many as a person types. */
  formLimit?: number
  handle: (req: Request, res: Response, next: NextFunction) => unknown
}

interface RoutesOptions {
  basePath: string
  render: Render
}

export function createRoutes(routes: Route[], options: RoutesOptions) {
  const router = Router()
  for (const route of routes) router[route.method](route.path, ...guards(route, options), route.handle)
  return router
}

const usualFormLimit = 16 * 1024

/** No form is read of who may not send it. */
function guards(route: Route, { basePath, render }: RoutesOptions): RequestHandler[] {
  const { method, access, checksCsrf, formLimit: limit = usualFormLimit } = route
  const readForm = express.urlencoded({ extended: false, limit })
  return method === 'post' ? [checkRight, checkId, readForm, checkToken] : [checkRight, checkId]

  function checkRight(req: Request, res: Response, next: NextFunction) {
    if (access !== 'anyone' && !req.user) return askToSignIn(req, res, basePath)
    if (access !== 'anyone' && access !== 'user' && !may(req, access)) return refuse(req, res, 'page.forbidden')
    next()
  }

  /** MySQL compares what is not ASCII with no id. */
  function checkId(req: Request, _res: Response, next: NextFunction) {
    const { id } = req.params
    next(id === undefined || z.guid().safeParse(id).success ? undefined : 'route')
  }

  function checkToken(req: Request, res: Response, next: NextFunction) {
    if (!checksCsrf && !hasCsrfToken(req)) return refuse(req, res, 'page.csrf')
    next()
  }

  function refuse(req: Request, res: Response, title: string) {
    res.status(403)
    render(req, res, 'error.njk', { title })
  }
}

function askToSignIn(req: Request, res: Response, basePath: string) {
  if (req.accepts(['html', 'json']) === 'json') return void res.status(401).json({ status: 401, error: 'unauthorized' })
  // A code of amoCRM's is worth nothing to another session, and belongs on no page.
  const [path = ''] = req.originalUrl.split('?')
  const page = req.query['code'] === undefined ? req.originalUrl : path
  const back = page.length > longestBack ? '' : `?return_page=${encodeURIComponent(page)}`
  res.redirect(`${basePath}/login${back}`)
}

/** Characters; of longer heads of an answer a proxy makes a 502. */
const longestBack = 1000
