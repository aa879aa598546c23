import type { Transaction } from 'kysely'
import type { StepState, Tables } from '../database/tables.ts'
import type { Claim } from './message.ts'

export const stepNames = [
  'recover',
  'partner',
  'contact',
  'company',
  'company_link',
  'lead',
  'elements',
  'products',
  'products_check',
  'note_check',
  'note',
] as const
export type StepName = (typeof stepNames)[number]

/** One effect of an attempt on the CRM: planned, sent, and what became of it. */
export interface StepRecord {
  ordinal: number
  /** Of a step that is not on record yet. */
  first?: { name: StepName; startedAt: number }
  state: StepState
  sent_at?: number
  finished_at?: number
  host?: string | null
  orders?: number
  http_status?: number | null
  request?: string | null
  answer?: string | null
}

/** Writes steps of an attempt in their order; those that are not on record yet in one statement. */
export async function writeSteps(db: Transaction<Tables>, { id, attempt }: Claim, steps: StepRecord[]) {
  const added = steps.flatMap(({ first, ...values }) =>
    first ? [{ message_id: id, attempt, name: first.name, started_at: first.startedAt, ...values }] : [],
  )
  if (added.length > 0) await db.insertInto('steps').values(added).execute()
  for (const { ordinal, first, ...values } of steps) {
    if (first) continue
    await db
      .updateTable('steps')
      .set(values)
      .where('message_id', '=', id)
      .where('attempt', '=', attempt)
      .where('ordinal', '=', ordinal)
      .execute()
  }
}
