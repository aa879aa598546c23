import { type Converted, type Given, refused, taken, takenWith } from './converted.ts'

export function convertText(given: Given): Converted {
  return fitted(oneLine(given.text), given)
}

export function convertTextarea({ text }: Given): Converted {
  return taken([{ value: text.replace(/\r\n?/g, '\n') }])
}

export function convertUrl(given: Given): Converted {
  const address = webAddress(given.text)
  return address ? fitted(address, given) : refused(given, 'value_not_url')
}

function oneLine(text: string) {
  const lines = text.split(/[\r\n\u2028\u2029]+/)
  return lines.length === 1
    ? text
    : lines
        .map((line) => line.trim())
        .filter(Boolean)
        .join(' ')
}

/** The API refuses a longer text. */
const textLimit = 256

function fitted(text: string, given: Given): Converted {
  const kept = text.length <= textLimit ? text : cut(text)
  if (kept === text) return taken([{ value: text }])
  return takenWith([{ value: kept }], given, 'field_cut', { limit: String(textLimit) })
}

const graphemes = new Intl.Segmenter()

/** Never within a character, however many code points make it, unless it fills half the field. */
function cut(text: string) {
  const characters = Array.from(text.slice(0, textLimit * 2 + 2))
  if (characters.length <= textLimit) return text
  const kept = characters.slice(0, textLimit).join('')
  const boundary = graphemes.segment(characters.join('')).containing(kept.length)?.index ?? kept.length
  return boundary > textLimit / 2 ? kept.slice(0, boundary) : kept
}

function webAddress(text: string): string | null {
  if (/\s/.test(text)) return null
  const hasScheme = /^https?:\/\//i.test(text)
  const address = hasScheme ? text : `https://${text.replace(/^\/\//, '')}`
  const url = URL.canParse(address) ? new URL(address) : null
  if (!url || url.username || url.password) return null
  // Without a scheme `12.50` is rather a number than an address.
  const isHost = hasScheme ? /\w\.\w/.test(url.hostname) : /\w\.[a-z][a-z\d-]+$/.test(url.hostname)
  return isHost ? address : null
}
