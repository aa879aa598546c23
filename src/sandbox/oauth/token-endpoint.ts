import express, { type ErrorRequestHandler, type Request, type Response, type Router } from 'express'
import { z } from 'zod'
import type { Context } from '../context.ts'
import { resource } from '../http/resource.ts'
import { exchangeKeyRoutes } from './exchange-key.ts'
import { apiDomain } from './hosts.ts'
import { subdomainRoutes } from './subdomain.ts'
import { GrantRefused } from './tokens.ts'

const client = { client_id: z.string(), client_secret: z.string(), redirect_uri: z.string() }

const requestShape = z.discriminatedUnion('grant_type', [
  z.object({ ...client, grant_type: z.literal('authorization_code'), code: z.string() }),
  z.object({ ...client, grant_type: z.literal('refresh_token'), refresh_token: z.string() }),
])

/** /oauth2: the token endpoint and where the account is. */
export function oauthRoutes(context: Context): Router {
  const router = express.Router()
  subdomainRoutes(router, context)
  exchangeKeyRoutes(router, context)
  resource(router, '/access_token', { post: (req, res) => exchange(context, req, res) })
  return router
}

/** What the token endpoint answers when there is no reading what was sent to it. */
export const answerUnreadable: ErrorRequestHandler = (_error, _req, res, _next) => refuse(res, 400)

function exchange(context: Context, req: Request, res: Response) {
  const parsed = requestShape.safeParse(req.body)
  if (!parsed.success) return refuse(res, 400)
  try {
    res.json(answerTo(context, parsed.data, apiDomain(context, req)))
  } catch (error) {
    if (!(error instanceof GrantRefused)) throw error
    refuse(res, error.status, context.settings.get().token_hints ? error.hint : undefined)
  }
}

function answerTo(context: Context, sent: z.infer<typeof requestShape>, domain: string) {
  const { tokens, integrations, settings, clock, store } = context
  const integration = integrations.find(sent.client_id)
  if (integration?.client_secret !== sent.client_secret) throw new GrantRefused(401, 'Client authentication failed')
  if (integration.redirect_uri !== sent.redirect_uri) throw new GrantRefused(400, 'Redirect URI is invalid')

  const pair = store.write(() =>
    sent.grant_type === 'refresh_token'
      ? tokens.refresh(sent.refresh_token, integration.id, domain)
      : tokens.issuePair(tokens.useCode(sent.code, integration.id), domain),
  )
  const time = settings.get().token_server_time ? { server_time: clock.seconds() } : {}
  return { token_type: 'Bearer', ...time, ...pair }
}

function refuse(res: Response, status: number, hint?: string) {
  res.status(status).json({
    ...(hint === undefined ? {} : { hint }),
    title: 'Некорректный запрос',
    type: 'https://developers.amocrm.ru/v3/errors/OAuthProblemJson',
    status,
    detail: 'В запросе отсутствует ряд параметров или параметры невалидны',
  })
}
