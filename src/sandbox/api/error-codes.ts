import type { ErrorRequestHandler } from 'express'
import type { Context } from '../context.ts'
import { invalid, Problem } from '../http/problems.ts'

/** Gives the codes of validation errors the names that the settings have for them. */
export function renameErrors({ settings }: Context): ErrorRequestHandler {
  return (error, _req, _res, next) => {
    const names = new Map(Object.entries(settings.get().error_codes))
    if (!(error instanceof Problem) || names.size === 0 || !error.items) return next(error)
    next(
      invalid(
        error.items.map(({ request_id, errors }) => ({
          request_id,
          errors: errors.map((each) => ({ ...each, code: names.get(each.code) ?? each.code })),
        })),
      ),
    )
  }
}
