import proxyAddr from 'proxy-addr'

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
