/**
 * What of a text may stand in a log. A log is copied about and kept by others, so nothing of an order, of a buyer or of
 * a secret goes into it; what looks like it is left out, rather once too often.
 */

/** Characters. */
const longest = 300

const gap = '…'

/** Whose values must go, whatever they stand in. */
const suspicious: [RegExp, string][] = [
  // Who signs in by the address, whose password may hold anything, and whatever it asks.
  [/\b([a-z][a-z0-9+.-]*:\/\/)\S*@/gi, `$1${gap}@`],
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s?#]*|\/[\w./-]*)[?#][^\s'"]*/gi, `$1?${gap}`],
  [/[^\s@<>"'(:=]+@[^\s@<>"'):,;]+\.[^\s@<>"'):,;]+/g, `${gap}@${gap}`],
  [/\b(bearer|basic)\s+\S+/gi, `$1 ${gap}`],
  [/((?:pass(?:word|wd)?|secret|token|key|code|signature)["']?\s*[=:]\s*)["']?[^\s"',;&]+/gi, `$1${gap}`],
  // Tokens, digests and keys; ids of our messages are none.
  [/(?<![\w+/=-])[\w+/]{40,}={0,2}/g, gap],
  [/(?<![\w+=-])(?!\w{8}-\w{4}-\w{4}-\w{4}-\w{12}(?![\w-]))[\w+=:-]{24,}/g, gap],
  [/(?<![\w.-])\+?\(?\d(?:[\s().-]{0,2}\d){9,}(?![\w-])/g, gap],
]

/** A text of our own making, into which something may have slipped. */
export function cleanText(text: string) {
  let clean = text.length > 4 * longest ? text.slice(0, 4 * longest) : text
  for (const [pattern, replacement] of suspicious) clean = clean.replace(pattern, replacement)
  return cut(clean)
}

/** What an error says. Databases, parsers and the CRM quote what they were given, and whatever is not English is data. */
export function cleanMessage(message: string) {
  if (ofOurCode.test(message)) return message
  const own = message.slice(0, 4 * longest).replace(quoted, `'${gap}'`)
  return cleanText(own.replace(foreign, gap).replace(/\s+/g, ' ').trim())
}

const ofOurCode = /^Cannot read properties of (undefined|null) \(reading '[\w$]{1,40}'\)$/

/** A statement of ours, whose values come apart from it. */
export function cleanStatement(statement: string) {
  return cleanText(statement.replace(/'[^']*'/g, `'${gap}'`).replace(/\?(, \?)+/g, `?, ${gap}`))
}

/** From the first quotation mark to the last one: what is quoted may hold some itself. */
const quoted = /(?<!\w)['"`«“](?:.*['"`»”](?!\w)|.*$)/s
const foreign = /[^\x20-\x7e\s…«»]+(?:[\s.,/-]+[^\x20-\x7e\s…«»]+)*/g

/** Where an error came from, without what it says. */
export function cleanStack(stack: string, message: string) {
  const from = message ? stack.indexOf(message) + message.length : 0
  const frames = stack
    .slice(Math.max(from, 0))
    .split('\n')
    .filter((line) => /^\s+at .*(:\d+:\d+|native|<anonymous>)\)?$/.test(line))
    .map((line) => line.replace(/\?[^\s)]*(?=:\d+:\d+)/, ''))
  return frames.slice(0, mostFrames).join('\n')
}

const mostFrames = 20

/** The path of a request, word by word: those that could be anything but a word or a number of ours are left out. */
export function cleanPath(url: string) {
  const end = url.search(/[?#]/)
  const path = end < 0 ? url : url.slice(0, end)
  const known = paths.get(path)
  if (known !== undefined) return known
  const own = path.replace(/^https?:\/\/[^/]*/i, '')
  const clean = cut(own.replace(/(\/invitations\/).+/i, `$1${gap}`).replace(/[^/]+/g, keepWord))
  if (paths.size < mostPaths) paths.set(path, clean)
  return clean
}

const mostPaths = 100
const paths = new Map<string, string>()

function keepWord(word: string) {
  return /^([a-z._-]{1,24}|\d{1,9}|[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12})$/i.test(word) ? word : gap
}

function cut(text: string) {
  return text.length > longest ? `${text.slice(0, longest)}${gap}` : text
}
