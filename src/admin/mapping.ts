import { setTimeout as sleep } from 'node:timers/promises'
import type { Request, Response } from 'express'
import { AmocrmError } from '../amocrm/errors.ts'
import type { AccountLists, Mirror } from '../amocrm/mirror.ts'
import type { Translate } from '../config/translate.ts'
import { entities } from '../mapping/amo-fields.mapper.ts'
import { looseText } from '../mapping/loose-text.ts'
import type { Rules } from '../mapping/request.mapper.ts'
import type { Languages } from './language.ts'
import { describeForms, typeOf } from './mapped-forms.ts'
import type { Problem } from './rehearsing.ts'
import type { Route } from './routes.ts'
import type { Render } from './views.ts'

interface MappingOptions {
  rules: Rules
  /** Folder of the files that say what goes where, for people. */
  folder: string
  mirror: Pick<Mirror, 'lists'>
  languages: Languages
  render: Render
  log: { error: (details: object, message: string) => void }
  /** Unix ms. */
  now: () => number
}

/** Ms. Whoever looks at the page rather sees old lists at once. */
const patience = 1000
const lookAgainSeconds = 2

/** `/app/mapping`: form by form what goes where, next to what the account has. */
export function createMapping({ rules, folder, mirror, languages, render, log, now }: MappingOptions): Route[] {
  const access = 'settings.see'
  let reading: Promise<void> | null = null
  /** Why they could not be read the last time. */
  let trouble: (Problem & { at: number }) | null = null
  return [
    { method: 'get', path: '/app/mapping', access, handle: open },
    { method: 'post', path: '/app/mapping/lists', access, handle: refresh },
    { method: 'get', path: '/app/mapping/lists', access, handle: (req, res) => res.redirect(pageOf(req)) },
  ]

  async function open(req: Request, res: Response) {
    if (reading === null) begin(mirror.lists.current)
    await show(req, res)
  }

  async function refresh(req: Request, res: Response) {
    begin(mirror.lists.refresh)
    await Promise.race([reading, sleep(patience, null, { ref: false })])
    res.redirect(303, `${pageOf(req)}?done`)
  }

  /** It takes many requests, and the orders go before them. */
  function begin(read: () => Promise<unknown>) {
    const begun = read()
      .then(
        () => null,
        (error: unknown) => troubleOf(error),
      )
      .then((found) => {
        if (found) trouble = { ...found, at: now() }
      })
      .catch((err: unknown) => log.error({ err }, 'lists of the account could not be read'))
      .finally(() => {
        if (reading === begun) reading = null
      })
    reading = begun
  }

  async function show(req: Request, res: Response) {
    await Promise.race([reading, sleep(patience, null, { ref: false })])
    const translate = languages.translateFor(req)
    const isReading = reading !== null
    if (isReading) res.setHeader('Refresh', String(lookAgainSeconds))
    const kept = await mirror.lists.kept()
    const isOver = isReading || trouble === null || (kept !== null && kept.readAt > trouble.at)
    const search = typeof req.query['q'] === 'string' ? req.query['q'].slice(0, 200) : ''
    render(req, res, 'mapping/index.njk', {
      ...describeForms({ rules, lists: kept?.facts ?? null, translate }),
      folder,
      lists: kept && searched(kept.facts, search, translate),
      readAt: kept?.readAt,
      search,
      trouble: isOver ? null : trouble,
      isReading,
      isDone: req.query['done'] !== undefined && isOver && !isReading,
    })
  }
}

function pageOf({ baseUrl }: Request) {
  return `${baseUrl}/app/mapping`
}

/** Why the account could not be asked. */
function troubleOf(error: unknown): Problem {
  if (!(error instanceof AmocrmError)) throw error
  if (error.kind === 'not_connected') return { text: 'mapping.lists.not_connected' }
  return { text: 'mapping.lists.unreachable', params: { error: error.message } }
}

/** What of the lists has the words in it; all of them without words. */
function searched(lists: AccountLists, search: string, translate: Translate) {
  const words = looseText(search)
  const has = (...texts: (string | number | null)[]) => looseText(texts.join(' ')).includes(words)
  const { pipelines, fields, users, catalogs } = lists
  return {
    pipelines: pipelines.flatMap((pipeline) => {
      const statuses = pipeline.statuses.filter(({ id, name }) => has(id, name, pipeline.id, pipeline.name))
      return statuses.length > 0 || has(pipeline.id, pipeline.name) ? [{ ...pipeline, statuses }] : []
    }),
    owners: entities.map((entity) => ({
      entity,
      fields: fields
        .filter((field) => field.entity === entity)
        .map((field) => ({ ...field, typeName: typeOf(field.type, translate) }))
        .filter(({ id, name, code, typeName, choices }) =>
          has(id, name, code, typeName, ...choices.map(({ value }) => value)),
        ),
    })),
    users: users?.filter(({ id, name }) => has(id, name)),
    catalogs: catalogs?.filter(({ id, name }) => has(id, name)),
  }
}
