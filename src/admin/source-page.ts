import type { NextFunction, Request, Response } from 'express'
import type { Config } from '../config/load.ts'
import type { ApiTokens } from '../order-api/tokens.ts'
import { type ApiUser, type ApiUsers, prefixOf } from '../order-api/users.ts'
import type { Audit } from './audit.ts'
import type { Route } from './routes.ts'
import { readSeen, readSettings, recordOf, seenOf, typedOf } from './source-forms.ts'
import type { createSecrets, Secrets } from './source-secrets.ts'
import type { Render } from './views.ts'

export interface SourcePageOptions {
  config: Pick<Config, 'app' | 'env'>
  /** Those of request.mapper. */
  forms: string[]
  orderApi: { users: ApiUsers; tokens: ApiTokens }
  secrets: ReturnType<typeof createSecrets>
  render: Render
  audit: Audit
  /** Unix ms. */
  now: () => number
}

/** What the page of a user says besides how he is. */
interface Said {
  secrets?: Secrets
  isNew?: boolean
  replaced?: number | null
  told?: string | undefined
  problem?: string
  [more: string]: unknown
}

const deeds = ['saved', 'revoked', 'blocked', 'unblocked'] as const

/** `/app/sources/:source`: a user of the order API, and what he shows. */
export function createSourcePage(options: SourcePageOptions) {
  const { config, forms, orderApi, secrets, render, audit, now } = options
  const { users, tokens } = orderApi
  const { basePath, registration } = config.app
  const changes: Record<string, (req: Request, res: Response, user: ApiUser) => Promise<unknown>> = {
    settings: changeSettings,
    token: (req, res, user) => makeToken(req, res, user),
    rotate,
    revoke,
    revoke_all: revokeAll,
    block,
    unblock,
    invite,
  }
  const path = '/app/sources/:source'
  const routes: Route[] = [
    { method: 'get', path, access: 'people', handle: show },
    { method: 'post', path, access: 'people', handle: change },
  ]
  return { routes, renderUser }

  async function show(req: Request, res: Response, next: NextFunction) {
    const told = deeds.find((each) => each === req.query['done'])
    if (!(await renderUser(req, res, sourceIn(req), { told }))) next()
  }

  /** False when nobody has the source. */
  async function renderUser(req: Request, res: Response, source: string, said: Said = {}) {
    const [user, list] = await Promise.all([users.find(source), tokens.list(source)])
    if (!user) return false
    const used = list.flatMap(({ used_at }) => used_at ?? [])
    const usage = { count: list.length, usedAt: used.length > 0 ? Math.max(...used) : null }
    const [newest, ...older] = list
    render(req, res, 'sources/user.njk', {
      shop: shownUser(user, usage, now()),
      ...{ seen: seenOf(user), typed: typedOf(user), prefix: prefixOf(source) },
      ...{ tokens: list, newest, older, olderIds: older.map(({ id }) => id), forms, registration, env: config.env },
      ...said,
    })
    return true
  }

  async function change(req: Request, res: Response, next: NextFunction) {
    const user = await users.find(sourceIn(req))
    const what = String(req.body['what'])
    const perform = Object.hasOwn(changes, what) ? changes[what] : undefined
    if (!user || !perform) return next()
    await perform(req, res, user)
  }

  async function changeSettings(req: Request, res: Response, { source }: ApiUser) {
    const { typed, settings, problems } = readSettings(req.body, forms)
    const given = String(req.body['seen'])
    if (Object.keys(problems).length > 0)
      return renderUser(req, res.status(422), source, { typed, problems, seen: given })
    const seen = readSeen(given)
    // Somebody was quicker: what was typed stays, beside how it is now.
    if (!seen || !(await users.change(source, settings, seen)))
      return renderUser(req, res.status(409), source, { typed, problem: 'sources.problem.changed' })
    if (seenOf(settings) !== seenOf(seen)) {
      const [was, became] = [recordOf(seen), recordOf(settings)]
      await audit.record(req, { action: 'api_user_changed', target: source, was, became })
    }
    back(res, source, 'saved')
  }

  /** @param replaced id of a token that a person revokes once the shop uses the new one */
  async function makeToken(req: Request, res: Response, { source }: ApiUser, replaced: number | null = null) {
    const token = await secrets.issueToken(req, source)
    const was = replaced === null ? undefined : { token: replaced }
    await audit.record(req, { action: 'api_token_made', target: source, was, became: { token: token.id } })
    await renderUser(req, res, source, { secrets: { token }, replaced })
  }

  async function rotate(req: Request, res: Response, user: ApiUser) {
    const old = (await tokens.list(user.source)).find(({ id }) => String(id) === req.body['id'])
    await makeToken(req, res, user, old?.id)
  }

  /** Those that the page named, and none that somebody else has made since. */
  async function revoke(req: Request, res: Response, { source }: ApiUser) {
    const named = [req.body['id'] ?? []].flat().map(Number)
    await revokeThese(req, source, (id) => named.includes(id))
    back(res, source, 'revoked')
  }

  async function revokeAll(req: Request, res: Response, { source }: ApiUser) {
    await revokeThese(req, source, () => true)
    back(res, source, 'revoked')
  }

  async function revokeThese(req: Request, source: string, isMeant: (id: number) => boolean) {
    const ids = (await tokens.list(source)).map(({ id }) => id).filter(isMeant)
    if (ids.length === 0) return
    for (const id of ids) await tokens.revoke(source, id)
    await audit.record(req, { action: 'api_tokens_revoked', target: source, was: { tokens: ids } })
  }

  async function block(req: Request, res: Response, { source, blocked_at }: ApiUser) {
    if (blocked_at === null) {
      await users.block(source, req.user?.login ?? '')
      await audit.record(req, { action: 'api_user_blocked', target: source })
    }
    back(res, source, 'blocked')
  }

  async function unblock(req: Request, res: Response, { source, blocked_at }: ApiUser) {
    if (blocked_at !== null) {
      await users.unblock(source)
      await audit.record(req, { action: 'api_user_unblocked', target: source })
    }
    back(res, source, 'unblocked')
  }

  async function invite(req: Request, res: Response, user: ApiUser) {
    const { source } = user
    if (registration === 'closed') return renderUser(req, res.status(422), source, { problem: 'sources.invite.closed' })
    const invitation = await secrets.invite(req, user)
    await audit.record(req, { action: 'api_user_invited', target: source })
    await renderUser(req, res, source, { secrets: { invitation } })
  }

  function back(res: Response, source: string, told: (typeof deeds)[number]) {
    res.redirect(303, `${basePath}/app/sources/${source}?done=${told}`)
  }
}

/** MySQL compares what is not ASCII with no source. */
function sourceIn(req: Request) {
  const source = String(req.params['source'])
  return /^api-[a-z]{2}$/.test(source) ? source : ''
}

interface Usage {
  /** Of tokens. */
  count: number
  usedAt: number | null
}

/** A user as the pages show him, without what is secret. @param now unix ms */
export function shownUser(user: ApiUser, usage: Usage = { count: 0, usedAt: null }, now: number) {
  const { source, name, email, partner_id, form, rate_requests, rate_seconds, created_at, created_by } = user
  const { blocked_at, blocked_by, invitation, invited_until: until } = user
  return {
    ...{ source, name, email, partner_id, form, rate_requests, rate_seconds, created_at, created_by },
    ...{ blocked_at, blocked_by, tokens: usage.count, usedAt: usage.usedAt },
    state: stateOf(user, usage, now),
    invitedUntil: invitation !== null && until !== null && until > now ? until : null,
    hasPassword: user.password !== null,
  }
}

export const userStates = ['active', 'invited', 'shut', 'blocked'] as const

function stateOf({ blocked_at, password, invited_until }: ApiUser, { count }: Usage, now: number) {
  if (blocked_at !== null) return 'blocked'
  if (password !== null || count > 0) return 'active'
  return (invited_until ?? 0) > now ? 'invited' : 'shut'
}
