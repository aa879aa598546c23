import { resolve } from 'node:path'
import type { AppConfig } from './schema.ts'

/** `integra`, `/integra/` and `/integra` are the same folder; the root is the empty string. */
export function normalizeBasePath(folder: string) {
  const trimmed = folder.trim().replace(/^\/+|\/+$/g, '')
  return trimmed ? `/${trimmed}` : ''
}

interface Address {
  public_url?: string | undefined
  host: string
  port: number
  script_folder: string
}

/** The address of this installation as far as the settings tell. */
export function ownBase({ public_url, host, port, script_folder }: Address) {
  return (
    new URL(public_url ?? (socketOf(host) === null ? `http://${host}:${port}` : 'http://localhost')).origin +
    normalizeBasePath(script_folder)
  )
}

/** The socket to listen on; null where that is a host and a port. */
export function socketOf(host: string) {
  return host.startsWith('unix:') ? host.slice('unix:'.length) : null
}

/** A bare sub-domain is one of amocrm.ru. */
export function normalizeDomain(domain: string) {
  const lower = domain.toLowerCase()
  return lower.includes('.') ? lower : `${lower}.amocrm.ru`
}

/** Where people give their consent: the site of the account's country; a sandbox on this machine is its own. */
export function siteOf(accountUrl: string) {
  const { hostname, origin } = new URL(accountUrl)
  if (hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname)) return origin
  const [, domain = 'amocrm.ru'] = /\.(amocrm\.ru|amocrm\.com|kommo\.com)$/.exec(hostname) ?? []
  return `https://www.${domain}`
}

/** One URL for every way of naming a database: `sqlite:<absolute file>` or `mysql://…`. */
export function databaseUrl(database: AppConfig['database'], env: string, projectRoot: string) {
  if (typeof database === 'object') return mysqlUrl(database)
  const url = database ?? `sqlite:var/${env}.db`
  if (!url.startsWith('sqlite:')) return url
  const file = url.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '')
  return file === ':memory:' ? url : `sqlite:${resolve(projectRoot, file)}`
}

/** From the PHP script's form of it, whose `connection` is a PDO string: `mysql:host=127.0.0.1;port=3306`. */
function mysqlUrl({
  name,
  username,
  password,
  connection = '',
}: {
  name: string
  username: string
  password: string
  connection?: string | undefined
}) {
  const option = (key: string) => new RegExp(`[:;]${key}=([^;]+)`).exec(connection)?.[1]
  const credentials = `${encodeURIComponent(username)}:${encodeURIComponent(password)}`
  return `mysql://${credentials}@${option('host') ?? '127.0.0.1'}:${option('port') ?? 3306}/${encodeURIComponent(name)}`
}
