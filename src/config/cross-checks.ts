import { join } from 'node:path'
import { verify } from '@node-rs/argon2'
import type { z } from 'zod'
import { isQuoting } from '../mapping/form.ts'
import { isSystemField, systemFields } from '../mapping/mapped-values.ts'
import type { Fault } from './config-error.ts'
import type { amoFieldsMapperSchema, requestMapperSchema } from './mapper-schemas.ts'
import type { rolesSchema, usersSchema } from './schema.ts'

interface ReadFiles {
  folder: string
  root: string
  requestMapper: z.output<typeof requestMapperSchema> | null
  amoFields: z.output<typeof amoFieldsMapperSchema> | null
  users: z.output<typeof usersSchema> | null
  roles: z.output<typeof rolesSchema> | null
}

const samplePasswords = ['admin', 'password', 'parom', 'changeme']

/** What is right in each file alone, but does not fit the other files. */
export function findMisfits(files: ReadFiles): Fault[] {
  return [
    ...findUnknownTargets(files),
    ...findSharedSources(files),
    ...findUnknownRoles(files),
    ...findSharedLogins(files),
  ]
}

function findUnknownTargets({ folder, requestMapper, amoFields }: ReadFiles): Fault[] {
  const isKnown = (target: string) => !amoFields || isSystemField(target) || Object.hasOwn(amoFields, target)
  return Object.entries(requestMapper?.forms ?? {}).flatMap(([form, { mapping }]) =>
    Object.entries(mapping)
      .filter(([, { mapped_id }]) => ![mapped_id].flat().every(isKnown))
      .map(([field]) => ({
        where: join(folder, 'request.mapper.ts'),
        key: `forms.${form}.mapping.${field}.mapped_id`,
        expected: `имя из amo-fields.mapper.ts или ${systemFields.join(', ')}`,
      })),
  )
}

function findSharedSources({ folder, requestMapper }: ReadFiles): Fault[] {
  const taken = new Map<string, string>()
  const faults: Fault[] = []
  for (const [form, { sources }] of Object.entries(requestMapper?.forms ?? {})) {
    for (const source of sources) {
      const other = taken.get(source)
      const expected = `источник ${source} только в одной форме: он уже в ${other}`
      if (other) faults.push({ where: join(folder, 'request.mapper.ts'), key: `forms.${form}.sources`, expected })
      taken.set(source, form)
    }
  }
  return faults
}

function findUnknownRoles({ root, users, roles }: ReadFiles): Fault[] {
  return [...(users ?? []).entries()]
    .filter(([, user]) => user.roles.some((id) => roles && !roles.some((role) => role.id === id)))
    .map(([index]) => ({ where: join(root, 'users.ts'), key: `${index}.roles`, expected: 'роли из roles.ts' }))
}

/** Only the first of them could sign in, and a new password of the second would change nothing. */
function findSharedLogins({ root, users }: ReadFiles): Fault[] {
  const logins = (users ?? []).map(({ login }) => login)
  return [...logins.entries()]
    .filter(([index, login]) => logins.indexOf(login) < index)
    .map(([index]) => ({
      where: join(root, 'users.ts'),
      key: `${index}.login`,
      expected: 'логин, которого нет у другого',
    }))
}

/** Keys of request.mapper that have no effect as things stand: to be told, not to stop at. */
export function findIdle({ forms }: NonNullable<ReadFiles['requestMapper']>): string[] {
  return Object.entries(forms).flatMap(([form, { entities_create, tags, mapping }]) => {
    const isMade = (entity: 'contact' | 'company') => entities_create.includes(entity)
    const isQuoted = Object.values(mapping).some(({ value = '' }) => isQuoting(value))
    const isIdle = (target: string) =>
      isSystemField(target) &&
      !isQuoted &&
      ((target.startsWith('contact_') && !isMade('contact')) || (target.startsWith('company_') && !isMade('company')))
    return [
      ...(tags.contact.length > 0 && !isMade('contact') ? [`forms.${form}.tags.contact`] : []),
      ...(tags.company.length > 0 && !isMade('company') ? [`forms.${form}.tags.company`] : []),
      ...Object.entries(mapping)
        .filter(([, { mapped_id }]) => [mapped_id].flat().some(isIdle))
        .map(([field]) => `forms.${form}.mapping.${field}`),
    ]
  })
}

/** What a sample may hold and an installation on the internet may not. */
export async function findDangers({ root, users }: Pick<ReadFiles, 'root' | 'users'>): Promise<Fault[]> {
  const faults: Fault[] = []
  for (const [index, { login, password }] of (users ?? []).entries()) {
    if (password === null) continue
    const guesses = [...samplePasswords, login]
    const guessed = await Promise.all(guesses.map((guess) => verify(password, guess).catch(() => false)))
    if (guessed.includes(true)) {
      faults.push({
        where: join(root, 'users.ts'),
        key: `${index}.password`,
        expected:
          'свой пароль (npx parom hash-password), а не образец. Или уберите запись: если входить некому, Паром при запуске напечатает ссылку для первого администратора',
      })
    }
  }
  return faults
}
