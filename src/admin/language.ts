import type { Request, Response } from 'express'
import type { Config } from '../config/load.ts'
import { createTranslate } from '../config/translate.ts'
import type { Route } from './routes.ts'
import { localPage } from './sign-in.ts'

export type Languages = ReturnType<typeof createLanguages>

const year = 365 * 24 * 60 * 60_000
const languages = ['ru', 'en'] as const
export type Language = (typeof languages)[number]

/** In which language each person reads the pages: as he has chosen, else as the installation does. */
export function createLanguages({ app, translations }: Pick<Config, 'app' | 'translations'>) {
  const cookie = app.https ? '__Host-parom-language' : 'parom-language'
  const translates = {
    ru: createTranslate(translations.ru, 'ru'),
    en: createTranslate(translations.en, 'en'),
  }

  function languageOf(req: Request): Language {
    const chosen = new RegExp(`(?:^|; )${cookie}=(\\w+)`).exec(req.headers.cookie ?? '')?.[1]
    return languages.find((language) => language === chosen) ?? app.language
  }

  function choose(req: Request, res: Response) {
    const language = languages.find((each) => each === req.body?.language)
    const path = app.https ? '/' : app.basePath || '/'
    if (language)
      res.cookie(cookie, language, { path, secure: app.https, httpOnly: true, sameSite: 'lax', maxAge: year })
    res.redirect(303, localPage(req.body?.return_page, app.basePath) ?? `${app.basePath}/app`)
  }

  return {
    languageOf,
    /** The texts as this person reads them. */
    translateFor: (req: Request) => translates[languageOf(req)],
    translates,
    route: { method: 'post', path: '/language', access: 'anyone', handle: choose } satisfies Route,
  }
}
