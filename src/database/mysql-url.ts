/** `mysql://`, who signs in, the nodes, and the database with whatever else follows. */
const parts = /^(mysql:\/\/)((?:[^/?#]*@)?)([^/?#@]+)([/?#].*)?$/

/**
 * The nodes of `mysql://user:password@host:3306,other:3307/name`, as one URL each; of one node that is the URL itself.
 * What is in it may be percent-encoded; a node of IPv6 stands in brackets.
 * @returns null for what is no such URL
 */
export function nodesOf(url: string): [string, ...string[]] | null {
  const [, scheme, credentials, hosts = '', rest = ''] = parts.exec(url) ?? []
  const [first = '', ...others] = hosts.split(',').map((host) => `${scheme}${credentials}${host.trim()}${rest}`)
  return [first, ...others].every(namesNode) ? [first, ...others] : null
}

function namesNode(url: string) {
  const read = URL.parse(url)
  if (!read?.hostname) return false
  try {
    return [read.hostname, read.username, read.password, read.pathname].every(
      (part) => decodeURIComponent(part) !== null,
    )
  } catch {
    return false
  }
}
