import { join } from 'node:path'
import type { Request, Response } from 'express'
import nunjucks from 'nunjucks'
import type { ConnectionStatus } from '../amocrm/connection-status.ts'
import { leadUrl } from '../amocrm/leads.ts'
import type { Config } from '../config/load.ts'
import type { Right } from '../config/rights.ts'
import type { Translate } from '../config/translate.ts'
import { formatSpan, formatSum } from './amounts.ts'
import type { Language, Languages } from './language.ts'
import { csrfToken, may } from './session.ts'

export type Render = ReturnType<typeof createRender>

/** Renders a page with what every page needs: texts, who is signed in and what he may do, the token of its forms. */
export function createRender({ app, amo }: Pick<Config, 'app' | 'amo'>, languages: Languages) {
  const environments = {
    ru: createEnvironment(app, 'ru', languages.translates.ru),
    en: createEnvironment(app, 'en', languages.translates.en),
  }

  return function render(req: Request, res: Response, view: string, context: object = {}) {
    const connection: ConnectionStatus | undefined = res.locals['connection']
    res.type('html').send(
      environments[languages.languageOf(req)].render(view, {
        ...context,
        user: req.user ?? null,
        may: (right: Right) => may(req, right),
        connection,
        misfits: res.locals['misfits'],
        failed: res.locals['failed'],
        kept: res.locals['kept'],
        page: req.originalUrl,
        path: req.originalUrl.slice(app.basePath.length).split('?')[0],
        leadUrl: (id: number) => leadUrl(connection?.baseUrl ?? amo.baseUrl, id),
        // There is none when the store of the sessions is what failed.
        hasSession: req.session !== undefined,
        csrf: () => csrfToken(req),
      }),
    )
  }
}

function createEnvironment(app: Config['app'], language: Language, translate: Translate) {
  const loader = new nunjucks.FileSystemLoader(join(import.meta.dirname, '../../views'))
  const environment = new nunjucks.Environment(loader, { autoescape: true, throwOnUndefined: false })
  const locale = localeOf(language)
  const time = new Intl.DateTimeFormat(locale, { dateStyle: 'short', timeStyle: 'medium', timeZone: app.timeZone })
  environment.addGlobal('t', translate)
  environment.addGlobal('base', app.basePath)
  environment.addGlobal('appName', app.app_name)
  environment.addGlobal('lang', language)
  environment.addGlobal('timeZone', app.timeZone)
  const guide = `${app.basePath}/readme/docs/troubleshooting${language === 'ru' ? '.ru' : ''}.md`
  environment.addGlobal('troubleshooting', (word: string) => `${guide}#${word}`)
  environment.addFilter('time', (ms: number) => time.format(ms))
  environment.addFilter('number', (number: number) => number.toLocaleString(locale))
  environment.addFilter('iso', (ms: number) => new Date(ms).toISOString())
  environment.addFilter('span', (ms: number) => formatSpan(ms, locale))
  environment.addFilter('amount', (text: string, currency: string | null = null) => formatSum(text, currency, locale))
  return environment
}

export function localeOf(language: Language) {
  return language === 'ru' ? 'ru-RU' : 'en-GB'
}
