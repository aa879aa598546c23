import type { z } from 'zod'
import type { Translate } from '../config/translate.ts'

/** More of them would only hide the first. */
const mostTold = 50

/** What is wrong with a body, a sentence each, by the names that its fields have in the document. */
export function problemsOf({ issues }: z.ZodError, translate: Translate): string[] {
  const told = issues
    .slice(0, mostTold)
    .map(({ path, message }) => translate('api.problem', { field: fieldName(path), expected: translate(message) }))
  const more = issues.length - told.length
  return more > 0 ? [...told, translate('api.problem.more', { number: more })] : told
}

/** `items[0].price` */
function fieldName(path: PropertyKey[]) {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '')
}
