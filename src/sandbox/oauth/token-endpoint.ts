import express, { type Request, type Response, type Router } from 'express'
import { z } from 'zod'
import type { Context } from '../context.ts'
import { integration } from './tokens.ts'

const requestShape = z.discriminatedUnion('grant_type', [
  z.object({
    grant_type: z.literal('authorization_code'),
    client_id: z.string(),
    client_secret: z.string(),
    redirect_uri: z.string(),
    code: z.string(),
  }),
  z.object({
    grant_type: z.literal('refresh_token'),
    client_id: z.string(),
    client_secret: z.string(),
    redirect_uri: z.string(),
    refresh_token: z.string(),
  }),
])

/** The token endpoint. */
export function oauthRoutes(context: Context): Router {
  const router = express.Router()
  router.use(express.json({ limit: '1mb' }), express.urlencoded({ extended: false }))
  router.post('/access_token', (req, res) => exchange(context, req, res))
  return router
}

function exchange({ tokens, settings, clock, store }: Context, req: Request, res: Response) {
  const parsed = requestShape.safeParse(req.body)
  if (!parsed.success) return refuse(res, 400)
  const sent = parsed.data
  const isOurs = sent.client_id === integration.client_id && sent.client_secret === integration.client_secret
  if (!isOurs) return refuse(res, 401, 'Client authentication failed')
  if (sent.redirect_uri !== settings.get().redirect_uri) return refuse(res, 400, 'Redirect URI is invalid')

  const domain = req.get('host') ?? ''
  const pair = store.write(() => {
    if (sent.grant_type === 'refresh_token') return tokens.refresh(sent.refresh_token, domain)
    const code = tokens.useCode(sent.code)
    return code && tokens.issuePair(code.user_id, domain)
  })
  if (pair) return void res.json({ token_type: 'Bearer', server_time: clock.seconds(), ...pair })
  if (sent.grant_type === 'refresh_token') refuse(res, 401, 'Token has been revoked')
  else refuse(res, 400, 'Authorization code has been revoked')
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
