import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parse as parseDotenv } from 'dotenv'
import type { z } from 'zod'
import { alertsConfigSchema } from './alert-schema.ts'
import { deriveAlerts, findAlertFaults } from './alerts.ts'
import { ConfigError } from './config-error.ts'
import { findDangers, findIdle, findMisfits } from './cross-checks.ts'
import { databaseUrl, normalizeBasePath, normalizeDomain, ownBase, siteOf, socketOf } from './derive.ts'
import { type ImportFile, importFile, withFreshImports } from './import-file.ts'
import { amoFieldsMapperSchema, requestMapperSchema } from './mapper-schemas.ts'
import { createReader, type Variables } from './reader.ts'
import { rightsOf } from './rights.ts'
import {
  amoConfigSchema,
  appConfigSchemaOf,
  rolesSchema,
  systemConfigSchema,
  translationsSchema,
  usersSchema,
} from './schema.ts'
import { findSourceFaults } from './source-checks.ts'
import { sourcesConfigSchema } from './source-schema.ts'
import { deriveSources } from './sources.ts'
import { createTemplateReader } from './templates.ts'

const projectRoot = resolve(import.meta.dirname, '../..')
const projectConfig = join(projectRoot, 'config')

export type Config = Awaited<ReturnType<typeof loadConfig>>

/**
 * Reads `config/<env>/` and what stands beside it, puts the environment variables over it and checks the whole.
 * Throws one ConfigError that lists every fault. Nothing else in Parom, but the sandbox, reads `process.env`.
 */
export function loadConfig(processEnv: Variables) {
  return readConfig(processEnv, importFile)
}

/** The same with the files as they are now, where they were read before. */
export function loadConfigAnew(processEnv: Variables) {
  return withFreshImports((importFresh) => readConfig(processEnv, importFresh))
}

/** Where what belongs to this machine alone is kept: the folder that systemd gives, or var/ beside the program. */
export function stateFolderOf(processEnv: Variables) {
  return processEnv['STATE_DIRECTORY']?.split(':')[0] || join(projectRoot, 'var')
}

async function readConfig(processEnv: Variables, importDefault: ImportFile) {
  const env = processEnv['ENV_TYPE']?.trim() || (await readEnvType())
  const root = resolve(projectRoot, processEnv['CONFIG_DIR'] || 'config')
  const folder = join(root, env)
  if (!existsSync(folder)) {
    throw new ConfigError([
      { where: folder, key: '', expected: `папка с настройками среды «${env}» (ENV_TYPE или .env.type)` },
    ])
  }
  const variables = { ...(await readDotenv(folder)), ...definedOnly(processEnv) }
  const read = createReader(variables, importDefault)

  const app = await read(folder, 'app.config', appConfigSchemaOf(env))
  const amo = await read(folder, 'amo.config', amoConfigSchema)
  const system = await read(folder, 'system.config', systemConfigSchema)
  const requestMapper = await read(folder, 'request.mapper', requestMapperSchema)
  const amoFields = await read(folder, 'amo-fields.mapper', amoFieldsMapperSchema)
  const sources = await readOptional(read, folder, 'sources.config', sourcesConfigSchema)
  const alerts = await readOptional(read, folder, 'alerts.config', alertsConfigSchema)
  const users = await read(root, 'users', usersSchema)
  const roles = await read(root, 'roles', rolesSchema)
  const translations = { ru: await readTexts(read, root, 'ru'), en: await readTexts(read, root, 'en') }

  const readTemplates = createTemplateReader()
  const templates = await readTemplates({ root, folder, forms: Object.keys(requestMapper?.forms ?? {}) })

  const sandboxPort = Number(variables['SANDBOX_PORT'] ?? 3001)
  const faults = [
    ...read.faults,
    ...readTemplates.faults,
    ...(isPort(sandboxPort) ? [] : [{ where: 'переменная SANDBOX_PORT', key: '', expected: 'порт от 0 до 65535' }]),
    ...findNameless(app, folder),
    ...findMisfits({ folder, root, requestMapper, amoFields, users, roles }),
    ...findSourceFaults({ env, folder, sources, requestMapper, webhookToken: app?.webhook_token ?? null, variables }),
    ...findAlertFaults(alerts, variables),
    ...(env === 'prod' ? await findDangers({ root, users }) : []),
  ]
  if (
    faults.length > 0 ||
    !app ||
    !amo ||
    !system ||
    !requestMapper ||
    !amoFields ||
    !sources ||
    !alerts ||
    !users ||
    !roles ||
    !translations.ru ||
    !translations.en
  ) {
    throw new ConfigError(faults)
  }

  const derivedApp = deriveApp(app, env)
  return {
    env,
    /** Where `<env>` and the files beside it were read from. */
    root,
    stateFolder: stateFolderOf(processEnv),
    /** The local amoCRM: where it listens and keeps its data. */
    sandbox: {
      port: sandboxPort,
      baseUrl: `http://127.0.0.1:${sandboxPort}`,
      file: resolve(projectRoot, variables['SANDBOX_FILE'] ?? 'var/sandbox.jsonl'),
    },
    app: derivedApp,
    amo: deriveAmo(amo, ownBase(app)),
    system,
    requestMapper,
    idleKeys: findIdle(requestMapper),
    templates,
    amoFields,
    sources: deriveSources(sources, {
      webhookToken: app.webhook_token ?? null,
      dedupeWindow: app.dedupe_window,
      variables,
    }),
    /** Of all sources together. */
    rateLimit: sources.rate_limit ?? null,
    alerts: deriveAlerts(alerts, { timeZone: derivedApp.timeZone, variables }),
    users: users.map((user) => ({ ...user, rights: rightsOf(user.roles, roles) })),
    roles,
    translations: { ru: translations.ru, en: translations.en },
  }
}

function deriveApp(app: z.output<ReturnType<typeof appConfigSchemaOf>>, env: string) {
  return {
    ...app,
    basePath: normalizeBasePath(app.script_folder),
    /** Path of the socket to listen on; null for host and port. */
    socket: socketOf(app.host),
    https: app.public_url?.startsWith('https:') ?? false,
    /** Where people and shops find this installation, with its folder; null when nobody said. */
    publicBase: app.public_url ? ownBase(app) : null,
    /** Who may register himself for the order API. */
    registration: app.registration ?? (env === 'local' ? 'open' : 'closed'),
    /** In which the pages tell times. */
    timeZone: app.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    databaseUrl: databaseUrl(app.database, env, projectRoot),
    /** Null where the log is kept in no files. */
    logFolder: app.log_folder === undefined ? null : resolve(projectRoot, app.log_folder),
  }
}

/** Nobody finds a socket by its path: people and amoCRM come by the address of the web server before it. */
function findNameless(app: { host: string; public_url?: string | undefined } | null, folder: string) {
  if (!app || app.public_url || socketOf(app.host) === null) return []
  const expected = 'адрес, по которому Паром открывают люди: на сокете без него нельзя'
  return [{ where: join(folder, 'app.config.ts'), key: 'public_url', expected, variable: 'PUBLIC_URL' }]
}

function deriveAmo(amo: z.output<typeof amoConfigSchema>, ownAddress: string) {
  const domain = normalizeDomain(amo.domain)
  const account = amo.base_url ?? `https://${domain}`
  return {
    ...amo,
    domain,
    baseUrl: account.replace(/\/+$/, ''),
    auth_url: new URL(amo.auth_url ?? siteOf(account)).origin,
    /** Where amoCRM sends people back to. */
    redirectUri: amo.redirect_uri || `${ownAddress}/api/auth`,
    /** The local amoCRM is started only where nobody named another one. */
    startSandbox: amo.sandbox && amo.base_url === undefined,
  }
}

/** The project's texts, for a command that must do without a configuration. */
export async function loadTexts(language: 'ru' | 'en') {
  const read = createReader({})
  const texts = await readTexts(read, projectConfig, language)
  if (!texts) throw new ConfigError(read.faults)
  return texts
}

function isPort(port: number) {
  return Number.isInteger(port) && port >= 0 && port <= 65535
}

async function readEnvType() {
  const word = await readIfThere(join(projectRoot, '.env.type'))
  return word.trim() || 'local'
}

async function readDotenv(folder: string): Promise<Variables> {
  return definedOnly(parseDotenv(await readIfThere(join(folder, '.env'))))
}

/** A file that is there and cannot be read may hold the very secrets that close a door. */
async function readIfThere(file: string) {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw new ConfigError([{ where: file, key: '', expected: `читаемый файл (${error.code})` }])
  })
}

function definedOnly(variables: Variables): Variables {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value?.trim()))
}

/** Most installations have no other source than the partner cabinet, and need no file for it; nor to be sent no alerts. */
async function readOptional<Schema extends z.ZodType>(
  read: ReturnType<typeof createReader>,
  folder: string,
  name: string,
  schema: Schema,
): Promise<z.output<Schema> | null> {
  return existsSync(join(folder, `${name}.ts`)) ? read(folder, name, schema) : schema.parse({})
}

/** The texts of a configuration folder of one's own, and for those that it does not bring the project's. */
async function readTexts(read: ReturnType<typeof createReader>, root: string, language: 'ru' | 'en') {
  const name = `translations/${language}`
  const texts = await read(projectConfig, name, translationsSchema)
  if (root === projectConfig || !existsSync(join(root, `${name}.ts`))) return texts
  const own = await read(root, name, translationsSchema)
  return texts && own && { ...texts, ...own }
}
