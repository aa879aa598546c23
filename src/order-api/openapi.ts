import { z } from 'zod'
import type { Translate } from '../config/translate.ts'
import type { Answer } from './answers.ts'
import { contractVersion, type Operation, operations } from './contract.ts'
import { schemaOfDemand } from './demands.ts'
import { fieldsIn, type JsonSchema, jsonSchemaOf, meaningOf } from './request-fields.ts'

interface DocumentOptions {
  /** Where shops find the installation. */
  base: string
  appName: string
  translate: Translate
}

/** The order API as an OpenAPI 3.1 document. */
export function createOpenApi({ base, appName, translate: t }: DocumentOptions) {
  return {
    openapi: '3.1.1',
    info: { title: `${appName}: ${t('api.title')}`, version: contractVersion, description: descriptionOf(t) },
    servers: [{ url: base }],
    tags: (['orders', 'account', 'check'] as const).map((name) => ({ name, description: t(`api.group.${name}`) })),
    paths: Object.fromEntries(operations.map((each) => [each.path, { [each.method]: operationOf(each, t) }])),
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: t('api.token.how') } },
      parameters: { IdempotencyKey: idempotencyKey(t) },
      headers: headersOf(t),
      schemas: Object.fromEntries([
        ...operations.flatMap((each) => (each.body ? [[each.body.name, requestSchema(each, t)]] : [])),
        ...operations.flatMap(({ answers }) => answers).map((answer) => [answer.name, answerSchema(answer, t)]),
      ]),
    },
  }
}

/** Key of the text about one answer. */
export function answerKey({ name }: Answer) {
  return `api.answer.${name}`
}

export const guides = ['what', 'retry', 'down', 'phones', 'dates', 'numbers', 'blanks'] as const

function descriptionOf(t: Translate) {
  return guides.map((name) => t(`api.guide.${name}`)).join('\n\n')
}

function operationOf({ name, group, token, body, answers }: Operation, t: Translate) {
  return {
    operationId: name,
    summary: t(`api.operation.${name}`),
    description: t(`api.operation.${name}.what`),
    tags: [group],
    security: { needed: [{ token: [] }], optional: [{}, { token: [] }], none: [] }[token],
    ...(group === 'orders' ? { parameters: [{ $ref: '#/components/parameters/IdempotencyKey' }] } : {}),
    ...(body ? { requestBody: requestBody(body) } : {}),
    responses: responsesOf(answers, t),
  }
}

function requestBody({ name, example }: NonNullable<Operation['body']>) {
  return { required: true, content: { 'application/json': { schema: refTo(name), example } } }
}

function responsesOf(answers: Answer[], t: Translate) {
  const statuses = [...new Set(answers.map(({ status }) => status))]
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      responseOf(
        answers.filter((each) => each.status === status),
        t,
      ),
    ]),
  )
}

function responseOf(answers: Answer[], t: Translate) {
  const headers = Object.assign({}, ...answers.map((answer) => answer.headers)) as NonNullable<Answer['headers']>
  const schemas = answers.map(({ name }) => refTo(name))
  return {
    description: answers.map((answer) => t(answerKey(answer))).join(' '),
    headers: Object.fromEntries(Object.keys(headers).map((name) => [name, { $ref: `#/components/headers/${name}` }])),
    content: {
      'application/json': {
        schema: schemas.length === 1 ? schemas[0] : { oneOf: schemas },
        examples: Object.fromEntries(answers.map(({ name, example }) => [name, { value: example(t) }])),
      },
    },
  }
}

function refTo(name: string) {
  return { $ref: `#/components/schemas/${name}` }
}

function requestSchema({ group, body }: Operation, t: Translate): JsonSchema {
  if (!body) return {}
  const schema = jsonSchemaOf(body.schema)
  for (const { path, schema: own } of fieldsIn(schema, [])) own.description = meaningOf(group, path, t)
  return { ...schema, ...(body.demands.length > 0 ? { allOf: body.demands.map(schemaOfDemand) } : {}) }
}

function answerSchema(answer: Answer, t: Translate): JsonSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(answer.schema) as JsonSchema
  for (const [name, own] of Object.entries(schema.properties ?? {}))
    if (typeof own === 'object') own.description = t(`api.answer_field.${name}`)
  return schema
}

function idempotencyKey(t: Translate) {
  const schema = { type: 'string', minLength: 1 }
  return { name: 'Idempotency-Key', in: 'header', required: false, description: t('api.guide.retry'), schema }
}

function headersOf(t: Translate) {
  return {
    'Retry-After': { description: t('api.header.Retry-After'), schema: { type: 'integer', minimum: 1 } },
    Allow: { description: t('api.header.Allow'), schema: { type: 'string' } },
  }
}
