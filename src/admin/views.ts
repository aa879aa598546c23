import { join } from 'node:path'
import type { Request, Response } from 'express'
import nunjucks from 'nunjucks'
import type { ConnectionStatus } from '../amocrm/connection-status.ts'
import { leadUrl } from '../amocrm/leads.ts'
import type { Config } from '../config/load.ts'
import type { Translate } from '../config/translate.ts'
import { csrfToken, signedInUser, type User } from './session.ts'

export type Render = ReturnType<typeof createRender>

/** Renders a page with what every page needs: texts, who is signed in, the token of its forms. */
export function createRender({ app, users, amo }: Config, translate: Translate) {
  const nunjucksEnv = new nunjucks.Environment(
    new nunjucks.FileSystemLoader(join(import.meta.dirname, '../../views')),
    {
      autoescape: true,
      throwOnUndefined: false,
    },
  )
  nunjucksEnv.addGlobal('t', translate)
  nunjucksEnv.addGlobal('base', app.basePath)
  nunjucksEnv.addGlobal('appName', app.app_name)
  nunjucksEnv.addGlobal('lang', app.language)
  nunjucksEnv.addFilter('time', timeFormat(app.language))
  nunjucksEnv.addFilter('number', (number: number) => number.toLocaleString(app.language))
  nunjucksEnv.addFilter('iso', (ms: number) => new Date(ms).toISOString())
  nunjucksEnv.addFilter('pretty', pretty)

  return function render(req: Request, res: Response, view: string, context: object = {}) {
    // There is no session when the store of the sessions is what failed.
    const user: User | null = req.session ? signedInUser(req, users) : null
    res.setHeader('Cache-Control', 'no-store')
    const connection: ConnectionStatus | undefined = res.locals['connection']
    res.type('html').send(
      nunjucksEnv.render(view, {
        ...context,
        user,
        connection,
        misfits: res.locals['misfits'],
        leadUrl: (id: number) => leadUrl(connection?.baseUrl ?? amo.baseUrl, id),
        csrf: () => csrfToken(req),
      }),
    )
  }
}

function timeFormat(language: string) {
  const format = new Intl.DateTimeFormat(language === 'ru' ? 'ru-RU' : 'en-GB', {
    dateStyle: 'short',
    timeStyle: 'medium',
  })
  return (ms: number) => format.format(ms)
}

/** Deeper or longer, line breaks would blow a text up out of all measure. */
const prettiest = { depth: 12, length: 200_000 }

/** JSON with line breaks; any other text as it is. */
function pretty(text: string) {
  if (text.length > prettiest.length || depthOf(text) > prettiest.depth) return text
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

function depthOf(text: string) {
  let depth = 0
  let deepest = 0
  for (const character of text) {
    if (character === '{' || character === '[') deepest = Math.max(deepest, ++depth)
    else if (character === '}' || character === ']') depth -= 1
  }
  return deepest
}
