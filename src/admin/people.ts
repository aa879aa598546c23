import type { NextFunction, Request, Response } from 'express'
import type { Config } from '../config/load.ts'
import { canSignIn, type Directory } from '../people/directory.ts'
import { linkPath } from '../people/links.ts'
import type { Person } from '../people/people.ts'
import type { Audit } from './audit.ts'
import { newcomerOf } from './newcomer.ts'
import type { Route } from './routes.ts'
import type { SessionList } from './session-list.ts'
import type { Render } from './views.ts'

interface PeopleOptions {
  config: Pick<Config, 'app' | 'roles' | 'users'>
  directory: Directory
  sessions: SessionList
  audit: Audit
  render: Render
  /** Unix ms. */
  now: () => number
}

/** A link that is shown once. */
interface Link {
  url: string
  login: string
}

/** `/app/people`: who may sign in, and what they may do. */
export function createPeoplePages({ config, directory, sessions, audit, render, now }: PeopleOptions): Route[] {
  const { basePath, publicBase } = config.app
  const { people } = directory
  const pageOf = (login: string) => `${basePath}/app/people/${encodeURIComponent(login)}`
  const changes: Record<string, (req: Request, res: Response, person: Person) => Promise<void>> = {
    roles: changeRoles,
    link: renewLink,
    close,
    reopen,
  }
  return [
    { method: 'get', path: '/app/people', access: 'people', handle: list },
    { method: 'post', path: '/app/people', access: 'people', handle: invite },
    { method: 'get', path: '/app/people/:login', access: 'people', handle: show },
    { method: 'post', path: '/app/people/:login', access: 'people', handle: change },
  ]

  async function list(req: Request, res: Response) {
    await renderList(req, res)
  }

  async function renderList(req: Request, res: Response, context: object = {}) {
    const inFile = config.users.map((user) => ({ ...user, isInFile: true, state: 'in_file' }))
    const inTable = (await people.list())
      .filter(({ login }) => !directory.inFile(login))
      .map((person) => ({ ...person, isInFile: false, state: stateOf(person) }))
    const all = [...inFile, ...inTable].map(async ({ login, name, roles, state, isInFile }) => {
      return { login, name, roles, state, isInFile, seenAt: await sessions.lastSeen(login), page: pageOf(login) }
    })
    render(req, res, 'people/index.njk', { people: await Promise.all(all), roles: config.roles, ...context })
  }

  async function invite(req: Request, res: Response) {
    const { login, name, fault } = newcomerOf(req.body)
    const roles = rolesIn(req)
    const askAgain = (problem: string) => {
      res.status(422)
      return renderList(req, res, { problem, typed: { login, name: req.body['name'], roles } })
    }
    if (fault) return askAgain(fault)
    if (roles.length === 0) return askAgain('people.roles.none')
    if (await directory.isTaken(login)) return askAgain('people.login.taken')
    const token = await people.invite({ login, name, roles, by: req.user?.login ?? '' })
    if (!token) return askAgain('people.login.taken')
    await audit.record(req, { action: 'person_invited', target: login, became: { roles } })
    await renderList(req, res, { link: linkOf(req, login, token) })
  }

  function rolesIn(req: Request) {
    const wanted: unknown[] = [req.body['roles'] ?? []].flat()
    return config.roles.map(({ id }) => id).filter((id) => wanted.includes(id))
  }

  function linkOf(req: Request, login: string, token: string): Link {
    return { login, url: `${publicBase ?? `${req.protocol}://${req.host}${basePath}`}${linkPath(token)}` }
  }

  async function show(req: Request, res: Response, next: NextFunction) {
    const login = String(req.params['login'])
    if (!(await renderPerson(req, res, login))) next()
  }

  /** False when nobody has the login. */
  async function renderPerson(req: Request, res: Response, login: string, context: object = {}) {
    const inFile = directory.inFile(login)
    const person = inFile ? null : await people.find(login)
    const found = inFile ?? person
    if (!found) return false
    render(req, res, 'people/person.njk', {
      person: { login, name: found.name, roles: found.roles, seenAt: await sessions.lastSeen(login) },
      row: person,
      state: person ? stateOf(person) : 'in_file',
      isSelf: login === req.user?.login,
      sessions: await sessions.list(login),
      roles: config.roles,
      done: req.query['done'] === 'saved' ? 'people.saved' : null,
      ...context,
    })
    return true
  }

  async function change(req: Request, res: Response, next: NextFunction) {
    const login = String(req.params['login'])
    const person = directory.inFile(login) ? null : await people.find(login)
    const what = String(req.body['what'])
    const perform = Object.hasOwn(changes, what) ? changes[what] : undefined
    if (!person || !perform) return next()
    if (login === req.user?.login && what !== 'roles') return refuse(req, res, login, 'people.self')
    await perform(req, res, person)
  }

  async function refuse(req: Request, res: Response, login: string, problem: string) {
    res.status(422)
    await renderPerson(req, res, login, { problem })
  }

  async function changeRoles(req: Request, res: Response, { login, roles: was }: Person) {
    const roles = rolesIn(req)
    if (roles.length === 0) return refuse(req, res, login, 'people.roles.none')
    if (!(await people.setRoles(login, roles, directory.isManagedBy))) return refuse(req, res, login, 'people.last')
    await audit.record(req, { action: 'person_changed', target: login, was: { roles: was }, became: { roles } })
    // Who changed his own is signed in no more, and finds out there what he may do now.
    await sessions.endOf(login)
    res.redirect(303, login === req.user?.login ? `${basePath}/login` : `${pageOf(login)}?done=saved`)
  }

  async function renewLink(req: Request, res: Response, { login, password }: Person) {
    const token = await people.renewLink(login)
    await sessions.endOf(login)
    await audit.record(req, { action: password === null ? 'person_invited' : 'password_reset', target: login })
    await renderPerson(req, res, login, { link: linkOf(req, login, token) })
  }

  async function close(req: Request, res: Response, { login }: Person) {
    if (!(await people.close(login, req.user?.login ?? '', directory.isManagedBy)))
      return refuse(req, res, login, 'people.last')
    await sessions.endOf(login)
    await audit.record(req, { action: 'person_removed', target: login })
    res.redirect(303, `${pageOf(login)}?done=saved`)
  }

  async function reopen(req: Request, res: Response, { login }: Person) {
    await people.reopen(login)
    await audit.record(req, { action: 'person_reopened', target: login })
    res.redirect(303, `${pageOf(login)}?done=saved`)
  }

  function stateOf(person: Person) {
    if (person.closed_at !== null) return 'closed'
    if (canSignIn(person)) return 'open'
    return (person.invited_until ?? 0) > now() ? 'invited' : 'link_over'
  }
}
