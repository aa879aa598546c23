import { z } from 'zod'
import type { Filter } from '../inbox/filter.ts'
import type { Scope } from '../inbox/run-scope.ts'
import { type Calendar, fieldsOf, type ListQuery, queryOf, readListQuery } from './list-query.ts'

/** What a list or a link asks to be sent again, or what of it was not understood. */
export type AskedScope =
  | { scope: Scope /** The same as fields of a form. */; fields: [name: string, value: string][] }
  | { fault: 'nothing' | 'not_understood'; names?: string[] }

const mostTicked = 500

const ticked = z
  .union([z.uuid().transform((id) => [id]), z.array(z.uuid()).min(1).max(mostTicked)])
  .transform((ids) => [...new Set(ids)].sort())
const text = z.string().min(1).max(190).optional()
const scopeForm = z.object({
  /** Orders that were ticked. */
  id: ticked.optional(),
  /** The run whose failures are meant. */
  of: z.uuid().optional(),
  /** A detail of the cause; empty: none was named. */
  cause: z.string().max(190).optional(),
  accept_as: text,
})

/** Filters that are not understood stop it: without them, others would be sent, too. */
export function readScope(given: Record<string, unknown>, calendar: Calendar, { isForm = false } = {}): AskedScope {
  const { _csrf, token, name, all, id, of, cause, accept_as, ...filters } = given
  const read = scopeForm.safeParse({ id, of, cause, accept_as })
  if (!read.success) return { fault: 'not_understood', names: faultyNames(read.error) }
  const { data } = read
  const acceptAs = data.accept_as && { acceptAs: data.accept_as }
  if (data.id) return { scope: { ids: data.id, ...acceptAs }, fields: data.id.map((each) => ['id', each]) }
  if (data.of) return { scope: { failedOf: data.of, ...acceptAs }, fields: [['of', data.of]] }
  if (isForm && all === undefined) return { fault: 'nothing' }
  const query = readListQuery(filters, calendar)
  if (query.ignored.length > 0) return { fault: 'not_understood', names: query.ignored }
  return ofFilter(query, data.cause, acceptAs || {})
}

function ofFilter(query: ListQuery, cause: string | undefined, acceptAs: { acceptAs?: string }): AskedScope {
  const filter: Filter = JSON.parse(JSON.stringify(query.filter))
  const fields = Object.entries(fieldsOf(query)).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  )
  return {
    scope: { filter, ...(cause !== undefined && { cause }), ...acceptAs },
    fields: [['all', '1'], ...fields, ...(cause === undefined ? [] : [['cause', cause] as [string, string]])],
  }
}

function faultyNames(error: z.ZodError) {
  return [...new Set(error.issues.map(({ path }) => String(path[0])))]
}

/** Where the list shows them. */
export function listOf({ state, retrying, leadless, text: q, from, until, reason, source, form, partner }: Filter) {
  const iso = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString())
  const shown = state === 'pending' && retrying ? 'retrying' : state
  const lead = leadless && 'none'
  return queryOf({ q, state: shown, reason, source, form, partner, lead, from: iso(from), to: iso(until) })
}
