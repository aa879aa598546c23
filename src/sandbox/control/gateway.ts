import { STATUS_CODES } from 'node:http'
import type { Request, RequestHandler } from 'express'
import { nginxPage } from '../http/problems.ts'
import type { Settings, SettingsBox } from './settings.ts'

/** What a server in front of the API may turn away; that amoCRM's does so is known of nothing here. */
export function gateway(settings: SettingsBox): RequestHandler {
  return (req, res, next) => {
    const status = refusalOf(req, settings.get())
    if (status === undefined) next()
    else
      res
        .status(status)
        .type('html')
        .send(nginxPage(`${status} ${STATUS_CODES[status]}`))
  }
}

function refusalOf(req: Request, { user_agent_required, url_max, body_max }: Settings): number | undefined {
  if (user_agent_required && !req.get('user-agent')) return 403
  if (url_max !== null && req.originalUrl.length > url_max) return 414
  return body_max !== null && Number(req.get('content-length')) > body_max ? 413 : undefined
}
