import { hash } from 'node:crypto'
import { decodeHTMLStrict } from 'entities'

/** What an item is found by: a normalised value of one kind. Two values are the same if their keys are, letter by letter. */
export interface Key {
  kind: 'partner' | 'phone' | 'email' | 'name' | 'sku'
  value: string
}

export function isSameKey(one: Key, other: Key) {
  return one.kind === other.kind && one.value === other.value
}

/** For many keys at once: whether one is among them. */
export function amongKeys(keys: Key[]) {
  const known = new Set(keys.map(nameOf))
  return (key: Key) => known.has(nameOf(key))
}

/** Each once. */
export function distinctKeys(keys: Key[]): Key[] {
  return [...new Map(keys.map((key) => [nameOf(key), key])).values()]
}

function nameOf({ kind, value }: Key) {
  return `${kind}\n${value}`
}

/** Short enough for an index, and no collation has a say in it. */
export function digestOf(key: Key) {
  return shortDigest(nameOf(key))
}

export function shortDigest(text: string) {
  return hash('sha256', text, 'base64url').slice(0, 22)
}

/** Ids of partners are texts: 1 and "1" are the same, outer spaces do not count; "01", "1 0" and "１" are others. */
export function partnerKey(id: unknown) {
  return keyOf('partner', textOf(id).normalize('NFC').trim())
}

/** Trimmed, the case does not count. What has no `@` between other characters is no address: people write “no”. */
export function emailKey(email: unknown) {
  const address = textOf(email).normalize('NFC').trim().toLowerCase()
  return keyOf('email', /^[^\s@]+@[^\s@]+$/.test(address) ? address : '')
}

/**
 * The digits alone, with the country. Russian numbers are written +7…, 7…, 8… or without either; `00` and `8 10` stand
 * for a plus. An extension does not count. Fewer than 7 digits are no phone, nor are fewer than three different ones:
 * who must give a number and will not, writes 000-00-00. A whole number of that kind is the same for the same name.
 */
export function phoneKey(phone: unknown, name?: string) {
  const [number = ''] = textOf(phone).normalize('NFC').split(extension)
  const digits = withCountry(number.replace(/\D/g, ''), /^\D*\+/.test(number))
  if (new Set(digits).size > 2) return keyOf('phone', digits)
  const person = spaced(textOf(name)).toLowerCase()
  return keyOf('phone', digits.length < shortestWhole || person === '' ? '' : `${digits} ${person}`)
}

/** Digits with the country. */
const shortestWhole = 11

const extension = /доб|внутр|вн\.|ext|[#;,]|x\s*\d/i

function withCountry(digits: string, hasPlus: boolean) {
  if (digits.length < 7) return ''
  if (hasPlus) return digits
  if (digits.startsWith('00')) return digits.slice(2)
  if (digits.startsWith('810') && digits.length > 11) return digits.slice(3)
  if (digits.length === 10) return `7${digits}`
  return digits.length === 11 && digits.startsWith('8') ? `7${digits.slice(1)}` : digits
}

/** Of a contact: repeated and outer spaces do not count. */
export function contactNameKey(name: unknown) {
  return keyOf('name', spaced(textOf(name)))
}

/** Of a product: HTML entities are decoded, repeated and outer spaces do not count; the case does. */
export function productNameKey(name: unknown) {
  return keyOf('name', spaced(decodeHTMLStrict(textOf(name))))
}

/** Of a company: neither case nor quotes count, nor do repeated and outer spaces. */
export function companyNameKey(name: unknown) {
  return keyOf('name', spaced(textOf(name).replace(/[«»"“”„]/g, ' ')).toLowerCase())
}

/** Trimmed, the case does not count. */
export function skuKey(sku: unknown) {
  return keyOf('sku', textOf(sku).normalize('NFC').trim().toLowerCase())
}

function spaced(text: string) {
  return text.normalize('NFC').replace(/\s+/g, ' ').trim()
}

/** Nothing is found by an empty value. */
function keyOf(kind: Key['kind'], value: string): Key | null {
  return value === '' ? null : { kind, value: value.toWellFormed() }
}

function textOf(value: unknown) {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
