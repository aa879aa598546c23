import type { Request, Router } from 'express'
import { z } from 'zod'
import type { Context } from '../context.ts'
import { firstAdmin } from '../crm/users.ts'
import { Problem } from '../http/problems.ts'
import { resource } from '../http/resource.ts'
import type { Token } from '../store/access-entities.ts'
import { disconnect } from './disconnect.ts'
import { disposableToken } from './disposable.ts'
import { apiDomain } from './hosts.ts'
import { integrationShape, showIntegration } from './integrations.ts'
import { sendCode } from './new-code.ts'
import { hash } from './tokens.ts'

/** Five years with a leap day in them. */
const mostDays = 1826

const clientShape = z.strictObject({ client_id: z.string().optional() })

const grantShape = clientShape.extend({ user_id: z.int().optional() })

const issueShape = z.discriminatedUnion('kind', [
  grantShape.extend({ kind: z.literal('long-lived'), days: z.int().min(1).max(mostDays) }),
  grantShape.extend({ kind: z.literal('disposable') }),
])

const revokeShape = clientShape.extend({
  kind: z.enum(['access', 'refresh', 'long-lived']).optional(),
  /** One token, by itself or by its id in the list. */
  token: z.string().optional(),
  id: z.string().optional(),
})

/** Under /__sandbox: integrations and their tokens, for which amoCRM has pages but no API. */
export function accessRoutes(router: Router, context: Context) {
  const { store, tokens, integrations } = context

  resource(router, '/integrations', {
    get: (_req, res) => void res.json({ integrations: integrations.list().map(showIntegration) }),
    post(req, res) {
      const sent = read(integrationShape, req)
      if (sent.client_id === integrations.standard().id)
        throw new Problem(400, { detail: 'client_id: the default integration is changed by /__sandbox/settings' })
      res.json(showIntegration(integrations.save(sent)))
    },
  })

  resource(router, '/tokens', {
    get: (_req, res) => void res.json({ tokens: store.tokens.all().map(showToken) }),
    post(req, res) {
      const sent = read(issueShape, req)
      const { integration, user_id } = grantOf(sent)
      if (sent.kind === 'disposable') return void res.json(disposableToken(context, req, integration, user_id))
      if (integration.kind === 'public')
        throw new Problem(400, { detail: 'client_id: a public integration has no long-lived tokens' })
      const grant = { client_id: integration.id, user_id }
      res.json(store.write(() => tokens.issueLongLived(grant, apiDomain(context, req), sent.days)))
    },
  })

  resource(router, '/tokens/revoke', {
    post(req, res) {
      const { client_id, kind, token, id = token === undefined ? undefined : hash(token) } = read(revokeShape, req)
      const client = client_id === undefined ? undefined : integrationOf(client_id).id
      const wanted = { client_id: client, kind, id }
      res.json({ revoked: tokens.revoke((each) => matches(each, wanted)) })
    },
  })

  // What happens when a person installs a widget.
  resource(router, '/install', {
    async post(req, res) {
      const { integration, user_id } = grantOf(read(grantShape, req))
      const hook = await sendCode(context, req, integration, user_id, { flag: 'from_widget' })
      res.json({ client_id: integration.id, hook })
    },
  })

  resource(router, '/disconnect', {
    async post(req, res) {
      res.json(await disconnect(context, integrationOf(read(clientShape, req).client_id)))
    },
  })

  function grantOf({ client_id, user_id = firstAdmin(store).id }: z.infer<typeof grantShape>) {
    const integration = integrationOf(client_id)
    if (!store.users.get(user_id)) throw new Problem(400, { detail: `user_id: there is no user ${user_id}` })
    return { integration, user_id }
  }

  function integrationOf(clientId: string | undefined) {
    const integration = clientId === undefined ? integrations.standard() : integrations.find(clientId)
    if (!integration) throw new Problem(400, { detail: `client_id: there is no integration ${clientId}` })
    return integration
  }
}

function read<T>(shape: z.ZodType<T>, req: Request): T {
  const parsed = shape.safeParse(req.body ?? {})
  if (!parsed.success) throw new Problem(400, { detail: z.prettifyError(parsed.error) })
  return parsed.data
}

function matches(token: Token, wanted: { [key in 'client_id' | 'kind' | 'id']: string | undefined }) {
  return (['client_id', 'kind', 'id'] as const).every((key) => wanted[key] === undefined || wanted[key] === token[key])
}

function showToken({ expires_at, successor: _, ...token }: Token) {
  return { ...token, expires_at: Math.floor(expires_at / 1000) }
}
