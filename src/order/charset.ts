/** Shops that are older than UTF-8 send CP1251, and not all of them say so. */
export function declaresCp1251(contentType: string) {
  return /charset\s*=\s*"?\s*(windows-?1251|win-?1251|cp-?1251)/i.test(contentType)
}

export function isUtf8(bytes: Buffer) {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

export function fromCp1251(bytes: Buffer) {
  return new TextDecoder('windows-1251').decode(bytes)
}

/** The bytes behind a percent-encoded text of which every character is a byte. */
export function unescapeBytes(text: string) {
  const unescaped = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(unescaped, 'latin1')
}
