import { join } from 'node:path'
import { verify } from '@node-rs/argon2'
import type { z } from 'zod'
import type { Fault } from './config-error.ts'
import type { amoFieldsMapperSchema, requestMapperSchema, rolesSchema, usersSchema } from './schema.ts'

interface ReadFiles {
  folder: string
  root: string
  requestMapper: z.output<typeof requestMapperSchema> | null
  amoFields: z.output<typeof amoFieldsMapperSchema> | null
  users: z.output<typeof usersSchema> | null
  roles: z.output<typeof rolesSchema> | null
}

/** The targets of a mapping that are parts of the lead, not custom fields; those of its people have no effect yet. */
const leadParts: readonly string[] = ['lead_name', 'lead_price']
const peopleParts: readonly string[] = [
  'contact_first_name',
  'contact_last_name',
  'contact_second_name',
  'contact_name',
  'company_name',
]

const samplePasswords = ['admin', 'password', 'parom', 'changeme']

/** What is right in each file alone, but does not fit the other files. */
export function findMisfits({ folder, root, requestMapper, amoFields, users, roles }: ReadFiles): Fault[] {
  const faults: Fault[] = []
  for (const [form, { mapping }] of Object.entries(requestMapper?.forms ?? {})) {
    for (const [field, { mapped_id }] of Object.entries(mapping)) {
      for (const target of [mapped_id].flat()) {
        if (!amoFields || [...leadParts, ...peopleParts].includes(target) || Object.hasOwn(amoFields, target)) continue
        faults.push({
          where: join(folder, 'request.mapper.ts'),
          key: `forms.${form}.mapping.${field}.mapped_id`,
          expected: `имя из amo-fields.mapper.ts или ${leadParts.join(', ')}`,
        })
      }
    }
  }
  for (const [index, user] of (users ?? []).entries()) {
    const unknown = user.roles.filter((id) => roles && !roles.some((role) => role.id === id))
    if (unknown.length > 0)
      faults.push({ where: join(root, 'users.ts'), key: `${index}.roles`, expected: 'роли из roles.ts' })
  }
  return faults
}

/** Keys of request.mapper that the PHP script knew and that have no effect here yet: to be told, not to stop at. */
export function findIdle({ forms }: NonNullable<ReadFiles['requestMapper']>): string[] {
  return Object.entries(forms).flatMap(([form, { entities_create, tags, mapping }]) => [
    ...(entities_create.some((entity) => entity !== 'lead') ? [`forms.${form}.entities_create`] : []),
    ...(tags.contact.length > 0 ? [`forms.${form}.tags.contact`] : []),
    ...Object.entries(mapping)
      .filter(([, { mapped_id }]) => [mapped_id].flat().some((target) => peopleParts.includes(target)))
      .map(([field]) => `forms.${form}.mapping.${field}`),
  ])
}

/** What a sample may hold and an installation on the internet may not. */
export async function findDangers({ root, users }: Pick<ReadFiles, 'root' | 'users'>): Promise<Fault[]> {
  const faults: Fault[] = []
  for (const [index, user] of (users ?? []).entries()) {
    const guesses = [...samplePasswords, user.login]
    const guessed = await Promise.all(guesses.map((guess) => verify(user.password, guess).catch(() => false)))
    if (guessed.includes(true)) {
      faults.push({
        where: join(root, 'users.ts'),
        key: `${index}.password`,
        expected: 'свой пароль, а не образец: npx parom hash-password',
      })
    }
  }
  return faults
}
