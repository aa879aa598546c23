import type { Request, Response } from 'express'
import { authorOf, type Context } from '../context.ts'
import { isAdmin } from '../crm/users.ts'
import { forbidden } from '../http/problems.ts'

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
  if (named === undefined) return tokenUserId
  requireAdmin(context, tokenUserId)
  const id = /^\d+$/.test(named) ? Number(named) : 0
  if (!context.store.users.get(id)) throw forbidden()
  return id
}

function requireAdmin({ store }: Context, userId: number) {
  const user = store.users.get(userId)
  if (user && !isAdmin(user)) throw forbidden()
}
