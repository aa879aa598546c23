import type { PhpArray } from './php.ts'
import { asText } from './php-values.ts'
import type { Report } from './report.ts'

/** The texts that the user had changed, of those that we have too. */
export function convertTranslations(texts: PhpArray | null, ours: Record<string, string>, report: Report) {
  const changed = [...(texts ?? [])].flatMap(([key, value]) => {
    const text = asText(value)
    return text && Object.hasOwn(ours, key) && ours[key] !== text ? [[key, text] as const] : []
  })
  const unknown = [...(texts ?? new Map()).keys()].filter((key) => !Object.hasOwn(ours, key))
  if (changed.length > 0) report.carried('cli.import.translations', { keys: changed.map(([key]) => key).join(', ') })
  if (unknown.length > 0) report.left('cli.import.translations_unknown', { keys: unknown.join(', ') })
  return Object.fromEntries(changed)
}
