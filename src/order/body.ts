import qs from 'qs'

/** The body of a message cannot be read as an order. */
export class UnreadableBodyError extends Error {
  override name = 'UnreadableBodyError'
}

/** The fields of a form or JSON body, brackets read as PHP does; keys like `__proto__` are mere keys. */
export async function readBody(contentType: string, body: Buffer): Promise<Record<string, unknown>> {
  try {
    if (/^\s*application\/json/i.test(contentType)) return readJson(body)
    if (/^\s*multipart\//i.test(contentType)) return parseBrackets(await multipartPairs(contentType, body))
    return parseBrackets(body.toString('utf8'))
  } catch (error) {
    throw new UnreadableBodyError(error instanceof Error ? error.message : String(error))
  }
}

function readJson(body: Buffer) {
  const value: unknown = JSON.parse(body.toString('utf8'))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('not a JSON object')
  return value as Record<string, unknown>
}

/** `products[0][name]=…` to any size: an order that fits the body limit is never cut. */
function parseBrackets(query: string) {
  return qs.parse(query, {
    parameterLimit: Number.POSITIVE_INFINITY,
    arrayLimit: 1000,
    depth: 20,
    plainObjects: true,
  }) as Record<string, unknown>
}

async function multipartPairs(contentType: string, body: Buffer) {
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData()
  const pairs = [...form.entries()].map(
    ([name, value]) => [name, typeof value === 'string' ? value : value.name] as const,
  )
  return pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')
}
