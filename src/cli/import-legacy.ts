import { resolve } from 'node:path'
import { ConfigError, describeFault } from '../config/config-error.ts'
import { ownBase } from '../config/derive.ts'
import { loadConfig, loadTexts } from '../config/load.ts'
import { createTranslate, type Translate } from '../config/translate.ts'
import { readArguments, UsageError } from './command-line.ts'
import { type ConvertedEnvironment, configFiles, convertEnvironment } from './legacy/config-files.ts'
import { convertTranslations } from './legacy/convert-translations.ts'
import { convertUsers, type Invited } from './legacy/convert-users.ts'
import { publicAddressOf } from './legacy/public-address.ts'
import { type LegacyFolder, readLegacyFolder } from './legacy/read-folder.ts'
import { createReport, type Report } from './legacy/report.ts'
import { findExisting, writeNewFiles } from './legacy/write-files.ts'

/**
 * `import-legacy <folder> [--into <folder>] [--env <name>] [--language ru|en]`: the PHP script's config as ours.
 * It overwrites nothing and runs nothing. 1 when nothing was written; what is still wrong stands in the report.
 */
export async function importLegacy(args: string[], variables: Record<string, string | undefined>) {
  const asked = parse(args)
  const translate = createTranslate(await loadTexts(asked.language), asked.language)
  const report = createReport(translate)
  const legacy = await readLegacyFolder(asked.folder, asked.env, report)
  if (!legacy) return fail(translate('cli.import.nothing_there', { folder: asked.folder }))
  if (legacy.environments.length === 0)
    return fail([translate('cli.import.no_environment'), report.print()].join('\n').trim())

  const environments = legacy.environments.map((environment) => convertEnvironment(environment, report))
  if (!variables['PUBLIC_URL']) for (const environment of environments) keepAddress(environment, report)
  const invited = convertUsers(legacy.users, new Date(), report)
  const translations = convertTranslations(legacy.translations, await loadTexts('ru'), report)
  const files = await configFiles({ into: asked.into, environments, users: invited.users, translations })
  const existing = findExisting(files)
  if (existing.length > 0)
    return fail([translate('cli.import.exists'), ...existing.map((path) => `  • ${path}`)].join('\n'))
  try {
    await writeNewFiles(files)
  } catch (error) {
    return fail(translate('cli.import.not_written', { message: error instanceof Error ? error.message : '' }))
  }

  for (const { name } of environments) await check(asked.into, name, report)
  // Without an .env.type the PHP script ran as local.
  const main = environments.find(({ name }) => name === (legacy.envType ?? 'local')) ?? environments.at(-1)
  const taken = variables['PUBLIC_URL'] ? null : publicAddressOf(main?.settings.amo.redirect_uri ?? '')
  const base = baseOf(main?.settings.app.script_folder ?? '', taken ? { ...variables, PUBLIC_URL: taken } : variables)
  const isKept = main?.settings.secrets['PUBLIC_URL'] !== undefined
  tellWhatIsNext({ legacy, into: asked.into, env: main?.name ?? '', base, taken, isKept, report })
  console.log([translate('cli.import.done', { into: asked.into }), report.print()].join('\n'))
  if (invited.tokens.length > 0) console.log(describeLinks(invited, base, translate))
  return 0
}

function parse(args: string[]) {
  const { positionals, values } = readArguments({
    args,
    allowPositionals: true,
    options: { into: { type: 'string' }, env: { type: 'string' }, language: { type: 'string' } },
  })
  const [folder, ...others] = positionals
  const { into = 'config-imported', env, language = 'ru' } = values
  if (!folder || others.length > 0 || (language !== 'ru' && language !== 'en')) throw new UsageError()
  return { folder, into: resolve(into), env, language } as const
}

function fail(message: string) {
  console.error(message)
  return 1
}

/** On the internet people find Parom where they found the PHP script. */
function keepAddress({ name, settings }: ConvertedEnvironment, report: Report) {
  const url = publicAddressOf(settings.amo.redirect_uri ?? '')
  if (name === 'local' || !url?.startsWith('https:')) return
  settings.secrets['PUBLIC_URL'] = url
  report.carried('cli.import.public_url_carried', { where: name, url })
}

/** What the server would say of the files. */
async function check(into: string, env: string, report: Report) {
  try {
    const { idleKeys } = await loadConfig({ CONFIG_DIR: into, ENV_TYPE: env })
    if (idleKeys.length > 0) report.left('cli.import.idle', { where: env, keys: idleKeys.join(', ') })
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    report.next('cli.import.faults', {
      where: env,
      faults: error.faults.map((fault) => `– ${describeFault(fault)}`).join('\n'),
    })
  }
}

/** Where people will find Parom, as far as this command can know. */
function baseOf(folder: string, { PUBLIC_URL, HOST, PORT, BASE_PATH }: Record<string, string | undefined>) {
  const address = { host: HOST?.trim() || '127.0.0.1', port: Number(PORT) || 3000 }
  const isKnown = PUBLIC_URL !== undefined && URL.canParse(PUBLIC_URL)
  return ownBase({ ...address, ...(isKnown && { public_url: PUBLIC_URL }), script_folder: BASE_PATH?.trim() || folder })
}

interface Outcome {
  legacy: LegacyFolder
  into: string
  env: string
  base: string
  /** The address that stood in redirect_uri. */
  taken: string | null
  /** Whether it is written down. */
  isKept: boolean
  report: Report
}

function tellWhatIsNext({ legacy, into, env, base, taken, isKept, report }: Outcome) {
  report.left('cli.import.history')
  if (legacy.envType) report.carried('cli.import.env_type', { env: legacy.envType })
  if (!legacy.users) report.next('cli.import.no_users', { file: `${into}/users.ts` })
  if (legacy.environments.some(({ name }) => name === 'local')) report.next('cli.import.local')
  report.next('cli.import.start', { into, env })
  const file = `${into}/${env}/.env`
  if (taken) report.next('cli.import.address_taken', { url: taken })
  if (isKept) report.next('cli.import.public_url_kept', { file })
  else report.next('cli.import.public_url', { file })
  report.next('cli.import.connect', { url: `${base}/api/auth` })
  report.next('cli.import.webhook', { url: `${base}/api/order/create`, file })
}

function describeLinks({ tokens, until }: Invited, base: string, translate: Translate) {
  const width = Math.max(...tokens.map(({ login }) => login.length))
  const lines = tokens.map(({ login, token }) => `  ${login.padEnd(width)}  ${base}/invitations/${token}`)
  return ['', translate('cli.import.links', { until: until.toISOString().slice(0, 10) }), ...lines].join('\n')
}
