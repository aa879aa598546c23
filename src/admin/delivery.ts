import { type Request, type RequestHandler, Router } from 'express'
import type { Connection } from '../amocrm/connection.ts'
import type { Inbox } from '../inbox/inbox.ts'
import { requireCsrf } from './require-csrf.ts'
import type { User } from './session.ts'
import { localPage } from './sign-in.ts'
import type { Render } from './views.ts'

interface DeliveryOptions {
  connection: Connection
  inbox: Inbox
  basePath: string
  render: Render
  requireOperator: RequestHandler
  userOf: (req: Request) => User | null
  log: { info: (details: object, message: string) => void }
}

/** `/app/delivery`: a person stops the delivery, or lets it go on. */
export function createDelivery(options: DeliveryOptions) {
  const { connection, inbox, basePath, render, requireOperator, userOf, log } = options
  const list = `${basePath}/app/transactions`
  const router = Router()
  const isOurForm = requireCsrf(render)
  const loginOf = (req: Request) => userOf(req)?.login ?? ''
  const pageOf = (req: Request) => localPage(req.body.return_page, basePath) ?? list

  router.post('/pause', requireOperator, isOurForm, async (req, res) => {
    if (await connection.stop(loginOf(req))) log.info({ login: loginOf(req) }, 'the delivery was stopped')
    res.redirect(303, pageOf(req))
  })

  router.post('/resume', requireOperator, isOurForm, async (req, res) => {
    if (await connection.resume()) log.info({ login: loginOf(req) }, 'the delivery goes on')
    inbox.announceQueued()
    res.redirect(303, pageOf(req))
  })

  router.get(['/pause', '/resume'], (_req, res) => res.redirect(list))
  return router
}
