import { z } from 'zod'
import { emptyRequest, type ItemError, invalid, tooManyItems } from './problems.ts'

const highestBatch = 250

export type Report = (code: ErrorCode, path: string, detail?: string) => void

type ErrorCode = 'NotSupportedChoice' | 'InvalidType' | 'FieldNotExpected' | 'FieldMissing' | 'TooLong'

const details: Record<ErrorCode, string> = {
  NotSupportedChoice: 'The value you selected is not a valid choice.',
  InvalidType: 'This value is not valid.',
  FieldNotExpected: 'This field was not expected.',
  FieldMissing: 'This field is missing.',
  TooLong: 'This value is too long.',
}

/**
 * Checks every item of a write; one faulty item refuses the whole request.
 * `check` reports what is wrong with an item and returns what is to be written.
 */
export function checkBatch<T>(
  body: unknown,
  check: (item: unknown, report: Report, index: number) => T | undefined,
): T[] {
  const items = itemsOf(body)
  const faulty: { request_id: string; errors: ItemError[] }[] = []
  const drafts = items.flatMap((item, index) => {
    const errors: ItemError[] = []
    const draft = check(item, (code, path, detail = details[code]) => errors.push({ code, path, detail }), index)
    if (errors.length > 0) faulty.push({ request_id: String(requestIdOf(item) ?? index), errors })
    return draft === undefined ? [] : [draft]
  })
  if (faulty.length > 0) throw invalid(faulty)
  return drafts
}

/** The same for the body of a PATCH of one record. */
export function checkOne<T>(body: unknown, check: (item: unknown, report: Report) => T | undefined): T {
  if (isEmpty(body)) throw emptyRequest()
  const [draft] = checkBatch([body], check)
  if (draft === undefined) throw emptyRequest()
  return draft
}

/** Reads an item by its zod schema; what does not fit is reported in amoCRM's words. */
export function readShape<T>(schema: z.ZodType<T>, item: unknown, report: Report, path: string[] = []): T | undefined {
  const parsed = schema.safeParse(item)
  if (parsed.success) return parsed.data
  for (const issue of parsed.error.issues) reportIssue(issue, report, path, item)
  return undefined
}

/** As sent, else the place in the request as a string. */
export const requestId = (sent: string | number | undefined, index: number) => sent ?? String(index)

/** On a change it is answered only where it was sent. */
export const requestIdIfSent = (request_id: string | number | undefined) =>
  request_id === undefined ? {} : { request_id }

export const requestIdShape = z.union([z.string(), z.int()]).optional()

function itemsOf(body: unknown): unknown[] {
  if (isEmpty(body)) throw emptyRequest()
  if (!Array.isArray(body)) throw invalid([{ request_id: '0', errors: [notAnArray] }])
  if (body.length > highestBatch) throw tooManyItems()
  return body
}

const notAnArray: ItemError = { code: 'InvalidType', path: '', detail: 'This value should be of type array.' }

function isEmpty(body: unknown) {
  return body === undefined || body === null || (typeof body === 'object' && Object.keys(body).length === 0)
}

function requestIdOf(item: unknown): unknown {
  return typeof item === 'object' && item !== null && 'request_id' in item ? item.request_id : undefined
}

function reportIssue(issue: z.core.$ZodIssue, report: Report, before: string[], item: unknown) {
  const path = [...before, ...issue.path.map(String)]
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) report('FieldNotExpected', [...path, key].join('.'))
  } else if (issue.code === 'invalid_type') {
    if (issue.path.length > 0 && valueAt(item, issue.path) === undefined) report('FieldMissing', path.join('.'))
    else report('InvalidType', path.join('.'), `This value should be of type ${wordFor(issue.expected)}.`)
  } else if (issue.code === 'invalid_value') {
    report('NotSupportedChoice', path.join('.'))
  } else {
    report('InvalidType', path.join('.'))
  }
}

function valueAt(item: unknown, path: PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    item,
  )
}

// PHP calls a JSON object an array.
function wordFor(expected: string) {
  const words: Record<string, string> = { number: 'int', object: 'array', record: 'array', boolean: 'bool' }
  return words[expected] ?? expected
}
