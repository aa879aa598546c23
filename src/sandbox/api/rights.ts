import type { Response } from 'express'
import { authorOf, type Context } from '../context.ts'
import { isAdmin } from '../crm/users.ts'
import { forbidden } from '../http/problems.ts'

/** Stops a request whose user may not set the account up. */
export function adminsOnly(context: Context, res: Response) {
  const user = context.store.users.get(authorOf(context, res).userId)
  if (user && !isAdmin(user)) throw forbidden()
}
