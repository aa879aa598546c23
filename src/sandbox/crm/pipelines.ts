import { z } from 'zod'
import { type Report, readShape, requestIdShape } from '../http/batch.ts'
import { refused } from '../http/problems.ts'
import { lostStatus, type Pipeline, type Status, wonStatus } from '../store/entities.ts'
import type { Store } from '../store/store.ts'
import { bySort, newStatus, type SentStatus, sentStatusShape } from './statuses.ts'

const newPipelineShape = z.strictObject({
  name: z.string().min(1),
  sort: z.int().optional(),
  is_main: z.boolean().optional(),
  is_unsorted_on: z.boolean().optional(),
  _embedded: z.strictObject({ statuses: z.array(sentStatusShape).optional() }).optional(),
  request_id: requestIdShape,
})

const changedPipelineShape = z.strictObject({
  id: z.int().optional(),
  name: z.string().min(1).optional(),
  sort: z.int().optional(),
  is_main: z.boolean().optional(),
  is_unsorted_on: z.boolean().optional(),
})

type NewPipeline = z.infer<typeof newPipelineShape>
type ChangedPipeline = z.infer<typeof changedPipelineShape>

const mostPipelines = 50
export const mostStatuses = 100

export function checkNewPipeline(store: Store, item: unknown, report: Report): NewPipeline | undefined {
  const sent = readShape(newPipelineShape, item, report)
  if (!sent) return undefined
  if (store.pipelines.size >= mostPipelines) throw refused(`An account can have ${mostPipelines} pipelines`)
  const statuses = sent._embedded?.statuses ?? []
  if (systemStatuses(0, []).length + statuses.length > mostStatuses) report('TooMany', '_embedded.statuses')
  for (const [index, { id }] of statuses.entries()) {
    const isKnown = id === undefined || id === wonStatus || id === lostStatus
    if (!isKnown) report('NotSupportedChoice', `_embedded.statuses.${index}.id`)
  }
  return sent
}

export function checkChangedPipeline(item: unknown, report: Report): ChangedPipeline | undefined {
  return readShape(changedPipelineShape, item, report)
}

/** Every pipeline has an unsorted stage of its own and ends with the two that all share. */
export function createPipeline(store: Store, sent: NewPipeline): Pipeline {
  const id = store.pipelines.nextId()
  const stages = sent._embedded?.statuses ?? []
  const first = nextStatusId(store)
  const own = stages.filter((stage) => stage.id === undefined)
  const statuses = [
    ...systemStatuses(first, stages),
    ...own.map((stage, index) => newStatus(first + (index + 1) * 3, stage, (index + 2) * 10)),
  ].toSorted(bySort)
  const { name, sort = store.pipelines.size + 1, is_unsorted_on = true, is_main = false } = sent
  return save(store, { id, name, sort, is_main, is_unsorted_on, statuses })
}

export function changePipeline(store: Store, before: Pipeline, sent: ChangedPipeline): Pipeline {
  const { name = before.name, sort = before.sort, is_main = before.is_main } = sent
  const { is_unsorted_on = before.is_unsorted_on ?? true } = sent
  // The main pipeline stops being that only when another one becomes it.
  return save(store, { ...before, name, sort, is_main: is_main || before.is_main, is_unsorted_on })
}

/** A pipeline with leads in it, and the last one, have to stay. */
export function removePipeline(store: Store, { id, is_main }: Pipeline) {
  if (store.pipelines.size === 1) throw refused('The last pipeline can not be deleted')
  if (store.leads.all().some((lead) => lead.pipeline_id === id)) throw refused('The pipeline has leads in it')
  store.pipelines.remove(id)
  const [next] = store.pipelines.all()
  if (is_main && next) store.pipelines.put({ ...next, is_main: true })
}

export function nextStatusId(store: Store): number {
  const ids = store.pipelines.all().flatMap(({ statuses }) => statuses.map(({ id }) => id))
  return Math.max(32392156, ...ids) + 3
}

function systemStatuses(unsortedId: number, sent: SentStatus[]): Status[] {
  const named = (id: number, name: string) => sent.find((stage) => stage.id === id)?.name ?? name
  return [
    { id: unsortedId, name: 'Неразобранное', sort: 10, color: '#c1c1c1', type: 1 },
    { id: wonStatus, name: named(wonStatus, 'Успешно реализовано'), sort: 10000, color: '#CCFF66', type: 0 },
    { id: lostStatus, name: named(lostStatus, 'Закрыто и не реализовано'), sort: 11000, color: '#D5D8DB', type: 0 },
  ]
}

function save(store: Store, pipeline: Pipeline): Pipeline {
  if (pipeline.is_main) {
    const before = store.pipelines.all().filter(({ id, is_main }) => is_main && id !== pipeline.id)
    for (const other of before) store.pipelines.put({ ...other, is_main: false })
  }
  return store.pipelines.put(pipeline)
}
