import type { Request, RequestHandler } from 'express'
import type { User } from './session.ts'
import type { Render } from './views.ts'

/** Who may do more than look. */
const roles = ['admin', 'operator']

export function isOperator(user: User | null) {
  return user?.roles.some((role) => roles.includes(role)) ?? false
}

export function createRequireOperator(userOf: (req: Request) => User | null, render: Render): RequestHandler {
  return (req, res, next) => {
    if (isOperator(userOf(req))) return next()
    res.status(403)
    render(req, res, 'error.njk', { title: 'page.forbidden' })
  }
}
