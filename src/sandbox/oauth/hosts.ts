import type { Request, RequestHandler } from 'express'
import type { Context } from '../context.ts'
import { hostOf } from '../http/hal.ts'
import { notFound, unauthorized } from '../http/problems.ts'

/** Where the account's API is, port included. */
export const accountHost = ({ settings }: Context, req: Request) => settings.get().account_host ?? hostOf(req)

/** Where the account can be asked for even after it was renamed. */
export const apiDomain = ({ settings }: Context, req: Request) => settings.get().api_domain ?? hostOf(req)

/** A renamed account is not found under its old name, and the API never under that of the site. */
export function refuseWrongHost({ settings }: Context): RequestHandler {
  return (req, _res, next) => {
    const { account_host, old_host_status } = settings.get()
    const host = hostOf(req).toLowerCase()
    if (!host.startsWith('www.') && (account_host === null || account_host === host)) return next()
    throw old_host_status === 404 ? notFound(req) : unauthorized()
  }
}
