import type { IncomingHttpHeaders } from 'node:http'
import { BlockList } from 'node:net'
import type { RateLimits } from '../inbox/rate-limits.ts'
import type { RateLimit } from '../inbox/token-bucket.ts'
import { Refusal, rateLimited } from './refusal.ts'
import { isSigned } from './signature.ts'
import type { Source } from './source.ts'
import { digest, isSame, presentedToken } from './token.ts'

interface SourcesOptions {
  sources: Source[]
  /** Of all of them together. */
  rateLimit: RateLimit | null
  limits: RateLimits
  /** Unix ms. */
  now: () => number
}

export type Sources = ReturnType<typeof createSources>

/** Who sends, and whether it may. What may not is thrown as a Refusal. */
export function createSources({ sources, rateLimit, limits, now }: SourcesOptions) {
  const owned = sources.flatMap((source) => source.tokens.map((token) => ({ token, source })))
  const asksNoToken = sources.filter(({ tokens }) => tokens.length === 0)
  const allowed = new Map<Source, BlockList>()
  for (const source of sources) {
    if (source.allowedAddresses.length > 0) allowed.set(source, listOf(source.allowedAddresses))
  }

  function identify(headers: IncomingHttpHeaders, query: URLSearchParams | null): Source {
    // Several are one that nobody has, as with repeated headers.
    const presented = presentedToken(headers, query?.getAll('token').join(', '))
    const source = presented === null || owned.length === 0 ? findOpen(query) : findOwner(presented)
    if (!source) throw new Refusal('unauthorized')
    return source
  }

  /** @param address of the sender, behind the trusted proxies */
  function locate(source: Source, address: string | null) {
    const addresses = allowed.get(source)
    if (addresses && !(address && holds(addresses, address))) {
      throw new Refusal('address_not_allowed', 'address_not_allowed', { address: address ?? '' })
    }
  }

  /** Looks at every token of every source, so that the time tells nothing of them. */
  function findOwner(token: string) {
    const presented = digest(token)
    let owner: Source | null = null
    for (const { token, source } of owned) if (isSame(token, presented)) owner = source
    return owner
  }

  function findOpen(query: URLSearchParams | null) {
    const id = query?.get('source') ?? null
    if (id !== null) return asksNoToken.find((source) => source.id === id)
    return asksNoToken.length === 1 ? asksNoToken[0] : null
  }

  /** A request that is refused uses up nothing. */
  async function admit({ id, rateLimit: own }: Source) {
    const ownWait = own ? await limits.take(`source:${id}`, own) : 0
    if (ownWait > 0) throw rateLimited(ownWait)
    const wait = rateLimit ? await limits.take('sources', rateLimit) : 0
    if (wait === 0) return
    if (own) limits.giveBack(`source:${id}`, own)
    throw rateLimited(wait)
  }

  const isLimited = ({ rateLimit: own }: Source) => own !== null || rateLimit !== null

  /** @param body as its sender wrote it: inflated */
  function verify({ signingSecrets }: Source, headers: IncomingHttpHeaders, body: Buffer) {
    if (signingSecrets.length > 0 && !isSigned(headers, body, signingSecrets, now())) throw new Refusal('bad_signature')
  }

  return { identify, locate, isLimited, admit, verify }
}

function listOf(ranges: string[]) {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', bits] = range.split('/')
    if (bits === undefined) list.addAddress(address, familyOf(address))
    else list.addSubnet(address, Number(bits), familyOf(address))
  }
  return list
}

/** A local address of IPv6 has its zone behind a %. */
function holds(list: BlockList, address: string) {
  const bare = address.replace(/%.*$/, '')
  return list.check(bare, familyOf(bare))
}

function familyOf(address: string) {
  return address.includes(':') ? 'ipv6' : 'ipv4'
}
