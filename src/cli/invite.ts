import type { Kysely } from 'kysely'
import { v7 as uuidv7 } from 'uuid'
import type { Config } from '../config/load.ts'
import type { Tables } from '../database/tables.ts'
import { createDirectory, type Directory } from '../people/directory.ts'
import { mightiest } from '../people/first-link.ts'
import { linkPath } from '../people/links.ts'
import { loginShape } from '../people/login.ts'
import { CommandError, readArguments, UsageError } from './command-line.ts'
import { withDatabase } from './with-account.ts'

export const inviteUsage = 'npx parom invite <login> [--role <role>]'

/** What the pages show in place of who has invited. */
const byCommand = 'npx parom invite'

/** Prints a link by which somebody sets a password: somebody new, or who has lost his. Also where nobody can sign in. */
export async function invite(args: string[]) {
  const { login, role } = readOptions(args)
  return withDatabase(async ({ config, database, translate }) => {
    const directory = createDirectory({ config, db: database.db, now: Date.now })
    const fail = (key: string, params = {}) => {
      throw new CommandError(translate(key, params))
    }
    if (directory.inFile(login)) fail('cli.invite.in_file', { login })
    const roles = role === undefined ? mightiest(config.roles) : [role]
    if (!roles?.every((id) => config.roles.some((known) => known.id === id)))
      fail('cli.invite.role', { roles: config.roles.map(({ id }) => id).join(', ') })
    const known = await directory.people.find(login)
    if (!known && (await directory.isTaken(login))) fail('people.login.taken')
    const token = known
      ? await inviteAgain(directory, login, role)
      : await directory.people.invite({ login, name: login, roles: roles ?? [], by: byCommand })
    if (token === null) fail('people.login.taken')
    await record(database.db, { login, isKnown: Boolean(known?.password), roles: known && !role ? null : roles })
    console.log(translate('cli.invite.done', { login }))
    console.log(`${addressOf(config)}${linkPath(token ?? '')}`)
    return 0
  })
}

/** Who is there already keeps his roles, unless another one is named; a closed access is open again. */
async function inviteAgain({ people }: Directory, login: string, role?: string) {
  if (role !== undefined) await people.setRoles(login, [role], () => true)
  await people.reopen(login)
  return people.renewLink(login)
}

interface Invited {
  login: string
  isKnown: boolean
  /** Null: as they were. */
  roles: string[] | null
}

/** In the audit log, where the pages write what is done there. */
async function record(db: Kysely<Tables>, { login, isKnown, roles }: Invited) {
  const at = Date.now()
  const action = isKnown ? 'password_reset' : 'person_invited'
  const became = roles && JSON.stringify({ roles })
  await db
    .insertInto('audit')
    .values({
      id: uuidv7({ msecs: at }),
      at,
      login: byCommand,
      address: null,
      action,
      target: login,
      was: null,
      became,
    })
    .execute()
}

function readOptions(args: string[]) {
  const { values, positionals } = readArguments({
    args,
    options: { role: { type: 'string' } },
    allowPositionals: true,
  })
  const [login, ...more] = positionals.map((word) => word.normalize('NFC'))
  if (login === undefined || more.length > 0 || !loginShape.test(login)) throw new UsageError()
  return { login, role: values.role }
}

function addressOf({ app }: Config) {
  return app.publicBase ?? `http://${app.host}:${app.port}${app.basePath}`
}
