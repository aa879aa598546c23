import type { Context } from '../context.ts'
import { contactLinks, linksFrom } from '../crm/links.ts'
import { showTags } from '../crm/tags.ts'
import { showFieldValues } from '../fields/field-values.ts'
import { accountOf } from '../present/present.ts'
import { type FilledField, type Lead, lostStatus, type Status, wonStatus } from '../store/entities.ts'
import { createWording } from './wording.ts'

export type PageParts = ReturnType<typeof createPageParts>

/** What several pages show of a lead, a field or a moment. */
export function createPageParts({ store, clock }: Context) {
  return { brief, fieldLines, fieldByCode, times, wording }

  function brief(record: Lead) {
    const [main] = contactLinks(store, record.id)
    return {
      id: record.id,
      name: record.name,
      price: wording().money(record.price),
      contact: main && store.contacts.get(main.to_entity_id)?.name,
      products: linksFrom(store, 'leads', record.id, 'catalog_elements').length,
      stage: stageOf(record),
      tags: showTags(store, record.tags),
      ...times(record.created_at),
    }
  }

  function stageOf(record: Lead) {
    const pipeline = store.pipelines.get(record.pipeline_id)
    const status = pipeline?.statuses.find(({ id }) => id === record.status_id)
    return { pipeline: pipeline?.name, status: status?.name, kind: status ? kindOf(status) : 'open' }
  }

  function fieldLines(filled: FilledField[]) {
    return (showFieldValues(store, filled) ?? []).map(({ field_name, field_type, values }) => ({
      name: field_name,
      values: values.map(({ value }) => wording().fieldValue(field_type, value)),
    }))
  }

  function fieldByCode(filled: FilledField[], code: string) {
    return (showFieldValues(store, filled) ?? []).find(({ field_code }) => field_code === code)?.values[0]?.value
  }

  function times(seconds: number) {
    const [ms, now] = [seconds * 1000, clock.ms()]
    return { time: wording().moment(ms, now), age: wording().age(ms, now), iso: new Date(ms).toISOString() }
  }

  function wording() {
    const { timezone, currency } = accountOf(store)
    return createWording(timezone, currency)
  }
}

export const newestFirst = (a: Lead, b: Lead) => b.created_at - a.created_at || b.id - a.id

function kindOf({ id, type }: Status) {
  if (id === wonStatus) return 'won'
  if (id === lostStatus) return 'lost'
  return type === 1 ? 'unsorted' : 'open'
}
