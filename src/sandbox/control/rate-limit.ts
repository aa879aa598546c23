import type { Request, RequestHandler, Response } from 'express'
import { nginxPage, tooManyRequests } from '../http/problems.ts'
import type { Clock } from './clock.ts'
import type { SettingsBox } from './settings.ts'

const window = 1000
const patience = 60_000

/** So many requests in any second. Who keeps knocking is locked out, until the sandbox is told to let the account in again. */
export function createRateLimit(clock: Clock, settings: SettingsBox) {
  const served = new Map<string, number[]>()
  let refusals: number[] = []
  return { check, clear }

  /** `clientOf` says whose request it is. */
  function check(clientOf: (authorization: string | undefined) => string | undefined): RequestHandler {
    return (req, res, next) => {
      if (settings.get().blocked) return void res.status(403).type('html').send(nginxPage('403 Forbidden'))
      const client = settings.get().rate_limit_scope === 'ip' ? undefined : clientOf(req.get('authorization'))
      if (allows(client ?? addressOf(req))) next()
      else refuse(res)
    }
  }

  // Only requests that were let through count, as at a gateway.
  function allows(client: string): boolean {
    const { rate_limit, account_rate_limit } = settings.get()
    if (rate_limit === null) return true
    const now = clock.ms()
    const [own, all] = [recent(client, now), recent('account', now)]
    const isAllowed = own.length < rate_limit && all.length < (account_rate_limit ?? Number.POSITIVE_INFINITY)
    if (isAllowed) {
      own.push(now)
      all.push(now)
    }
    return isAllowed
  }

  function recent(whose: string, now: number): number[] {
    const times = (served.get(whose) ?? []).filter((time) => time > now - window)
    served.set(whose, times)
    return times
  }

  function refuse(res: Response) {
    const now = clock.ms()
    const { block_after, '429_body': format, '429_retry_after': seconds } = settings.get()
    refusals = [...refusals.filter((time) => time > now - patience), now]
    if (block_after !== null && refusals.length >= block_after) settings.merge({ blocked: true })
    if (seconds !== null) res.set('Retry-After', String(seconds))
    res.status(429)
    if (format === 'html') res.type('html').send(nginxPage('429 Too Many Requests'))
    else res.type('application/problem+json').send(JSON.stringify(tooManyRequests().body))
  }

  function clear() {
    served.clear()
    refusals = []
  }
}

const addressOf = (req: Request) => req.ip ?? ''
