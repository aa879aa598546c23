import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parse as parseDotenv } from 'dotenv'
import type { z } from 'zod'
import { ConfigError, type Fault } from './config-error.ts'
import { findDangers, findIdle, findMisfits } from './cross-checks.ts'
import { databaseUrl, normalizeBasePath, normalizeDomain, ownBase, siteOf } from './derive.ts'
import { amoFieldsMapperSchema, requestMapperSchema } from './mapper-schemas.ts'
import {
  amoConfigSchema,
  appConfigSchemaOf,
  rolesSchema,
  systemConfigSchema,
  translationsSchema,
  usersSchema,
} from './schema.ts'
import { createTemplateReader } from './templates.ts'

const projectRoot = resolve(import.meta.dirname, '../..')
const projectConfig = join(projectRoot, 'config')

/** Which variable overrides which key of which file. */
const overrides = {
  'app.config': {
    HOST: 'host',
    PORT: 'port',
    BASE_PATH: 'script_folder',
    PUBLIC_URL: 'public_url',
    DATABASE_URL: 'database',
    APP_KEY: 'app_key',
    APP_KEY_PREVIOUS: 'previous_app_keys',
    WEBHOOK_TOKEN: 'webhook_token',
    LOG_LEVEL: 'log_level',
  },
  'amo.config': {
    AMO_BASE_URL: 'base_url',
    AMO_AUTH_URL: 'auth_url',
    AMO_CLIENT_ID: 'client_id',
    AMO_CLIENT_SECRET: 'client_secret',
    AMO_REDIRECT_URI: 'redirect_uri',
    AMO_ACCESS_TOKEN: 'access_token',
  },
} as const

type Variables = Record<string, string | undefined>

export type Config = Awaited<ReturnType<typeof loadConfig>>

/**
 * Reads `config/<env>/` and what stands beside it, puts the environment variables over it and checks the whole.
 * Throws one ConfigError that lists every fault. Nothing else in Parom, but the sandbox, reads `process.env`.
 */
export async function loadConfig(processEnv: Variables) {
  const env = processEnv['ENV_TYPE']?.trim() || (await readEnvType())
  const root = resolve(projectRoot, processEnv['CONFIG_DIR'] || 'config')
  const folder = join(root, env)
  if (!existsSync(folder)) {
    throw new ConfigError([
      { where: folder, key: '', expected: `папка с настройками среды «${env}» (ENV_TYPE или .env.type)` },
    ])
  }
  const variables = { ...(await readDotenv(folder)), ...definedOnly(processEnv) }
  const read = createReader(variables)

  const app = await read(folder, 'app.config', appConfigSchemaOf(env))
  const amo = await read(folder, 'amo.config', amoConfigSchema)
  const system = await read(folder, 'system.config', systemConfigSchema)
  const requestMapper = await read(folder, 'request.mapper', requestMapperSchema)
  const amoFields = await read(folder, 'amo-fields.mapper', amoFieldsMapperSchema)
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
    ...findMisfits({ folder, root, requestMapper, amoFields, users, roles }),
    ...(env === 'prod' ? await findDangers({ root, users }) : []),
  ]
  if (
    faults.length > 0 ||
    !app ||
    !amo ||
    !system ||
    !requestMapper ||
    !amoFields ||
    !users ||
    !roles ||
    !translations.ru ||
    !translations.en
  ) {
    throw new ConfigError(faults)
  }

  return {
    env,
    /** The local amoCRM: where it listens and keeps its data. */
    sandbox: {
      port: sandboxPort,
      baseUrl: `http://127.0.0.1:${sandboxPort}`,
      file: resolve(projectRoot, variables['SANDBOX_FILE'] ?? 'var/sandbox.jsonl'),
    },
    app: deriveApp(app, env),
    amo: deriveAmo(amo, ownBase(app)),
    system,
    requestMapper,
    idleKeys: findIdle(requestMapper),
    templates,
    amoFields,
    users,
    roles,
    translations: { ru: translations.ru, en: translations.en },
  }
}

function deriveApp(app: z.output<ReturnType<typeof appConfigSchemaOf>>, env: string) {
  return {
    ...app,
    basePath: normalizeBasePath(app.script_folder),
    https: app.public_url?.startsWith('https:') ?? false,
    /** Where people and shops find this installation, with its folder; null when nobody said. */
    publicBase: app.public_url ? ownBase(app) : null,
    databaseUrl: databaseUrl(app.database, env, projectRoot),
  }
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

/** The texts of a configuration folder of one's own, and for those that it does not bring the project's. */
async function readTexts(read: ReturnType<typeof createReader>, root: string, language: 'ru' | 'en') {
  const name = `translations/${language}`
  const texts = await read(projectConfig, name, translationsSchema)
  if (root === projectConfig || !existsSync(join(root, `${name}.ts`))) return texts
  const own = await read(root, name, translationsSchema)
  return texts && own && { ...texts, ...own }
}

/** A function that reads one file and gathers what is wrong with it in `faults`. */
function createReader(variables: Variables) {
  const faults: Fault[] = []

  async function read<Schema extends z.ZodType>(
    folder: string,
    name: string,
    schema: Schema,
  ): Promise<z.output<Schema> | null> {
    const file = join(folder, `${name}.ts`)
    const content = await importDefault(file)
    if (content instanceof Error) {
      faults.push({ where: file, key: '', expected: `читаемый файл TypeScript с export default (${content.message})` })
      return null
    }
    const keys: Record<string, string> = name in overrides ? overrides[name as keyof typeof overrides] : {}
    const overriding = Object.entries(keys).filter(([variable]) => variables[variable] !== undefined)
    const merged =
      overriding.length > 0 && isObject(content)
        ? { ...content, ...Object.fromEntries(overriding.map(([variable, key]) => [key, variables[variable]])) }
        : content

    const result = schema.safeParse(merged)
    if (result.success) return result.data
    const seen = new Set<string>()
    for (const issue of result.error.issues) {
      const key = issue.path.join('.')
      if (seen.has(key)) continue
      seen.add(key)
      const [variable] = Object.entries(keys).find(([, name]) => name === issue.path[0]) ?? []
      const overridden = variable !== undefined && variables[variable] !== undefined
      faults.push({
        where: overridden ? `переменная ${variable}` : file,
        key: overridden ? '' : key,
        expected: issue.message,
        ...(variable && !overridden ? { variable } : {}),
      })
    }
    return null
  }

  return Object.assign(read, { faults })
}

async function importDefault(file: string): Promise<unknown> {
  try {
    const module: { default?: unknown } = await import(pathToFileURL(file).href)
    return module.default
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
