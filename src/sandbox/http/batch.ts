import { z } from 'zod'
import { settingsOf } from '../control/settings.ts'
import type { Store } from '../store/store.ts'
import { emptyRequest, type ItemError, invalid, tooManyItems } from './problems.ts'

const highestBatch = 250

export type Report = (code: string, path: string, detail?: string) => void

const details: Record<string, string> = {
  NotSupportedChoice: 'The value you selected is not a valid choice.',
  InvalidType: 'This value is not valid.',
  FieldNotExpected: 'This field was not expected.',
  FieldMissing: 'This field is missing.',
  TooLong: 'This value is too long.',
  TooMany: 'There are too many values.',
}

/**
 * Checks every item of a write; one faulty item refuses the whole request.
 * `check` reports what is wrong with an item and returns what is to be written.
 */
export function checkBatch<T>(
  body: unknown,
  check: (item: unknown, report: Report, index: number) => T | undefined,
): T[] {
  const judged = itemsOf(body).map((item, index) => judge(item, index, check))
  const faulty = judged.filter(({ errors }) => errors.length > 0)
  if (faulty.length > 0) throw invalid(faulty.map(faultOf))
  return judged.flatMap(({ draft }) => (draft === undefined ? [] : [draft]))
}

interface Batch<Draft, Result> {
  check: (item: unknown, report: Report, index: number) => Draft | undefined
  /** Writes what was found good and gives what is answered for it. */
  write: (draft: Draft, index: number) => Result
  limit?: number
  limitStatus?: number
}

/**
 * Checks and writes item by item, so that each sees what those before it made. A faulty item takes the whole request
 * back, unless the settings say that the good ones stay.
 */
export function writeBatch<Draft, Result>(store: Store, body: unknown, batch: Batch<Draft, Result>): Result[] {
  const { batch_failure, batch_limit_status } = settingsOf(store)
  const { check, write, limit = highestBatch, limitStatus = batch_limit_status } = batch
  const items = itemsOf(body, limit, limitStatus)
  const faulty: Judged<Draft>[] = []
  const results = store.write(() => {
    const written = items.flatMap((item, index) => {
      const judged = judge(item, index, check)
      if (judged.errors.length > 0) faulty.push(judged)
      return judged.draft === undefined || judged.errors.length > 0 ? [] : [write(judged.draft, index)]
    })
    if (faulty.length > 0 && (batch_failure === 'atomic' || written.length === 0)) throw invalid(faulty.map(faultOf))
    return written
  })
  if (faulty.length > 0 && batch_failure === 'partial_400') throw invalid(faulty.map(faultOf))
  return results
}

interface Judged<Draft> {
  request_id: string
  errors: ItemError[]
  draft: Draft | undefined
}

function judge<Draft>(item: unknown, index: number, check: Batch<Draft, unknown>['check']): Judged<Draft> {
  const errors: ItemError[] = []
  const report: Report = (code, path, detail = details[code] ?? code) => errors.push({ code, path, detail })
  const draft = check(item, report, index)
  return { request_id: String(requestIdOf(item) ?? index), errors, draft }
}

const faultOf = ({ request_id, errors }: Judged<unknown>) => ({ request_id, errors })

/** Reports of a part of an item, with the way to that part before each path. */
export const within =
  (place: string, report: Report): Report =>
  (code, path, detail) =>
    report(code, path === '' ? place : `${place}.${path}`, detail)

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

function itemsOf(body: unknown, limit = highestBatch, limitStatus = 422): unknown[] {
  if (isEmpty(body)) throw emptyRequest()
  if (!Array.isArray(body)) throw invalid([{ request_id: '0', errors: [notAnArray] }])
  if (body.length > limit) throw tooManyItems(limit, limitStatus)
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
  } else if (issue.code === 'too_big' && issue.origin === 'array') {
    report('TooMany', path.join('.'))
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
