const crmDomains = ['amocrm.ru', 'amocrm.com', 'kommo.com']

/**
 * The address of an account by the host that the CRM names, or null for a host that is none of the CRM's.
 * What is told by a redirect or an answer could lead our tokens anywhere, so only the CRM's own domains count,
 * the configured host, and, where that is on this machine, another one on this machine.
 */
export function accountUrl(host: string, configuredUrl: string): string | null {
  const configured = new URL(configuredUrl)
  const named = URL.parse(`${configured.protocol}//${host}`)
  if (named?.host !== host.toLowerCase()) return null
  if (named.host === configured.host) return named.origin
  if (isLoopback(named.hostname) && isLoopback(configured.hostname)) return named.origin
  // The site itself is no account.
  const isSite = named.hostname.startsWith('www.')
  const isCrm = !isSite && crmDomains.some((domain) => named.hostname.endsWith(`.${domain}`)) && named.port === ''
  return isCrm ? `https://${named.hostname}` : null
}

function isLoopback(hostname: string) {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
}
