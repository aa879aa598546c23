import type { Kysely } from 'kysely'
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
  'note',
] as const
export type StepName = (typeof stepNames)[number]

interface StepAnswer {
  state: Exclude<StepState, 'sent'>
  status: number | null
  request: string | null
  answer: string | null
}

/** Records that a step is about to be sent; the result records what became of it. */
export async function beginStep(
  db: Kysely<Tables>,
  { id, attempt }: Claim,
  ordinal: number,
  name: StepName,
  now: () => number,
) {
  const step = { message_id: id, attempt, ordinal }
  await db
    .insertInto('steps')
    .values({ ...step, name, state: 'sent', started_at: now() })
    .execute()

  return async function endStep({ state, status, request, answer }: StepAnswer) {
    await db
      .updateTable('steps')
      .set({ state, finished_at: now(), http_status: status, request, answer })
      .where('message_id', '=', id)
      .where('attempt', '=', attempt)
      .where('ordinal', '=', ordinal)
      .execute()
  }
}
