const path = '/api/auth'

/**
 * Where the PHP script was found from outside, with its folder: amoCRM sent people back there. Null where that tells
 * nothing: on somebody's desk Parom listens at a port of its own.
 */
export function publicAddressOf(redirectUri: string): string | null {
  if (!URL.canParse(redirectUri)) return null
  const { protocol, hostname, origin, pathname } = new URL(redirectUri)
  const isWeb = protocol === 'https:' || protocol === 'http:'
  const isHere = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
  if (!isWeb || isHere || !pathname.endsWith(path)) return null
  return origin + pathname.slice(0, -path.length)
}
