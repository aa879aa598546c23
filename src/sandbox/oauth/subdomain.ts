import type { Request, Response, Router } from 'express'
import type { Context } from '../context.ts'
import { unauthorized } from '../http/problems.ts'
import { resource } from '../http/resource.ts'
import { accountOf } from '../present/present.ts'
import { accountHost } from './hosts.ts'

/** Where the account lives now: asked by clients whose requests to its old host fail. */
export function subdomainRoutes(router: Router, context: Context) {
  const { tokens } = context

  resource(router, '/account/current/subdomain', {
    get(req, res) {
      if (!tokens.findRefresh(req.get('x-refresh-token') ?? '')) throw unauthorized()
      sendDomain(context, req, res)
    },
  })

  // Deprecated.
  resource(router, '/account/subdomain', {
    get(req, res) {
      if (!tokens.find(req.get('authorization'))) throw unauthorized()
      sendDomain(context, req, res)
    },
  })
}

function sendDomain(context: Context, req: Request, res: Response) {
  const { id, subdomain } = accountOf(context.store)
  const domain = accountHost(context, req)
  const [, name = subdomain, topLevel = 'ru'] = /^([^.]+)\.[^.]+\.([a-z]+)(?::\d+)?$/.exec(domain) ?? []
  res.json({ id, subdomain: name, domain, top_level_domain: topLevel })
}
