import { existsSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { type PhpArray, PhpError, readPhp } from './php.ts'
import type { Report } from './report.ts'

export const environmentFiles = [
  'amo.config',
  'app.config',
  'system.config',
  'request.mapper',
  'amo-fields.mapper',
] as const
export type EnvironmentFile = (typeof environmentFiles)[number]

export interface LegacyEnvironment {
  name: string
  files: Partial<Record<EnvironmentFile, PhpArray>>
}

export interface LegacyFolder {
  environments: LegacyEnvironment[]
  users: PhpArray | null
  translations: PhpArray | null
  /** The word in `.env.type`: which environment was in use. */
  envType: string | null
}

/** Bytes. A real file has some thousand, and the parser is slow with large ones. */
const largest = 128 * 1024

/** Reads the script's root, its `config` or one environment; null when there is nothing of it. `only` names one environment. */
export async function readLegacyFolder(folder: string, only: string | undefined, report: Report) {
  const layout = findLayout(resolve(folder))
  if (!layout) return null
  const environments: LegacyEnvironment[] = []
  for (const path of await environmentFolders(layout)) {
    const name = basename(path)
    if (only !== undefined && name !== only) continue
    if (/^[\w-]+$/.test(name)) environments.push({ name, files: await readEnvironment(path, name, report) })
    else report.left('cli.import.environment_name', { name })
  }
  const envType = await readFile(join(layout.config, '.env.type'), 'utf8').catch(() => null)
  return {
    environments,
    users: await readArray(join(layout.config, 'users.php'), 'users.php', report),
    translations: await readArray(join(layout.config, 'translations.php'), 'translations.php', report),
    envType: envType?.trim() || null,
  } satisfies LegacyFolder
}

interface Layout {
  config: string
  /** Set when the folder is one environment itself. */
  environment?: string
}

function findLayout(folder: string): Layout | null {
  for (const config of [join(folder, 'config'), folder]) if (existsSync(join(config, 'environment'))) return { config }
  if (environmentFiles.some((name) => existsSync(join(folder, `${name}.php`))))
    return { config: dirname(dirname(folder)), environment: folder }
  return null
}

async function environmentFolders({ config, environment }: Layout) {
  if (environment) return [environment]
  const entries = await readdir(join(config, 'environment'), { withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(config, 'environment', name))
    .sort()
}

async function readEnvironment(folder: string, name: string, report: Report) {
  const files: LegacyEnvironment['files'] = {}
  for (const file of environmentFiles) {
    const array = await readArray(join(folder, `${file}.php`), `${name}/${file}.php`, report)
    if (array) files[file] = array
  }
  const known: string[] = environmentFiles.map((file) => `${file}.php`)
  const others = (await readdir(folder)).filter((file) => !known.includes(file) && !file.startsWith('.')).sort()
  if (others.length > 0) report.left('cli.import.other_files', { where: name, files: others.join(', ') })
  return files
}

/** Null for a file that is missing or cannot be read, which the report then tells. */
async function readArray(path: string, name: string, report: Report): Promise<PhpArray | null> {
  const size = await stat(path).then(
    (found) => found.size,
    () => null,
  )
  if (size === null) return refuse(report, 'cli.import.missing', { file: name })
  if (size > largest) return refuse(report, 'cli.import.too_large', { file: name, limit: largest / 1024 })
  try {
    const { array, leftOut } = readPhp(new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path)))
    for (const { line, key, what } of leftOut) {
      // Passwords are carried over in no case.
      if (name === 'users.php' && key.endsWith('.password')) continue
      if (key) report.left('cli.import.not_constant', { file: name, line, key, what })
      else report.left('cli.import.statement', { file: name, line, what })
    }
    return array
  } catch (error) {
    if (error instanceof PhpError) return refuse(report, faultTexts[error.reason], { file: name, line: error.line })
    return refuse(report, 'cli.import.unreadable', { file: name })
  }
}

const faultTexts = {
  syntax: 'cli.import.syntax',
  too_deep: 'cli.import.too_deep',
  no_array: 'cli.import.no_array',
}

function refuse(report: Report, text: string, params: Record<string, string | number>) {
  report.left(text, params)
  return null
}
