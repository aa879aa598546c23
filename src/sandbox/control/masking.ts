const cap = 64 * 1024
const secretHeaders = ['authorization', 'cookie', 'set-cookie', 'x-auth-token', 'x-refresh-token']
const secrets = ['client_secret', 'api_key', 'refresh_token', 'access_token']
const stars = '***'

export function publicHeaders(headers: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !secretHeaders.includes(name)))
}

/** As much of a body as is kept. */
export function capped(body: Buffer): string {
  if (body.length <= cap) return body.toString()
  return `${body.toString('utf8', 0, cap)}… (${body.length})`
}

export function maskedPath(path: string): string {
  const [address = '', query] = path.split(/\?(.*)/s)
  return query === undefined ? path : `${address}?${maskText(query, secretsOf(path))}`
}

/** A body without its secrets: those of a JSON value anywhere in it, else wherever the text looks like one. */
export function masked(body: string, path: string): string {
  const names = secretsOf(path)
  if (!names.some((name) => body.includes(name)) && !/\\u|%/.test(body)) return body
  try {
    return JSON.stringify(JSON.parse(body, (key, value) => (names.includes(key) ? stars : value)))
  } catch {
    return maskText(body, names)
  }
}

// `code` is a secret where tokens are given, and a word of the API elsewhere.
const secretsOf = (path: string) => (path.startsWith('/oauth2') ? [...secrets, 'code'] : secrets)

/** Forms and query strings, and JSON that was cut or never was whole. */
function maskText(text: string, names: string[]): string {
  const inJson = new RegExp(`("(?:${names.join('|')})"\\s*:\\s*)"(?:[^"\\\\]|\\\\.)*"?`, 'g')
  return text.replace(inJson, `$1"${stars}"`).replace(/([^&=]+)=[^&]*/g, (pair, name) => {
    return names.includes(decoded(name)) ? `${name}=${stars}` : pair
  })
}

function decoded(name: string) {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
