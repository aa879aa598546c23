import { readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { findDangers } from '../../config/cross-checks.ts'
import { importFile } from '../../config/import-file.ts'
import type { Config } from '../../config/load.ts'
import type { Database } from '../../database/open.ts'
import { sqliteFile } from '../../database/sqlite-file.ts'

/** What is looked at, beside the settings themselves. */
export interface Facts {
  config: Config
  /** Files that hold secrets or personal data, where they are there. */
  files: PrivateFile[]
  /** Keys of app.config and amo.config that hold a secret in the file itself. */
  secretsInFiles: string[]
  /** Logins of users.ts whose passwords anybody would guess. */
  guessable: string[]
  /** Links by which somebody may still come in. */
  openInvitations: string[]
}

interface PrivateFile {
  path: string
  /** Whether anybody on the machine may read it. */
  isOpenToAll: boolean
  ofRoot: boolean
  /** Whether the server itself has made it. */
  isData: boolean
}

const secretKeys = {
  'app.config': ['app_key', 'previous_app_keys', 'webhook_token', 'metrics_token', 'database'],
  'amo.config': ['client_secret', 'access_token'],
}

/** @param now unix ms */
export async function gatherFacts(config: Config, { db }: Database, now: number): Promise<Facts> {
  const { root, env, users } = config
  const guessable = await findDangers({ root, users })
  const invited = await db.selectFrom('people').select('login').where('invited_until', '>', now).execute()
  return {
    config,
    files: await privateFiles(config),
    secretsInFiles: await secretsIn(join(root, env)),
    guessable: guessable.map(({ key }) => users[Number.parseInt(key, 10)]?.login ?? key),
    openInvitations: invited.map(({ login }) => login),
  }
}

async function privateFiles({ root, env, app, users, stateFolder }: Config) {
  const database = sqliteFile(app.databaseUrl)
  const ofDatabase = database
    ? [database, `${database}-wal`, ...(await filesIn(join(dirname(database), 'backups')))]
    : []
  const data = [...ofDatabase, join(stateFolder, 'crashes.json')]
  const settings = [
    join(root, env, '.env'),
    ...(users.some(({ password }) => password !== null) ? [join(root, 'users.ts')] : []),
  ]
  const found = await Promise.all([
    ...settings.map((path) => privateFile(path, false)),
    ...data.map((path) => privateFile(path, true)),
  ])
  return found.filter((file) => file !== null)
}

/** Null of one that is not there. A folder that others may not enter keeps what is in it. */
async function privateFile(path: string, isData: boolean): Promise<PrivateFile | null> {
  const [file, folder] = await Promise.all([path, dirname(path)].map((entry) => stat(entry).catch(() => null)))
  if (!file || !folder) return null
  return { path, isOpenToAll: (file.mode & 0o004) !== 0 && (folder.mode & 0o001) !== 0, ofRoot: file.uid === 0, isData }
}

async function filesIn(folder: string) {
  const names = await readdir(folder).catch(() => [])
  return names.map((name) => join(folder, name))
}

async function secretsIn(folder: string) {
  const found = []
  for (const [name, keys] of Object.entries(secretKeys)) {
    const content = await importFile(join(folder, `${name}.ts`))
    if (typeof content !== 'object' || content === null) continue
    const values = content as Record<string, unknown>
    found.push(...keys.filter((key) => holdsSecret(key, values[key])).map((key) => `${name}.ts → ${key}`))
  }
  return found
}

function holdsSecret(key: string, value: unknown) {
  if (key !== 'database') return Array.isArray(value) ? value.length > 0 : Boolean(value)
  return typeof value === 'object' ? value !== null : /^mysql:\/\/[^/@]*:[^/@]+@/.test(String(value ?? ''))
}
