import type { Request, Response } from 'express'
import type { Config } from '../config/load.ts'
import type { Rules } from '../mapping/request.mapper.ts'
import { type ApiUsers, NoPrefixLeftError } from '../order-api/users.ts'
import type { Languages } from './language.ts'
import type { Route } from './routes.ts'
import { settledSources } from './settled-sources.ts'
import { problemOfEmail, readSettings, recordOf } from './source-forms.ts'
import { createSourcePage, type SourcePageOptions, shownUser } from './source-page.ts'
import { createSecrets } from './source-secrets.ts'

interface SourcesOptions extends Omit<SourcePageOptions, 'forms' | 'secrets'> {
  config: Pick<Config, 'app' | 'env' | 'sources' | 'rateLimit'>
  rules: Rules
  /** Address of the installation, with its folder. */
  baseOf: (req: Request) => string
  languages: Languages
}

/** `/app/sources`: who may send orders, by the settings and by the order API. */
export function createSourcePages(options: SourcesOptions): Route[] {
  const { config, rules, orderApi, render, audit, now } = options
  const { users, tokens } = orderApi
  const { registration } = config.app
  const forms = Object.keys(rules.forms)
  const secrets = createSecrets(options)
  const { routes, renderUser } = createSourcePage({ ...options, forms, secrets })
  return [
    { method: 'get', path: '/app/sources', access: 'people', handle: (req, res) => list(req, res) },
    { method: 'post', path: '/app/sources', access: 'people', handle: add },
    ...routes,
  ]

  async function list(req: Request, res: Response, context: object = {}) {
    const [all, usage] = await Promise.all([users.list(), tokens.usage()])
    render(req, res, 'sources/index.njk', {
      settled: settledSources(config.sources, rules),
      together: config.rateLimit,
      users: all.map((user) => shownUser(user, usage.get(user.source), now())),
      ...{ env: config.env, registration, forms },
      ...context,
    })
  }

  async function add(req: Request, res: Response) {
    const { typed, settings, problems } = readSettings(req.body, forms)
    const { email } = typed
    const fault = problemOfEmail(email)
    const taken = fault ? null : await users.findByEmail(email)
    const emailProblem = taken ? 'sources.problem.taken' : fault
    if (emailProblem) problems.email = emailProblem
    const askAgain = (context: object) => list(req, res.status(422), { typed, problems, ...context })
    if (Object.keys(problems).length > 0) return askAgain({ taken: taken?.source })

    const source = await addUser({ name: settings.name, email, password: null, by: req.user?.login ?? '' })
    if (source === undefined) return askAgain({ problem: 'sources.problem.full' })
    // Somebody has just been quicker, or has clicked twice.
    if (source === null) {
      const quicker = await users.findByEmail(email)
      return askAgain({ problems: { email: 'sources.problem.taken' }, taken: quicker?.source })
    }
    await users.change(source, settings)
    await audit.record(req, { action: 'api_user_added', target: source, became: recordOf(settings) })
    await showAdded(req, res, source)
  }

  /** Null when somebody has the e-mail, undefined when there are too many. */
  async function addUser(user: Parameters<ApiUsers['add']>[0]) {
    try {
      return await users.add(user)
    } catch (error) {
      if (error instanceof NoPrefixLeftError) return undefined
      throw error
    }
  }

  async function showAdded(req: Request, res: Response, source: string) {
    const user = registration === 'closed' ? null : await users.find(source)
    const token = await secrets.issueToken(req, source)
    const invitation = user && (await secrets.invite(req, user))
    await renderUser(req, res, source, { secrets: { token, ...(invitation && { invitation }) }, isNew: true })
  }
}
