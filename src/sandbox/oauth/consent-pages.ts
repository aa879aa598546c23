import type { Request, Response } from 'express'
import type { Context } from '../context.ts'
import { firstAdmin, isAdmin } from '../crm/users.ts'
import { createViews } from '../pages/views.ts'
import { accountOf } from '../present/present.ts'
import type { ConsentRequest, UnclearConsent } from './consent-request.ts'
import { accountHost } from './hosts.ts'

const scopeWords: Record<string, string> = {
  crm: 'читать и менять сделки, контакты, компании и списки',
  notifications: 'присылать уведомления',
  files: 'читать и загружать файлы',
  files_delete: 'удалять файлы',
}

interface Question {
  asked: ConsentRequest
  form: string
  obstacle: UnclearConsent | undefined
}

/** Where the person goes on, and what the page that opened this one hears when access was refused. */
interface Leaving {
  address: string
  error?: string
  client_id?: string
}

const anywhere = 'http: https:'
const policy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  // The logo is wherever the integration keeps it, and its Redirect URI may lead on to wherever it likes.
  `img-src ${anywhere}`,
  `form-action 'self' ${anywhere}`,
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

export function createConsentPages(context: Context) {
  const { store, integrations } = context
  const views = createViews()
  return { question, problem, leaving }

  function question(req: Request, res: Response, { asked: { integration }, form, obstacle }: Question) {
    const chosen = firstAdmin(store)
    const mayAnybody = integrations.isInstalled(integration)
    const users = store.users.all().map((user) => ({
      id: user.id,
      name: user.name,
      is_admin: isAdmin(user),
      is_chosen: user.id === chosen.id,
      may_grant: mayAnybody || isAdmin(user),
    }))
    const scopes = integration.scopes.map((scope) => scopeWords[scope] ?? scope)
    const page = {
      ...place(req),
      integration,
      initials: { integration: initialOf(integration.name), account: initialOf(accountOf(store).name) },
      return_host: new URL(integration.redirect_uri).host,
      scopes,
      users,
      mayAnybody,
      form,
      problem: obstacle?.message,
    }
    send(res.status(obstacle?.status ?? 200), 'consent', page)
  }

  function problem(req: Request, res: Response, { status, message }: UnclearConsent) {
    send(res.status(status), 'consent-problem', { message, ...place(req) })
  }

  function leaving(res: Response, page: Leaving) {
    send(res, 'consent-leaving', page)
  }

  function place(req: Request) {
    return { account: accountOf(store), host: accountHost(context, req) }
  }

  function send(res: Response, view: string, page: object) {
    res.set({
      'Content-Security-Policy': policy,
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'no-store',
    })
    res.type('html').send(views.render(`${view}.njk`, page))
  }
}

const initialOf = (name: string) => [...name][0]?.toUpperCase()
