import { ConfigError } from './config-error.ts'
import type { Config } from './load.ts'

/** What is read at the start alone: by its name in the files, and by that in the settings as they were read. */
const ofApp = {
  host: 'host',
  port: 'port',
  script_folder: 'basePath',
  public_url: 'publicBase',
  database: 'databaseUrl',
  app_key: 'app_key',
  previous_app_keys: 'previous_app_keys',
  log_folder: 'logFolder',
  max_log_files: 'max_log_files',
} as const
const ofAmo = {
  domain: 'domain',
  base_url: 'baseUrl',
  auth_url: 'auth_url',
  client_id: 'client_id',
  client_secret: 'client_secret',
  redirect_uri: 'redirectUri',
  access_token: 'access_token',
  sandbox: 'startSandbox',
} as const

/** New settings, but where a process cannot change while it runs; and the keys that would need a restart. */
export function keepWhatNeedsRestart(fresh: Config, current: Config) {
  // The orders under way would be mapped by the settings of one environment and sent to the account of another.
  if (fresh.env !== current.env)
    throw new ConfigError([
      { where: '.env.type', key: '', expected: `среда ${current.env}, как при запуске: другая — с перезапуском` },
    ])
  const { host, port, socket, script_folder, basePath, public_url, publicBase, https, database, databaseUrl } =
    current.app
  const { app_key, previous_app_keys, log_folder, logFolder, max_log_files } = current.app
  const address = { host, port, socket, script_folder, basePath, public_url, publicBase, https }
  const logFiles = { log_folder, logFolder, max_log_files }
  const app = { ...address, ...logFiles, database, databaseUrl }
  const { contact_cf_partner_id, contact_name, company_name } = fresh.amo
  const config: Config = {
    ...fresh,
    sandbox: current.sandbox,
    app: { ...fresh.app, ...app, app_key, previous_app_keys },
    amo: { ...current.amo, contact_cf_partner_id, contact_name, company_name },
  }
  const isOther = (one: unknown, other: unknown) => JSON.stringify(one ?? null) !== JSON.stringify(other ?? null)
  const needsRestart = [
    ...Object.entries(ofApp)
      .filter(([, key]) => isOther(fresh.app[key], current.app[key]))
      .map(([name]) => `app.config.ts → ${name}`),
    ...Object.entries(ofAmo)
      // The local amoCRM gives its own of all the rest.
      .filter(([, key]) => !current.amo.startSandbox || key === 'domain' || key === 'startSandbox')
      .filter(([, key]) => isOther(fresh.amo[key], current.amo[key]))
      .map(([name]) => `amo.config.ts → ${name}`),
  ]
  return { config, needsRestart }
}
