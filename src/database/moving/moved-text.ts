import { type MovedError, nameOf } from './mark.ts'

/** What a person at a terminal is told who wants to work with a database that is not to be worked with. */
export function movedText(
  { mark }: MovedError,
  url: string,
  translate: (key: string, values: Record<string, string>) => string,
) {
  const params = { database: nameOf(url), other: mark.other }
  if (mark.state === 'filling') return translate('start.moved.filling', params)
  return translate(mark.state === 'leaving' ? 'start.moved.leaving' : 'start.moved.left', params)
}
