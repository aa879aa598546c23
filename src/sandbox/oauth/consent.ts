import express, { type NextFunction, type Request, type RequestHandler, type Response, type Router } from 'express'
import type { Context } from '../context.ts'
import { isAdmin } from '../crm/users.ts'
import { originOf } from '../http/hal.ts'
import type { User } from '../store/entities.ts'
import { call, withParameters } from './call.ts'
import { createForms } from './consent-forms.ts'
import { createConsentPages } from './consent-pages.ts'
import { type ConsentRequest, readConsentRequest, UnclearConsent } from './consent-request.ts'
import { addressWithCode } from './new-code.ts'

/** /oauth: the page where a person lets an integration into the account. */
export function consentRoutes(context: Context): Router {
  const { integrations, clock, store } = context
  const pages = createConsentPages(context)
  const forms = createForms<ConsentRequest>(clock)
  const router = express.Router()
  router.get('/', (req, res) => ask(req, res, readConsentRequest(integrations, req.query)))
  router.post('/', refuseOtherSites, express.urlencoded({ extended: false }), answer)
  router.use(answerUnclear)
  return router

  function ask(req: Request, res: Response, asked: ConsentRequest, obstacle?: UnclearConsent) {
    pages.question(req, res, { asked, form: forms.show(asked), obstacle })
  }

  async function answer(req: Request, res: Response) {
    const asked = forms.take(req.body?.form)
    if (!asked) throw new UnclearConsent(400, 'Эта страница уже использована или устарела.')
    if (req.body.answer === 'deny') return refuse(res, asked)
    if (req.body.answer !== 'allow') throw new UnclearConsent(400, 'Непонятно, разрешён ли доступ.')
    const user = store.users.get(Number(req.body.user_id))
    const obstacle = obstacleOf(asked, user)
    if (!user || obstacle) return ask(req, res, asked, obstacle)
    if (asked.secrets_uri !== null) await introduce(asked, asked.secrets_uri)
    allow(req, res, asked, user)
  }

  function obstacleOf({ integration }: ConsentRequest, user: User | undefined) {
    if (!user) return new UnclearConsent(400, 'Выберите, от чьего имени разрешить доступ.')
    if (isAdmin(user) || integrations.isInstalled(integration)) return undefined
    return new UnclearConsent(403, 'Впервые подключить интеграцию может только администратор аккаунта.')
  }

  /** Tells a new external integration who it is; without that it could not use the code. */
  async function introduce({ integration, state }: ConsentRequest, secretsUri: string) {
    const outcome = await call(secretsUri, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ client_id: integration.id, client_secret: integration.client_secret, state }),
    })
    const fault = 'error' in outcome ? outcome.error : outcome.status < 300 ? undefined : `ответ ${outcome.status}`
    if (fault !== undefined)
      throw new UnclearConsent(502, `Не удалось передать ключи интеграции на ${secretsUri}: ${fault}. Доступ не выдан.`)
    store.integrations.put(integration)
  }

  function allow(req: Request, res: Response, { integration, state, mode }: ConsentRequest, user: User) {
    const address = addressWithCode(context, req, integration, user.id, { state })
    if (mode === 'popup') pages.leaving(res, { address })
    else res.redirect(303, address)
  }

  function refuse(res: Response, { integration, state, mode, hears_refusal }: ConsentRequest) {
    const [error, client_id] = ['access_denied', integration.id]
    const address = withParameters(integration.redirect_uri, { error, client_id, state })
    if (hears_refusal) pages.leaving(res, { address, error, client_id })
    else if (mode === 'popup') pages.leaving(res, { address })
    else res.redirect(303, address)
  }

  function answerUnclear(error: unknown, req: Request, res: Response, next: NextFunction) {
    if (error instanceof UnclearConsent) pages.problem(req, res, error)
    else next(error)
  }
}

/** Another site must not answer in the person's name; a script that is no browser sends neither header. */
const refuseOtherSites: RequestHandler = (req, _res, next) => {
  const [site, origin] = [req.get('sec-fetch-site'), req.get('origin')]
  const isForeign = site === undefined ? origin !== undefined && origin !== originOf(req) : site !== 'same-origin'
  if (isForeign) throw new UnclearConsent(403, 'Ответ пришёл с другого сайта и не принят.')
  next()
}
