import { z } from 'zod'
import { type Report, readShape, requestIdShape } from '../http/batch.ts'
import { refused } from '../http/problems.ts'
import { isClosed, type Pipeline, type Status } from '../store/entities.ts'
import type { Store } from '../store/store.ts'

const settable = {
  sort: z.int().optional(),
  color: z.string().optional(),
  descriptions: z
    .array(z.strictObject({ level: z.enum(['newbie', 'candidate', 'master']), description: z.string() }))
    .optional(),
}

export const sentStatusShape = z.strictObject({ id: z.int().optional(), name: z.string().min(1), ...settable })
const newStatusShape = z.strictObject({ name: z.string().min(1), ...settable, request_id: requestIdShape })
const changedStatusShape = z.strictObject({ id: z.int().optional(), name: z.string().min(1).optional(), ...settable })

export type SentStatus = z.infer<typeof sentStatusShape>
type ChangedStatus = z.infer<typeof changedStatusShape>

export const checkNewStatus = (item: unknown, report: Report) => readShape(newStatusShape, item, report)

/** Of the stages that every pipeline ends with only the names can be changed, of the unsorted one nothing. */
export function checkChangedStatus(before: Status, item: unknown, report: Report): ChangedStatus | undefined {
  const sent = readShape(changedStatusShape, item, report)
  const fixed = before.type === 1 ? (['name', 'sort', 'color'] as const) : (['sort', 'color'] as const)
  if (sent && isSystem(before)) {
    for (const key of fixed) if (sent[key] !== undefined) report('FieldNotExpected', key)
  }
  return sent
}

export function newStatus(id: number, sent: SentStatus, sort: number): Status {
  const { name, color = '#99ccff', descriptions = [] } = sent
  return { id, name, sort: sent.sort ?? sort, color, type: 0, descriptions }
}

/** A new stage goes behind the others that are the account's own. */
export function addStatus(store: Store, pipeline: Pipeline, id: number, sent: SentStatus): Status {
  const last = Math.max(10, ...pipeline.statuses.filter((each) => !isClosed(each.id)).map(({ sort }) => sort))
  const status = newStatus(id, sent, last + 10)
  store.pipelines.put({ ...pipeline, statuses: [...pipeline.statuses, status].toSorted(bySort) })
  return status
}

export function changeStatus(store: Store, pipeline: Pipeline, before: Status, sent: ChangedStatus): Status {
  const {
    name = before.name,
    sort = before.sort,
    color = before.color,
    descriptions = before.descriptions ?? [],
  } = sent
  const status = { ...before, name, sort, color, descriptions }
  const statuses = pipeline.statuses.map((each) => (each.id === before.id ? status : each))
  store.pipelines.put({ ...pipeline, statuses: statuses.toSorted(bySort) })
  return status
}

export function removeStatus(store: Store, pipeline: Pipeline, status: Status) {
  if (isSystem(status)) throw refused('This status can not be deleted')
  const isUsed = store.leads
    .all()
    .some(({ pipeline_id, status_id }) => pipeline_id === pipeline.id && status_id === status.id)
  if (isUsed) throw refused('The status has leads in it')
  store.pipelines.put({ ...pipeline, statuses: pipeline.statuses.filter(({ id }) => id !== status.id) })
}

export const bySort = (a: Status, b: Status) => a.sort - b.sort || a.id - b.id

const isSystem = ({ id, type }: Status) => type === 1 || isClosed(id)
