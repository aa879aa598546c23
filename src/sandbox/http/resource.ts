import type { Request, RequestHandler, Response, Router } from 'express'
import { answerWrongMethod } from './problems.ts'

type Answer = (req: Request, res: Response) => void
type Methods = { get?: Answer; post?: Answer; patch?: Answer; delete?: Answer }

/** One path with the methods it knows; any other method is answered 405. */
export function resource(router: Router, path: string, methods: Methods) {
  const route = router.route(path)
  if (methods.get) route.get(methods.get as RequestHandler)
  if (methods.post) route.post(methods.post as RequestHandler)
  if (methods.patch) route.patch(methods.patch as RequestHandler)
  if (methods.delete) route.delete(methods.delete as RequestHandler)
  route.all(answerWrongMethod)
}

/** A number of the path; `router.param` has seen to it that it is one. */
export const numberOf = (req: Request, name: string) => Number(req.params[name])
