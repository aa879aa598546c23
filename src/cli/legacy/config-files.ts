import { readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { AmoFieldsMapper, RequestMapper, Users } from '../../config/schema.ts'
import { convertFields } from './convert-fields.ts'
import { convertForms } from './convert-forms.ts'
import { convertSettings, type Settings } from './convert-settings.ts'
import { type Printable, printConfigFile } from './print-typescript.ts'
import type { LegacyEnvironment } from './read-folder.ts'
import type { Report } from './report.ts'
import type { NewFile } from './write-files.ts'

export interface ConvertedEnvironment {
  name: string
  settings: Settings
  requestMapper: RequestMapper
  amoFields: AmoFieldsMapper
}

export function convertEnvironment(environment: LegacyEnvironment, report: Report): ConvertedEnvironment {
  const { name, files } = environment
  return {
    name,
    settings: convertSettings(environment, report),
    requestMapper: convertForms(files['request.mapper'], `${name}/request.mapper.php`, report),
    amoFields: convertFields(files['amo-fields.mapper'], `${name}/amo-fields.mapper.php`, report),
  }
}

interface Converted {
  into: string
  environments: ConvertedEnvironment[]
  users: Users
  translations: Record<string, string>
}

const project = join(import.meta.dirname, '../../..')
const schema = join(project, 'src/config/schema.ts')
const secretRemark = (variable: string) => `(${variable}) in .env beside this file`

/** Every file of the new configuration folder. */
export async function configFiles({ into, environments, users, translations }: Converted): Promise<NewFile[]> {
  const texts = Object.keys(translations).length > 0 ? [translationFile(into, translations)] : []
  return [
    ...environments.flatMap((environment) => environmentFiles(join(into, environment.name), environment)),
    usersFile(into, users),
    await rolesFile(into),
    ...texts,
  ]
}

function environmentFiles(folder: string, { name, settings, requestMapper, amoFields }: ConvertedEnvironment) {
  const file = (base: string, type: string, content: object, remarks = {}) =>
    printed(join(folder, `${base}.ts`), type, `environment/${name}/${base}.php`, content, remarks)
  return [
    file('app.config', 'AppConfig', settings.app, {
      app_key: secretRemark('APP_KEY'),
      webhook_token: secretRemark('WEBHOOK_TOKEN'),
    }),
    file('amo.config', 'AmoConfig', settings.amo, { client_secret: secretRemark('AMO_CLIENT_SECRET') }),
    file('system.config', 'SystemConfig', settings.system),
    file('request.mapper', 'RequestMapper', requestMapper),
    file('amo-fields.mapper', 'AmoFieldsMapper', amoFields),
    { path: join(folder, '.env'), text: printDotenv(settings.secrets), mode: 0o600 },
  ]
}

function usersFile(into: string, users: Users) {
  return printed(join(into, 'users.ts'), 'Users', 'users.php', users)
}

function translationFile(into: string, translations: Record<string, string>) {
  return printed(join(into, 'translations/ru.ts'), 'Translations', 'translations.php', translations)
}

/** The roles are Parom's own. */
async function rolesFile(into: string): Promise<NewFile> {
  const path = join(into, 'roles.ts')
  const ours = await readFile(join(project, 'config/roles.ts'), 'utf8')
  return { path, text: ours.replace(/'[^']*\/schema\.ts'/, `'${schemaFrom(path)}'`) }
}

function printed(path: string, type: string, origin: string, content: object, remarks: Record<string, string> = {}) {
  const comment = `From ${origin} of the PHP script, by \`parom import-legacy\`.`
  const text = printConfigFile({ type, schema: schemaFrom(path), comment, content: content as Printable, remarks })
  return { path, text }
}

function schemaFrom(path: string) {
  const way = relative(dirname(path), schema)
  return way.startsWith('.') ? way : `./${way}`
}

function printDotenv(secrets: Record<string, string>) {
  const lines = Object.entries(secrets).map(([name, value]) => `${name}=${quoteForDotenv(value)}\n`)
  return `# The secrets of this environment. They belong to nobody else.\n${lines.join('')}`
}

/** Nothing is unescaped between single quotes or backticks. */
function quoteForDotenv(value: string) {
  const quote = value.includes("'") ? '`' : "'"
  return `${quote}${value}${quote}`
}
