const patienceMs = 10_000
/** Bytes of an answer that are read. */
const mostRead = 4096

/** One POST of JSON, of which no redirect is followed: what is sent is meant for this address. */
export async function postJson(url: string, body: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'parom', ...headers },
    body,
    redirect: 'manual',
    signal: AbortSignal.timeout(patienceMs),
  })
  return { status: response.status, retryAfter: response.headers.get('retry-after'), text: await beginningOf(response) }
}

async function beginningOf(response: Response) {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk)
    length += chunk.length
    if (length >= mostRead) break
  }
  return Buffer.concat(chunks).subarray(0, mostRead).toString('utf8')
}
