import { join } from 'node:path'
import type { z } from 'zod'
import type { Fault } from './config-error.ts'
import { type ImportFile, importFile } from './import-file.ts'

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
    METRICS_TOKEN: 'metrics_token',
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

export type Variables = Record<string, string | undefined>

/** A function that reads one file and gathers what is wrong with it in `faults`. */
export function createReader(variables: Variables, importDefault: ImportFile = importFile) {
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

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
