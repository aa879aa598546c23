/** What stands behind a number: its extension, or another number. */
const behind = /(?:[(\s]*(?:доб|вн|ext|x|#)|[,;/]|\s(?:или|и|or)\s).*$/isu
/** What people write before it. */
const before = /^(?:тел(?:ефон)?|моб(?:ильный)?|т|м|phone|tel|mobile)?[.:\s]*/iu
const longest = 200

/** A phone number as people write it, in the international notation: `8 (999) 123-45-67` is `+79991234567`. Null for what is none. */
export function phoneNumber(written: string): string | null {
  return read(written)?.number ?? null
}

/** The same with what stands behind it, so that an extension is not lost; what is no number stays as it is. */
export function phoneAsWritten(written: string): string {
  const phone = read(written)
  if (!phone) return written
  return /[\p{L}\d]/u.test(phone.rest) ? phone.number + phone.rest : phone.number
}

function read(written: string) {
  if (written.length > longest) return null
  const text = written.trim().replace(before, '')
  const rest = behind.exec(text)?.[0] ?? ''
  const number = international(text.slice(0, text.length - rest.length).trim())
  if (number === null) return null
  const extension = rest.trimEnd().replace(/^[(\s]*(?=доб|вн|ext|x|#)(.*?)\)?$/isu, ', $1')
  return { number, rest: extension.replace(/^, x/i, ', ext ') }
}

function international(text: string): string | null {
  if (!/^\+?[\d\s().\p{Pd}\u2212~]+$/u.test(text)) return null
  const digits = text.replace(/\D/g, '')
  // Nobody lives behind +89, but many write the 8 with a plus.
  if (/^[78]\d{10}$/.test(digits) && (!text.startsWith('+') || /^(?:7|89)/.test(digits))) return `+7${digits.slice(1)}`
  if (text.startsWith('+')) return valid(digits, 8)
  if (/^[3489]\d{9}$/.test(digits)) return `+7${digits}`
  // As it is dialled abroad, and from Russia to there.
  return valid(digits.replace(/^(?:00|810(?=\d{9}))/, ''), 11)
}

function valid(digits: string, shortest: number) {
  return digits.length >= shortest && digits.length <= 15 && !digits.startsWith('0') ? `+${digits}` : null
}
