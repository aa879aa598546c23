import type { Answer } from './show-transaction.ts'

/** What has to be typed to get another lead of an order; each language's text asks for its own. */
const secondLeadWords = ['вторая сделка', 'second lead']

export function isSecondLead(words: string) {
  return secondLeadWords.includes(words)
}

/** What the page says of other words. */
export function wrongWords(words: string) {
  return { problem: { text: 'page.another.wrong' }, typed: words.slice(0, 100) } satisfies Answer
}
