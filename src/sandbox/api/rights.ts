import type { Response } from 'express'
import { authorOf, type Context } from '../context.ts'
import { forbidden } from '../http/problems.ts'

/** Stops a request whose user may not set the account up. */
export function adminsOnly(context: Context, res: Response) {
  if (!isAdmin(context, authorOf(context, res).userId)) throw forbidden()
}

function isAdmin({ store }: Context, userId: number): boolean {
  return store.users.get(userId)?.is_admin !== false
}
