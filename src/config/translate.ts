import { createInstance } from 'i18next'

/** Gives the texts of one language; `{{name}}` in a text is filled in from `params`, a missing key gives the key itself. */
export function createTranslate(texts: Record<string, string>, language: string) {
  const i18n = createInstance({
    lng: language,
    resources: { [language]: { translation: texts } },
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
    initAsync: false,
  })
  void i18n.init()
  return (key: string, params: Record<string, string | number> = {}): string => i18n.t(key, params)
}
