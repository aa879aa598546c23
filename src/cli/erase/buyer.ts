import { phoneLength } from '../../inbox/search-keys.ts'

/** By what one buyer is known. */
export interface Buyer {
  /** Digits without the prefix of the country. */
  phone?: string | undefined
  /** In lower case. */
  email?: string | undefined
}

/** Null for what is no whole number: fewer digits may be anybody's. */
export function readPhone(text: string) {
  const digits = text.replace(/\D/g, '')
  return digits.length < phoneLength ? null : digits.slice(-phoneLength)
}

export function readEmail(text: string) {
  const address = text.normalize('NFC').trim().toLowerCase()
  return /^[^\s@]+@[^\s@]+$/.test(address) ? address : null
}

export type Matcher = ReturnType<typeof createMatcher>

/** Between two digits, as people write them. */
const gap = '[^\\da-zA-Zа-яА-ЯёЁ]{0,3}'

/** Finds the buyer in texts, however the phone is written there: with brackets, dashes, blanks, with or without the country. */
export function createMatcher({ phone, email }: Buyer) {
  const digits = phone && [...phone].join(gap)
  // Each first by what can be looked for fast: nearly no text has it.
  const patterns = [
    ...(digits ? [{ near: new RegExp(digits), exact: `(?<!\\d)(?:\\+?\\d{1,3}${gap})?${digits}(?!\\d)` }] : []),
    ...(email
      ? [{ near: new RegExp(escaped(email), 'i'), exact: `(?<![\\w.%+-])${escaped(email)}(?![\\w-]|\\.\\w)` }]
      : []),
  ].map(({ near, exact }) => ({ near, exact: new RegExp(exact, 'gi') }))
  const isPlainlyIn = (text: string) => patterns.some(({ near, exact }) => near.test(text) && text.search(exact) >= 0)
  /** Whether it is in there, as it stands or behind what forms and JSON make of signs. */
  const isIn = (text: string | null) =>
    patterns.length > 0 && text !== null && text !== '' && readingsOf(text).some(isPlainlyIn)
  return {
    isIn,
    /** The text without it; null where it cannot be taken out of there. */
    conceal(text: string) {
      const rest = patterns.reduce((left, { exact }) => left.replace(exact, concealed), text)
      return isIn(rest) ? null : rest
    },
  }
}

export const concealed = '***'

function escaped(text: string) {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}

/** What a text may mean: as it is, as a form, as JSON, and as JSON in a form. */
function readingsOf(text: string) {
  // UTF-16 as it looks to who takes it for ASCII.
  const plain = text.includes('\0') ? text.replaceAll('\0', '') : text
  const readings = [plain]
  const unescaped = /%[\da-f]{2}/i.test(plain) ? fromForm(plain) : plain
  if (unescaped !== plain) readings.push(unescaped)
  for (const reading of [...readings]) if (reading.includes('\\')) readings.push(fromJson(reading))
  return readings
}

function fromForm(text: string) {
  const spaced = text.replaceAll('+', ' ')
  try {
    return decodeURIComponent(spaced)
  } catch {
    return fromBrokenForm(spaced)
  }
}

/** In another charset, or cut. */
function fromBrokenForm(text: string) {
  return text.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/** Also of what is no JSON as a whole; an escaped string may hold another one. */
function fromJson(text: string) {
  return text
    .replace(/\\+u([\da-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/\\+[nrt]/g, ' ')
    .replace(/\\/g, '')
}

/** As it may stand in a proof or on a screen. */
export function maskedPhone(digits: string) {
  return `•••${digits.slice(-4)}`
}

export function maskedEmail(email: string) {
  return `•••${email.slice(email.lastIndexOf('@'))}`
}
