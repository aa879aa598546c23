import type { Request, Response } from 'express'
import { authorOf, type Context } from '../context.ts'
import { forbidden } from '../http/problems.ts'

/** Stops a request whose user may not set the account up. */
export function adminsOnly(context: Context, res: Response) {
  if (!isAdmin(context, authorOf(context, res).userId)) throw forbidden()
}

/** Whose rights a request has: the token's user, or the one whom an administrator's request names in a header. */
export function actingUser(context: Context, req: Request, tokenUserId: number): number {
  const named = req.get('x-context-user-id')
  if (named === undefined) return tokenUserId
  const id = /^\d+$/.test(named) ? Number(named) : 0
  if (!isAdmin(context, tokenUserId) || !context.store.users.get(id)) throw forbidden()
  return id
}

function isAdmin({ store }: Context, userId: number): boolean {
  return store.users.get(userId)?.is_admin !== false
}
