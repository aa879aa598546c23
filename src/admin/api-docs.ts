import type { Request, Response } from 'express'
import type { Config } from '../config/load.ts'
import { type Translate, translateOf } from '../config/translate.ts'
import type { Answer } from '../order-api/answers.ts'
import { type Demand, type Operation, operations } from '../order-api/contract.ts'
import { languages as exampleLanguages } from '../order-api/examples/languages.ts'
import { exampleRequest, exampleToken } from '../order-api/examples/request.ts'
import { answerKey, createOpenApi } from '../order-api/openapi.ts'
import { type Field, fieldsOf, type JsonSchema, meaningOf } from '../order-api/request-fields.ts'
import { formatSpan } from './amounts.ts'
import type { Languages } from './language.ts'
import { createMeasures } from './measures.ts'
import type { Route } from './routes.ts'
import { localeOf, type Render } from './views.ts'

interface ApiDocsOptions {
  /** The address of this installation, as who asks knows it. */
  baseOf: (req: Request) => string
  config: Config
  languages: Languages
  render: Render
}

/** `/api/docs`: the order API for the developers of shops, made of its contract. */
export function createApiDocs({ baseOf, config, languages, render }: ApiDocsOptions): Route[] {
  const { app } = config
  return [
    { method: 'get', path: '/api/docs', access: 'anyone', handle: show },
    { method: 'get', path: '/api/docs/openapi.json', access: 'anyone', handle: sendOpenApi },
  ]

  function show(req: Request, res: Response) {
    const t = languages.translateFor(req)
    const locale = localeOf(languages.languageOf(req))
    const base = baseOf(req)
    render(req, res, 'api-docs/index.njk', {
      ownBase: base,
      registration: app.registration,
      token: exampleToken,
      window: formatSpan(app.dedupe_window * 1000, locale),
      limits: limitsOf(app.body_limit, locale),
      groups: Object.entries(Object.groupBy(operations, ({ group }) => group)).map(([name, all = []]) => ({
        name,
        operations: all.map((operation) => shownOperation(operation, base, t)),
      })),
    })
  }

  function sendOpenApi(req: Request, res: Response) {
    res.json(createOpenApi({ base: baseOf(req), appName: app.app_name, translate: translateOf(config) }))
  }
}

function shownOperation(operation: Operation, base: string, t: Translate) {
  const { name, method, path, group, token, answers } = operation
  const request = exampleRequest(operation, base)
  return {
    ...{ name, path, token, method: method.toUpperCase() },
    fields: fieldsOf(operation).map((field) => ({
      path: field.path,
      type: typeOf(field.schema),
      need: needOf(field, t),
      isRequired: field.isRequired,
      meaning: meaningOf(group, field.path, t),
    })),
    examples: Object.entries(exampleLanguages).map(([id, { title, write }]) => ({ id, title, code: write(request) })),
    answers: answers.map((answer) => shownAnswer(answer, t)),
  }
}

function shownAnswer(answer: Answer, t: Translate) {
  return {
    status: answer.status,
    text: t(answerKey(answer)),
    headers: Object.entries(answer.headers ?? {}).map(([name, often]) => ({ name, isSure: often === 'always' })),
    body: JSON.stringify(answer.example(t), null, 2),
  }
}

function typeOf({ type, items }: JsonSchema): string {
  return type === 'array' && typeof items === 'object' ? `${typeOf(items as JsonSchema)}[]` : String(type)
}

function needOf({ path, isRequired, demands }: Field, t: Translate) {
  if (isRequired) return t('api.docs.needed.always')
  const or = t('api.docs.or')
  const cases = Object.entries(Object.groupBy(demands.filter(isCase), ({ field }) => field))
  const others = demands.flatMap((demand) => ('anyOf' in demand ? [demand.anyOf] : []))
  return (
    [
      ...cases.map(([field, all = []]) =>
        t('api.docs.needed.when', { field, values: all.map(({ is }) => is).join(or) }),
      ),
      ...others.map((names) =>
        t('api.docs.needed.without', { fields: names.filter((name) => name !== path).join(or) }),
      ),
    ].join('; ') || t('api.docs.needed.never')
  )
}

function isCase(demand: Demand): demand is Extract<Demand, { is: string }> {
  return 'is' in demand
}

function limitsOf(bodyLimit: number, locale: string) {
  const [order] = operations
  const schemas = new Map((order ? fieldsOf(order) : []).map(({ path, schema }) => [path, schema]))
  const number = (count: number | undefined) => (count ?? 0).toLocaleString(locale)
  return {
    size: createMeasures(locale).bytes(bodyLimit),
    items: number(schemas.get('items')?.maxItems),
    text: number(schemas.get('name')?.maxLength),
    comment: number(schemas.get('comment')?.maxLength),
  }
}
