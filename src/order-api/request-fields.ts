import { z } from 'zod'
import type { Translate } from '../config/translate.ts'
import { passwordLength } from '../people/new-password.ts'
import type { Demand, Operation } from './contract.ts'

export type JsonSchema = z.core.JSONSchema.JSONSchema

/** A field of a request, by the path that its problems name: `items[].price`. */
export interface Field {
  path: string
  schema: JsonSchema
  /** Whether its object cannot be without it. */
  isRequired: boolean
  /** When else it is needed. */
  demands: Demand[]
}

/**
 * The JSON Schema of a request. Of what may be written in several ways it names the first, as the one to choose:
 * that `12` may come as `"12"` is said in words, and would only blur it.
 */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ jsonSchema }) => narrow(jsonSchema),
  })
  return json as JsonSchema
}

function narrow(schema: JsonSchema) {
  const [first] = schema.anyOf ?? []
  if (first) {
    delete schema.anyOf
    Object.assign(schema, first)
  }
  const [type] = Array.isArray(schema.type) ? (schema.type as NonNullable<JsonSchema['type']>[]) : []
  if (type) schema.type = type
  if (schema.enum?.every(Number.isInteger)) schema.type = 'integer'
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum
}

/** All fields of what an operation takes, with those inside of objects and lists, in their order. */
export function fieldsOf({ body }: Operation): Field[] {
  return body ? fieldsIn(jsonSchemaOf(body.schema), body.demands) : []
}

/** @param schema is described too where its fields are changed: they are its own */
export function fieldsIn(schema: JsonSchema, demands: readonly Demand[], prefix = ''): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, own]) => {
    if (typeof own === 'boolean') return []
    const path = prefix + name
    const inner = { object: own, array: own.items as JsonSchema | undefined }[String(own.type)]
    const isRequired = schema.required?.includes(name) ?? false
    const field = { path, schema: own, isRequired, demands: demands.filter((demand) => isMeant(demand, path)) }
    return [field, ...(inner ? fieldsIn(inner, demands, own.type === 'array' ? `${path}[].` : `${path}.`) : [])]
  })
}

/** What is inside of an object needs the object. */
function isMeant(demand: Demand, path: string) {
  const needed = 'needs' in demand ? demand.needs : demand.anyOf
  return needed.some((each) => each === path || each.startsWith(`${path}.`))
}

/** Of the text that says what a field is for. */
export function meaningKey(group: Operation['group'], path: string) {
  return `api.field.${group}.${path.replaceAll('[]', '')}`
}

export function meaningOf(group: Operation['group'], path: string, t: Translate) {
  return t(meaningKey(group, path), passwordLength)
}
