import type { RequestHandler } from 'express'
import { nginxPage } from '../http/problems.ts'
import type { Clock } from './clock.ts'
import type { SettingsBox } from './settings.ts'

const window = 1000
const patience = 60_000
const refusalsUntilBlocked = 20

/** Seven requests in any second. Who keeps knocking is locked out, until the sandbox is told to let the account in again. */
export function createRateLimit(clock: Clock, settings: SettingsBox) {
  const served = new Map<string, number[]>()
  let refusals: number[] = []
  return { check, clear }

  /** `clientOf` says whose request it is. */
  function check(clientOf: (authorization: string | undefined) => string | undefined): RequestHandler {
    return (req, res, next) => {
      if (settings.get().blocked) return void res.status(403).type('html').send(nginxPage('403 Forbidden'))
      if (allows(clientOf(req.get('authorization')) ?? req.ip ?? '')) return next()
      if (settings.get()['429_body'] === 'html')
        return void res.status(429).type('html').send(nginxPage('429 Too Many Requests'))
      res.status(429).type('application/problem+json').send(JSON.stringify(tooManyRequests))
    }
  }

  // Only requests that were let through count, as at a gateway.
  function allows(client: string): boolean {
    const limit = settings.get().rate_limit
    if (limit === null) return true
    const now = clock.ms()
    const recent = (served.get(client) ?? []).filter((time) => time > now - window)
    const allowed = recent.length < limit
    if (allowed) recent.push(now)
    else refuse(now)
    served.set(client, recent)
    return allowed
  }

  function refuse(now: number) {
    refusals = [...refusals.filter((time) => time > now - patience), now]
    if (refusals.length >= refusalsUntilBlocked) settings.merge({ blocked: true })
  }

  function clear() {
    served.clear()
    refusals = []
  }
}

const tooManyRequests = {
  title: 'Too Many Requests',
  type: 'https://httpstatus.es/429',
  status: 429,
  detail: 'You have sent too many requests in a given amount of time. Please try again later.',
  retry_after: 300,
}
