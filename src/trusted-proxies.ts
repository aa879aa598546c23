import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import proxyAddr from 'proxy-addr'

type Trust = ReturnType<typeof trustOf>

/**
 * Whose word about who has sent a request counts.
 * @param proxies addresses, networks and proxy-addr's names for some; `socket` is whoever may connect to Parom's socket
 * @param isOnSocket only there a peer without an address is a proxy: over a network it is one that has hung up
 */
export function trustOf(proxies: readonly string[], isOnSocket: boolean) {
  const isTrusted = proxyAddr.compile(proxies.filter((proxy) => proxy !== bySocket))
  const trustsSocket = isOnSocket && proxies.includes(bySocket)
  return (address: string | undefined, hop: number) => (address === undefined ? trustsSocket : isTrusted(address, hop))
}

const bySocket = 'socket'

/** Network address of the sender. A proxy can say anything, and of who has hung up there is none: null. */
export function addressOf(req: IncomingMessage, trusted: Trust) {
  const told = proxyAddr(req, trusted)
  return told && isIP(told) ? told.replace(/^::ffff:(?=\d+\.)/i, '') : null
}
