import type { Request, RequestHandler, Response } from 'express'
import { authorOf, type Context } from '../context.ts'
import { isAdmin } from '../crm/users.ts'
import { forbidden, paymentRequired, unauthorized } from '../http/problems.ts'

const month = 30 * 24 * 60 * 60_000

/** Stops what an account may not do that is no longer paid for: writing at once, reading a month later. */
export function refuseUnpaid({ settings, clock }: Context): RequestHandler {
  return (req, _res, next) => {
    const { paid_until } = settings.get()
    const grace = req.method === 'GET' ? month : 0
    if (paid_until !== null && clock.ms() >= Date.parse(paid_until) + grace) throw paymentRequired()
    next()
  }
}

/** Stops a request whose user may not set the account up. */
export function adminsOnly(context: Context, res: Response) {
  requireAdmin(context, authorOf(context, res).userId)
}

/** Stops a request of an integration that somebody's site has made: some methods of the system are closed to these. */
export function noExternals({ store }: Context, res: Response) {
  if (store.integrations.get(String(res.locals['clientId']))?.kind === 'external') throw forbidden()
}

/** Whose rights a request has: the token's user, or the one whom an administrator's request names in a header. */
export function actingUser(context: Context, req: Request, tokenUserId: number): number {
  const named = req.get('x-context-user-id')
  const user = context.store.users.get(tokenUserId)
  // What an administrator granted outlives his being disabled.
  if (user?.is_active === false && !isAdmin(user)) throw unauthorized()
  if (named === undefined) return tokenUserId
  requireAdmin(context, tokenUserId)
  const id = /^\d+$/.test(named) ? Number(named) : 0
  const acting = context.store.users.get(id)
  if (!acting || acting.is_active === false) throw forbidden()
  return id
}

function requireAdmin({ store }: Context, userId: number) {
  const user = store.users.get(userId)
  if (user && !isAdmin(user)) throw forbidden()
}
