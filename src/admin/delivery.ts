import type { Request, Response } from 'express'
import type { Connection } from '../amocrm/connection.ts'
import type { Inbox } from '../inbox/inbox.ts'
import type { Audit } from './audit.ts'
import type { Route } from './routes.ts'
import { localPage } from './sign-in.ts'

interface DeliveryOptions {
  connection: Connection
  inbox: Inbox
  basePath: string
  audit: Audit
  log: { info: (details: object, message: string) => void }
}

/** `/app/delivery`: a person stops the delivery, or lets it go on. */
export function createDelivery({ connection, inbox, basePath, audit, log }: DeliveryOptions): Route[] {
  const list = `${basePath}/app/transactions`
  const loginOf = (req: Request) => req.user?.login ?? ''
  const pageOf = (req: Request) => localPage(req.body.return_page, basePath) ?? list
  const backToList = (_req: Request, res: Response) => res.redirect(list)
  return [
    { method: 'post', path: '/app/delivery/pause', access: 'orders.send', handle: pause },
    { method: 'post', path: '/app/delivery/resume', access: 'orders.send', handle: resume },
    { method: 'get', path: '/app/delivery/pause', access: 'user', handle: backToList },
    { method: 'get', path: '/app/delivery/resume', access: 'user', handle: backToList },
  ]

  async function pause(req: Request, res: Response) {
    if (await connection.stop(loginOf(req))) {
      log.info({ login: loginOf(req) }, 'delivery stopped')
      await audit.record(req, { action: 'delivery_stopped' })
    }
    res.redirect(303, pageOf(req))
  }

  async function resume(req: Request, res: Response) {
    if (await connection.resume()) {
      log.info({ login: loginOf(req) }, 'delivery goes on')
      await audit.record(req, { action: 'delivery_resumed' })
    }
    inbox.announceQueued()
    res.redirect(303, pageOf(req))
  }
}
