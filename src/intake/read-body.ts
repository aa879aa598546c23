import type { IncomingMessage } from 'node:http'
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import { Refusal } from './refusal.ts'

/** What came of a body, and whether that is all of it. */
export interface Received {
  bytes: Buffer
  end: 'whole' | 'too_large' | 'aborted' | 'crowded'
}

/** Bytes that all connections together may have sent of bodies that are not whole yet: of strangers alone, and of everybody. */
const most = { stranger: 16 * 1024 ** 2, shop: 64 * 1024 ** 2 }
/** Of which no address has more than so many parts, so that one sender alone holds up nobody else. */
const parts = 4

/** A function that reads bodies, of slow senders too, without their filling the memory together. */
export function createBodyReader() {
  let held = 0
  const heldOf = new Map<string | null, number>()

  /** Reads no further than the limit, in bytes. Never rejects: what came is worth keeping, however it ended. */
  return function readBody(
    req: IncomingMessage,
    limit: number,
    sender: keyof typeof most,
    address: string | null,
  ): Promise<Received> {
    return new Promise((resolve) => {
      let bytes: Buffer = Buffer.alloc(0)
      let size = 0

      function take(chunk: Buffer) {
        const before = bytes.length
        bytes = appended(bytes, size, chunk)
        size += chunk.length
        const own = hold(bytes.length - before)
        if (size > limit) finish('too_large')
        else if ((held > most[sender] || own > most[sender] / parts) && !isAll(req, size)) finish('crowded')
      }

      function hold(more: number) {
        held += more
        const own = (heldOf.get(address) ?? 0) + more
        if (own > 0) heldOf.set(address, own)
        else heldOf.delete(address)
        return own
      }

      function finish(end: Received['end']) {
        hold(-bytes.length)
        req.off('data', take).off('end', whole).off('error', aborted).off('close', aborted)
        // Who hangs up in the middle is told of by an error that nobody else listens for.
        req.on('error', ignore)
        // The rest is let past, else the sender would never come to read our answer.
        if (end === 'too_large' || end === 'crowded') req.resume()
        resolve({ bytes: bytes.subarray(0, Math.min(size, limit)), end })
      }

      const whole = () => finish('whole')
      const aborted = () => finish('aborted')
      req.on('data', take).on('end', whole).on('error', aborted).on('close', aborted)
      // Whoever hung up before has no other event.
      if (req.destroyed) finish('aborted')
    })
  }
}

/** Then it is gone in a moment: who sends at once is not refused for those who are slow. */
function isAll({ headers }: IncomingMessage, size: number) {
  return size === Number(headers['content-length'])
}

/** Made here, it keeps no body in memory as long as its sender stays. */
function ignore() {}

/** Most bodies come in one piece. A list of the pieces would take a hundred times the room of bodies that come byte by byte. */
function appended(bytes: Buffer, size: number, chunk: Buffer) {
  if (size === 0) return chunk
  const whole = size + chunk.length
  const roomy = whole <= bytes.length ? bytes : Buffer.allocUnsafeSlow(2 * whole)
  if (roomy !== bytes) bytes.copy(roomy, 0, 0, size)
  chunk.copy(roomy, size)
  return roomy
}

const inflaters = new Map([
  ['gzip', gunzipSync],
  ['x-gzip', gunzipSync],
  ['deflate', inflateSync],
  ['br', brotliDecompressSync],
])

/**
 * Throws a Refusal for an encoding that is unknown or damaged, and for what would be larger than the limit.
 * One at a time: a thousand at once would each take the room that its sender asks for.
 */
export function decompress(bytes: Buffer, encoding: string | undefined, limit: number): Buffer {
  if (encoding === undefined || encoding === '' || encoding === 'identity') return bytes
  const inflate = inflaters.get(encoding.toLowerCase())
  if (!inflate) throw new Refusal('unsupported_type', 'unsupported_encoding')
  try {
    return inflate(bytes, { maxOutputLength: limit })
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
      ? new Refusal('too_large', 'too_large', { limit })
      : new Refusal('unreadable', 'aborted')
  }
}
