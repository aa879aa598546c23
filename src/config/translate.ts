import { createInstance } from 'i18next'

/** A text of the translations, with `params` filled in. */
export type Translate = (key: string, params?: Record<string, string | number>) => string

/** The texts in the installation's own language. */
export function translateOf({
  app,
  translations,
}: {
  app: { language: 'ru' | 'en' }
  translations: Record<'ru' | 'en', Record<string, string>>
}) {
  return createTranslate(translations[app.language], app.language)
}

/** Gives the texts of one language; `{{name}}` in a text is filled in from `params`, a missing key gives the key itself. */
export function createTranslate(texts: Record<string, string>, language: string): Translate {
  const i18n = createInstance({
    lng: language,
    resources: { [language]: { translation: texts } },
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
    initAsync: false,
  })
  void i18n.init()
  return (key, params = {}) => i18n.t(key, params)
}
