import { randomBytes } from 'node:crypto'
import { databaseUrl } from '../../config/derive.ts'
import type { AmoConfig, AppConfig, SystemConfig } from '../../config/schema.ts'
import type { PhpArray, PhpValue } from './php.ts'
import { asArray, asText, asWholeNumber } from './php-values.ts'
import type { EnvironmentFile, LegacyEnvironment } from './read-folder.ts'
import type { Report } from './report.ts'

export interface Settings {
  app: AppConfig
  amo: AmoConfig
  system: SystemConfig
  /** What goes into `.env` instead. */
  secrets: Record<string, string>
}

/** The PHP script laid these files over each other, in this order, so a key counts wherever it stands. */
const layers = ['amo.config', 'app.config', 'system.config', 'request.mapper'] as const

/** What amo.config, app.config and system.config said. */
export function convertSettings({ name, files }: LegacyEnvironment, report: Report): Settings {
  const settings = new Map(layers.flatMap((layer) => [...(files[layer] ?? [])]))
  const clientSecret = convertSecret(settings.get('client_secret'), name, report)
  const database = convertDatabase(settings.get('database'), name, report)
  reportOthers(settings, files, name, report)
  return {
    app: convertApp(settings, name, report),
    amo: convertAmo(settings),
    system: { cache: convertCache(asArray(settings.get('cache')), name, report) },
    secrets: {
      APP_KEY: randomBytes(32).toString('base64'),
      WEBHOOK_TOKEN: randomBytes(24).toString('base64url'),
      ...(clientSecret && { AMO_CLIENT_SECRET: clientSecret }),
      ...(database && { DATABASE_URL: database }),
    },
  }
}

/** A `.env` knows no escape for a quote, and takes a backslash before the last one for part of the value. */
function convertSecret(value: PhpValue | undefined, where: string, report: Report) {
  const secret = asText(value)?.trim() ?? ''
  if (!(secret.includes("'") && secret.includes('`')) && !secret.endsWith('\\')) return secret
  report.left('cli.import.not_understood', { file: `${where}/amo.config.php`, key: 'client_secret' })
  return ''
}

function convertApp(settings: PhpArray, where: string, report: Report): AppConfig {
  const files = asWholeNumber(settings.get('max_log_files'))
  if (files !== undefined && files > 0) report.carried('cli.import.log_files', { where, count: files })
  const name = asText(settings.get('app_name'))?.trim()
  return {
    ...(name && { app_name: name }),
    language: 'ru',
    script_folder: asText(settings.get('script_folder'))?.trim() ?? '',
    app_key: '',
    webhook_token: null,
    // The PHP script kept its log in files, always.
    ...(files !== undefined && files > 0 ? { log_folder: 'var/log', max_log_files: files } : {}),
  }
}

function convertAmo(settings: PhpArray): AmoConfig {
  const names = (['contact_name', 'company_name'] as const).flatMap((key) => {
    const name = asText(settings.get(key))?.trim()
    return name ? [[key, name] as const] : []
  })
  return {
    domain: hostOf(asText(settings.get('domain')) ?? ''),
    client_id: asText(settings.get('client_id'))?.trim() ?? '',
    client_secret: '',
    redirect_uri: asText(settings.get('redirect_uri'))?.trim() ?? '',
    contact_cf_partner_id: asWholeNumber(settings.get('contact_cf_partner_id')) ?? 0,
    ...Object.fromEntries(names),
  }
}

/** The PHP script never used it, so it may also be a whole address. */
function hostOf(domain: string) {
  return domain
    .trim()
    .replace(/^https?:\/\//i, '')
    .replace(/[/?#].*$/s, '')
}

function convertDatabase(value: PhpValue | undefined, where: string, report: Report) {
  const database = asArray(value)
  if (!database) {
    report.carried('cli.import.sqlite', { where })
    return null
  }
  const [name, username, password, connection = ''] = ['name', 'username', 'password', 'connection'].map((key) =>
    asText(database.get(key)),
  )
  const isMysql = connection === '' || (connection.startsWith('mysql:') && !connection.includes('unix_socket='))
  if (!name || !username || !isMysql) {
    report.left('cli.import.database', { where })
    return null
  }
  const mysql = { name, username, password: password ?? '' }
  report.carried('cli.import.mysql', { where })
  return databaseUrl(connection ? { ...mysql, connection } : mysql, where, '')
}

/** What is read from amoCRM and kept. */
const cacheKeys = [
  ...['account', 'users', 'all_contacts', 'all_companies', 'all_products', 'all_pipelines'],
  ...['custom_fields_leads', 'custom_fields_contacts', 'custom_fields_companies'],
]

function convertCache(cache: PhpArray | undefined, where: string, report: Report) {
  const kept: NonNullable<SystemConfig['cache']> = {}
  const unknown: string[] = []
  for (const [key, value] of cache ?? []) {
    const entry = asArray(value)
    const ttl = asWholeNumber(entry?.get('ttl'))
    const desc = asText(entry?.get('desc'))
    if (!cacheKeys.includes(key)) unknown.push(key)
    else if (ttl === undefined) report.left('cli.import.ttl', { where, key })
    else kept[key] = desc === undefined ? { ttl } : { ttl, desc }
  }
  if (unknown.length > 0) report.left('cli.import.cache_keys', { where, keys: unknown.join(', ') })
  return kept
}

const carriedKeys = [
  ...['domain', 'client_id', 'client_secret', 'redirect_uri', 'contact_cf_partner_id', 'contact_name', 'company_name'],
  ...['app_name', 'script_folder', 'database', 'cache', 'forms', 'max_log_files'],
]

/** Parom has its own way, and nothing to be set: what it logs, for one. */
const needlessKeys = [
  ...['debug', 'profiling', 'dummy_file_name', 'request_resource', 'refresh_timeout', 'php'],
  ...['logger_channels', 'pages_password', 'allowed_domains', 'token'],
]

function reportOthers(settings: PhpArray, files: LegacyEnvironment['files'], where: string, report: Report) {
  if (settings.get('dummy_request')) report.left('cli.import.dummy_request', { where })
  const known = [...carriedKeys, ...needlessKeys, 'dummy_request']
  const needless = needlessKeys.filter((key) => settings.has(key))
  if (needless.length > 0) report.left('cli.import.needless', { where, keys: needless.join(', ') })
  for (const file of layers) {
    const unknown = keysOf(files, file).filter((key) => !known.includes(key))
    if (unknown.length > 0)
      report.left('cli.import.unknown_keys', { file: `${where}/${file}.php`, keys: unknown.join(', ') })
  }
}

function keysOf(files: LegacyEnvironment['files'], file: EnvironmentFile) {
  return [...(files[file]?.keys() ?? [])]
}
