import type { Kysely } from 'kysely'
import type { Tables } from '../database/tables.ts'
import { type AuditAction, firstIdAt } from './audit.ts'

export type AuditEntry = Awaited<ReturnType<AuditLog['list']>>['entries'][number]
export type AuditLog = ReturnType<typeof createAuditLog>

export interface AuditFilter {
  login?: string | undefined
  action?: AuditAction | undefined
  target?: string | undefined
  /** Unix ms, the first that counts and the first that does not. */
  from?: number | undefined
  until?: number | undefined
}

/** What stands in the audit log, the newest first. */
export function createAuditLog(db: Kysely<Tables>) {
  /** `next` is the cursor of what is older; null: nothing is. */
  async function list({ login, action, target, from, until }: AuditFilter, limit: number, cursor?: string) {
    let query = db.selectFrom('audit').selectAll()
    if (login !== undefined) query = query.where('login', '=', login)
    if (action !== undefined) query = query.where('action', '=', action)
    if (target !== undefined) query = query.where('target', '=', target)
    if (from !== undefined) query = query.where('id', '>=', firstIdAt(from))
    if (until !== undefined) query = query.where('id', '<', firstIdAt(until))
    if (cursor !== undefined) query = query.where('id', '<', cursor)
    const rows = await query
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute()
    const entries = rows.slice(0, limit).map(({ was, became, ...row }) => ({ ...row, changes: changesOf(was, became) }))
    return { entries, next: rows.length > limit ? (entries.at(-1)?.id ?? null) : null }
  }

  return { list }
}

export interface Change {
  /** What changed; null where it has no name. */
  name: string | null
  was: string | null
  became: string | null
}

/** What changed, name by name. */
function changesOf(was: string | null, became: string | null): Change[] {
  const [before, after] = [parse(was), parse(became)]
  if (!isObject(before ?? after ?? {}) || !isObject(after ?? {}))
    return [{ name: null, was: inWords(before), became: inWords(after) }]
  const [old, fresh] = [before ?? {}, after ?? {}] as Record<string, unknown>[]
  const names = new Set([...Object.keys(old ?? {}), ...Object.keys(fresh ?? {})])
  return [...names].map((name) => ({ name, was: inWords(old?.[name]), became: inWords(fresh?.[name]) }))
}

function parse(json: string | null): unknown {
  return json === null ? null : JSON.parse(json)
}

function isObject(value: unknown) {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function inWords(value: unknown): string | null {
  if (value === undefined || value === null) return null
  if (Array.isArray(value)) return value.map(inWords).join(', ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
