import type { Request, Response } from 'express'
import type { Audit } from './audit.ts'
import type { Route } from './routes.ts'
import { may } from './session.ts'
import type { SessionList } from './session-list.ts'
import { digest } from './session-store.ts'
import type { Render } from './views.ts'

interface SessionsOptions {
  sessions: SessionList
  basePath: string
  audit: Audit
  render: Render
}

/** `/app/sessions`: where one is signed in; for who decides about people, where everybody is. And the ends of all of them. */
export function createSessions({ sessions, basePath, audit, render }: SessionsOptions): Route[] {
  const everybody = '/api/auth_session/clear'
  const all = '/api/session/clear'
  return [
    { method: 'get', path: '/app/sessions', access: 'user', handle: show },
    { method: 'post', path: '/app/sessions', access: 'user', handle: end },
    { method: 'get', path: everybody, access: 'maintenance', handle: askFor('people.everybody') },
    { method: 'post', path: everybody, access: 'maintenance', handle: endEverybody },
    { method: 'get', path: all, access: 'maintenance', handle: askFor('people.reset') },
    { method: 'post', path: all, access: 'maintenance', handle: reset },
  ]

  async function show(req: Request, res: Response) {
    const login = loginOf(req)
    const current = digest(req.sessionID)
    const own = (await sessions.list(login)).map((session) => ({ ...session, isThis: session.id === current }))
    const others = may(req, 'people') ? (await sessions.list()).filter((session) => session.login !== login) : null
    render(req, res, 'people/sessions.njk', {
      own: own.toSorted((one, other) => Number(other.isThis) - Number(one.isThis)),
      others,
      ended: typeof req.query['ended'] === 'string' ? Math.trunc(Number(req.query['ended'])) || 0 : null,
    })
  }

  async function end(req: Request, res: Response) {
    const login = loginOf(req)
    const { id, others } = req.body as Record<string, unknown>
    const count =
      others === undefined ? await endOne(req, String(id)) : await sessions.endOf(login, digest(req.sessionID))
    if (others !== undefined && count > 0)
      await audit.record(req, { action: 'session_ended', target: login, became: { sessions: count } })
    res.redirect(303, `${basePath}/app/sessions?ended=${count}`)
  }

  async function endOne(req: Request, id: string) {
    const ended = await sessions.end(id, may(req, 'people') ? undefined : loginOf(req))
    if (ended === null) return 0
    await audit.record(req, { action: 'session_ended', target: ended, became: { sessions: 1 } })
    return 1
  }

  /** What will happen, and a button. */
  function askFor(title: 'people.everybody' | 'people.reset') {
    return async (req: Request, res: Response) => {
      const count = await sessions.count()
      render(req, res, 'people/clear.njk', { title, count: title === 'people.reset' ? count.all : count.everybody })
    }
  }

  async function endEverybody(req: Request, res: Response) {
    const count = await sessions.endEverybody()
    await audit.record(req, { action: 'everybody_signed_out', became: { sessions: count } })
    res.redirect(303, `${basePath}/login?ended=${count}`)
  }

  async function reset(req: Request, res: Response) {
    const count = await sessions.reset()
    await audit.record(req, { action: 'sessions_reset', became: { sessions: count } })
    res.redirect(303, `${basePath}/login?reset=${count}`)
  }
}

function loginOf(req: Request) {
  return req.user?.login ?? ''
}
