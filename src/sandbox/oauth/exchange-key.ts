import type { Request, Router } from 'express'
import { z } from 'zod'
import type { Context } from '../context.ts'
import { refused, tooManyRequests, unauthorized } from '../http/problems.ts'
import { resource } from '../http/resource.ts'
import { sendCode } from './new-code.ts'

const shape = z.object({
  login: z.string(),
  api_key: z.string(),
  client_uuid: z.string(),
  client_secret: z.string(),
  state: z.string().optional(),
})

const pause = 5 * 60_000

/** For integrations older than OAuth: the code for a user's API key comes to the redirect URI. */
export function exchangeKeyRoutes(router: Router, context: Context) {
  const { store, settings, integrations, clock } = context

  resource(router, '/exchange_api_key', {
    async post(req, res) {
      const { client_uuid, client_secret, login, api_key, state } = read(req)
      const integration = integrations.find(client_uuid)
      const user = store.users.all().find(({ email }) => email === login)
      const isKnown = integration?.client_secret === client_secret && api_key === settings.get().legacy_api_key
      if (!integration || !user || !isKnown) throw unauthorized()
      const id = `key_exchanged_at:${client_uuid}`
      const lastAt = store.settings.get(id)?.value
      if (typeof lastAt === 'number' && clock.ms() < lastAt + pause) throw tooManyRequests()
      store.settings.put({ id, value: clock.ms() })
      await sendCode(context, req, integration, user.id, { state, flag: 'from_exchange' })
      res.status(202).end()
    },
  })
}

function read(req: Request) {
  const parsed = shape.safeParse(req.body)
  if (!parsed.success) throw refused('Request validation failed')
  return parsed.data
}
