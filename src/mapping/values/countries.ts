import { looseText } from '../loose-text.ts'

/** What people write and no list of names has. */
const otherNames = {
  RU: ['РФ', 'Российская Федерация', 'Russian Federation'],
  BY: ['Белоруссия', 'Республика Беларусь', 'РБ'],
  KZ: ['Республика Казахстан', 'РК'],
  KG: ['Кыргызстан'],
  MD: ['Молдавия'],
  TM: ['Туркмения'],
  GB: ['Англия', 'England'],
  US: ['USA', 'Америка'],
  CZ: ['Чешская Республика', 'Czech Republic'],
  CN: ['КНР'],
}

/** Not countries, though they have names. */
const others = new Set(['EU', 'EZ', 'QO', 'UN', 'XA', 'XB', 'ZZ'])

let countries: Map<string, string> | undefined

/** `RU` for `ru`, `Россия` or `Russia`. Gathering the names takes milliseconds, so it waits until one is asked for. */
export function countryCode(text: string): string | null {
  countries ??= nameCountries()
  return countries.get(looseText(text)) ?? null
}

function nameCountries() {
  const named = new Map<string, string>()
  const styles = (['ru', 'uk', 'en'] as const).flatMap((language) =>
    (['long', 'short'] as const).map(
      (style) => new Intl.DisplayNames(language, { type: 'region', fallback: 'none', style }),
    ),
  )
  for (const code of twoLetters()) {
    // Some codes are gone: UK stands for GB, SU for RU.
    const current = new Intl.Locale(`und-${code}`).region ?? code
    const names = styles.flatMap((style) => style.of(code) ?? [])
    if (names.length === 0 || others.has(code)) continue
    for (const name of [code, ...names]) named.set(looseText(name), current)
  }
  for (const [code, names] of Object.entries(otherNames)) for (const name of names) named.set(looseText(name), code)
  return named
}

function twoLetters() {
  const letters = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ')
  return letters.flatMap((first) => letters.map((second) => first + second))
}
