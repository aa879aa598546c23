import type { RequestHandler } from 'express'
import { bearerToken, digest, isSame } from '../intake/token.ts'
import type { Metrics } from './metrics.ts'

interface ScrapeOptions {
  metrics: Pick<Metrics, 'text' | 'contentType'>
  /** Null: nobody has set one. Of guesses there are too many for anybody, so they are not counted. */
  token: string | null
  /** Whether anybody may look where there is no token. */
  isOpen: boolean
  translate: (key: string) => string
}

/** `GET /metrics`, for Prometheus. */
export function createScrape({ metrics, token, isOpen, translate }: ScrapeOptions): RequestHandler {
  const expected = token === null ? null : digest(token)

  return async (req, res) => {
    res.setHeader('Cache-Control', 'no-store')
    if (!expected && !isOpen) return void res.status(403).type('text/plain').send(translate('page.metrics.closed'))
    if (expected && !isSame(digest(bearerToken(req.headers) ?? ''), expected)) {
      res.setHeader('WWW-Authenticate', 'Bearer realm="metrics"')
      return void res.status(401).type('text/plain').send(translate('page.metrics.token'))
    }
    res.setHeader('Content-Type', metrics.contentType)
    res.end(await metrics.text())
  }
}
