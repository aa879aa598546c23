import { join } from 'node:path'
import type { z } from 'zod'
import { apiFormats } from '../order/order.ts'
import type { Fault } from './config-error.ts'
import type { requestMapperSchema } from './mapper-schemas.ts'
import type { Variables } from './reader.ts'
import {
  isSigningSecret,
  type SourceSettings,
  secretExpected,
  type sourcesConfigSchema,
  variableOf,
} from './source-schema.ts'
import { hashToken } from './sources.ts'

interface SourceFiles {
  env: string
  folder: string
  sources: z.output<typeof sourcesConfigSchema> | null
  requestMapper: z.output<typeof requestMapperSchema> | null
  webhookToken: string | null
  variables: Variables
}

/** What the parser makes of any body, and what the order API takes: a form can be for such orders. */
const formats = ['lk', 'metform', ...apiFormats]

/** What does not fit among the sources, and between them and the forms. */
export function findSourceFaults(files: SourceFiles): Fault[] {
  const { folder, sources } = files
  if (!sources) return []
  const where = join(folder, 'sources.config.ts')
  return [
    ...findDoubles(files).map((fault) => ({ where, ...fault })),
    ...sources.sources.flatMap((source, index) => findOwnFaults(source, `sources.${index}`, where, files)),
    ...findUnknownSources(files),
  ]
}

/** One id or token of two sources would leave open whose the order is. */
function findDoubles({ sources, webhookToken }: SourceFiles): Omit<Fault, 'where'>[] {
  const faults: Omit<Fault, 'where'>[] = []
  const ids = new Set<string>()
  const owners = new Map(webhookToken === null ? [] : [[hashToken(webhookToken), 'lk']])
  for (const [index, { id, tokens }] of (sources?.sources ?? []).entries()) {
    if (ids.has(id)) faults.push({ key: `sources.${index}.id`, expected: 'id, которого нет у другого источника' })
    ids.add(id)
    for (const [place, token] of tokens.entries()) {
      const owner = owners.get(token) ?? id
      const expected = `токен, которого нет у другого источника: этот уже у ${owner}`
      if (owner !== id) faults.push({ key: `sources.${index}.tokens.${place}`, expected })
      owners.set(token, owner)
    }
  }
  return faults
}

function findOwnFaults(
  { id, tokens, signing_secrets, form }: SourceSettings,
  key: string,
  where: string,
  { env, requestMapper, variables }: SourceFiles,
): Fault[] {
  const forms = Object.keys(requestMapper?.forms ?? {})
  const isKnown = form === undefined || !requestMapper || forms.includes(form)
  // That of lk may be WEBHOOK_TOKEN, and whether it has one is asked already.
  const isOpen = env !== 'local' && id !== 'lk' && tokens.length === 0 && signing_secrets.length === 0
  return [
    ...(isKnown ? [] : [{ where, key: `${key}.form`, expected: `форма из request.mapper.ts: ${forms.join(', ')}` }]),
    ...(isOpen
      ? [{ where, key, expected: 'tokens или signing_secrets: без них источник может быть только в среде local' }]
      : []),
    ...signing_secrets
      .map(variableOf)
      .filter((name) => name !== null && !isSigningSecret(variables[name]?.trim() ?? ''))
      .map((name) => ({ where: `переменная ${name}`, key: '', expected: secretExpected })),
  ]
}

function findUnknownSources({ folder, sources, requestMapper }: SourceFiles): Fault[] {
  const known = [...new Set([...formats, ...(sources?.sources ?? []).map(({ id }) => id)])]
  const expected = `источник заказов: ${known.join(', ')}`
  return Object.entries(requestMapper?.forms ?? {}).flatMap(([form, { sources: names }]) =>
    [...names.entries()]
      .filter(([, name]) => !known.includes(name))
      .map(([index]) => ({
        where: join(folder, 'request.mapper.ts'),
        key: `forms.${form}.sources.${index}`,
        expected,
      })),
  )
}
