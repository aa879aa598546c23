import type { RequestHandler } from 'express'
import { Problem } from '../http/problems.ts'

/**
 * Keeps pages of other sites from working the controls through the browser of whoever runs the sandbox. Scripts send
 * none of these headers and are let through.
 */
export const refuseStrangers: RequestHandler = (req, _res, next) => {
  const { host = '', origin } = req.headers
  if (isLoopback(req.socket.localAddress) && !isOurName(host)) {
    // A foreign name that was made to point here: the browser would let its pages read every answer.
    throw new Problem(403, { detail: `Host: ${host} is not a name of the sandbox` })
  }
  if (req.method === 'GET' || req.method === 'HEAD') return next()
  const site = req.headers['sec-fetch-site'] ?? 'none'
  if (site !== 'same-origin' && site !== 'none') throw new Problem(403, { detail: `Sec-Fetch-Site: ${site}` })
  if (origin !== undefined && !isFrom(origin, host)) throw new Problem(403, { detail: `Origin: ${origin}` })
  next()
}

const isLoopback = (address: string | undefined) => /^(127\.|::1$|::ffff:127\.)/.test(address ?? '')

/** An address, a name without dots, a name that nobody can own, or one of amoCRM's own. */
function isOurName(host: string): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase()
  if (/^(127(\.\d+){3}|\[[0-9a-f:.]+\]|[a-z0-9_-]+)$/.test(name)) return true
  return /\.(localhost|test|example|invalid|amocrm\.ru|amocrm\.com|kommo\.com)$/.test(name)
}

function isFrom(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host
}
