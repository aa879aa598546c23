import { Router } from 'express'
import type { Config } from '../config/load.ts'
import type { Translate } from '../config/translate.ts'
import { withinTime } from '../inbox/within-time.ts'
import { bearerToken } from '../intake/token.ts'
import type { ApiTokens } from './tokens.ts'
import type { ApiUsers } from './users.ts'

interface ServiceTestOptions {
  registration: Config['app']['registration']
  users: ApiUsers
  tokens: ApiTokens
  translate: Translate
}

/** Ms. */
const patienceMs = 2000

/** `GET /api/test`: whether orders can be sent, and whether with this token. */
export function createServiceTest({ registration, users, tokens, translate }: ServiceTestOptions) {
  const router = Router()
  router
    .route('/')
    .get(async (req, res) => {
      const token = bearerToken(req.headers)
      const [isAuthenticated, serviceAvailable] = await Promise.all([
        token !== null && isSo(tokens.identify(token)),
        isSo(users.ping()),
      ])
      const onlineRegistrationAvailable = registration !== 'closed'
      res.json({ isAuthenticated, serviceAvailable, onlineRegistrationAvailable })
    })
    .all((_req, res) => {
      res.setHeader('Allow', 'GET, HEAD')
      res.status(405).json({ message: translate('api.only_get') })
    })
  return router
}

async function isSo(answer: Promise<unknown>) {
  try {
    return Boolean(await withinTime(patienceMs, answer))
  } catch {
    return false
  }
}
