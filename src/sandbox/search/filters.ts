import { type Settings, settingsOf } from '../control/settings.ts'
import { closestTask } from '../crm/tasks.ts'
import { at, listOf, type QueryValue, rangeOf } from '../http/query.ts'
import type { Card, EntityType, FilledField } from '../store/entities.ts'
import type { Store } from '../store/store.ts'

type Filtered = Card & { pipeline_id?: number; status_id?: number; price?: number; closed_at?: number | null }
type Test = (record: Filtered) => boolean
type Compare = (value: string, wanted: string[]) => boolean

const lists = ['id', 'created_by', 'updated_by', 'responsible_user_id'] as const
const ranges = ['created_at', 'updated_at'] as const
const leadRanges = ['price', 'closed_at'] as const

/** `filter[...]` of leads, contacts and companies: as much of it as the account has paid for. */
export function filtered<T extends Filtered>(store: Store, type: EntityType, records: T[], filter: QueryValue): T[] {
  const { is_api_filter_enabled, filters_off, text_filter, checkbox_filter } = settingsOf(store)
  if (!is_api_filter_enabled && filters_off === 'ignore_all') return records
  const compare = comparisons[text_filter]
  const tests = [
    ...lists.flatMap((key) => listTest(key, filter)),
    ...ranges.flatMap((key) => rangeTest(key, filter)),
    ...taskTest(store, type, filter),
    ...nameTest(filter, compare),
    ...(type === 'leads' ? leadTests(filter) : []),
    ...(is_api_filter_enabled ? fieldTests(store, filter, { compare, checkbox_filter }) : []),
  ]
  return records.filter((record) => tests.every((test) => test(record)))
}

const comparisons: Record<Settings['text_filter'], Compare> = {
  exact: (value, wanted) => wanted.includes(value),
  exact_any_case: (value, wanted) => wanted.some((text) => value.toLowerCase() === text.toLowerCase()),
  substring: (value, wanted) => wanted.some((part) => value.toLowerCase().includes(part.toLowerCase())),
}

function leadTests(filter: QueryValue): Test[] {
  return [
    ...listTest('pipeline_id', filter),
    ...leadRanges.flatMap((key) => rangeTest(key, filter)),
    ...statusTest(filter),
  ]
}

function listTest(key: (typeof lists)[number] | 'pipeline_id', filter: QueryValue): Test[] {
  const wanted = listOf(at(filter, key))
  return wanted.length === 0 ? [] : [(record) => wanted.includes(String(record[key]))]
}

function rangeTest(key: (typeof ranges)[number] | (typeof leadRanges)[number], filter: QueryValue): Test[] {
  const range = rangeOf(at(filter, key))
  if (!range) return []
  return [
    (record) => {
      const value = record[key] ?? Number.NaN
      return value >= range.from && value <= range.to
    },
  ]
}

function taskTest(store: Store, type: EntityType, filter: QueryValue): Test[] {
  const range = rangeOf(at(filter, 'closest_task_at'))
  if (!range) return []
  return [
    ({ id }) => {
      const till = closestTask(store, type, id) ?? Number.NaN
      return till >= range.from && till <= range.to
    },
  ]
}

function nameTest(filter: QueryValue, compare: Compare): Test[] {
  const wanted = listOf(at(filter, 'name'))
  return wanted.length === 0 ? [] : [({ name }) => compare(name, wanted)]
}

function statusTest(filter: QueryValue): Test[] {
  const sent = at(filter, 'statuses')
  if (sent === undefined || typeof sent === 'string') return []
  const pairs = Object.values(sent).map(
    (each) => `${listOf(at(each, 'pipeline_id'))[0]}:${listOf(at(each, 'status_id'))[0]}`,
  )
  return [(record) => pairs.includes(`${record.pipeline_id}:${record.status_id}`)]
}

const byText = ['text', 'url', 'textarea', 'streetaddress']
const byRange = ['numeric', 'date', 'date_time']
const byChoice = ['select', 'multiselect', 'radiobutton']

interface Manner extends Pick<Settings, 'checkbox_filter'> {
  compare: Compare
}

function fieldTests(store: Store, filter: QueryValue, manner: Manner): Test[] {
  const wanted = at(filter, 'custom_fields_values')
  if (wanted === undefined || typeof wanted === 'string') return []
  return Object.entries(wanted).flatMap(([key, value]) => fieldTest(store, key, value, manner))
}

// A key that is not a field's number, such as PHONE, does nothing; nor does a field of a type that has no filter.
function fieldTest(store: Store, key: string, wanted: QueryValue, { compare, checkbox_filter }: Manner): Test[] {
  const { id, type } = (/^\d+$/.test(key) ? store.fields.get(Number(key)) : undefined) ?? { id: 0, type: '' }
  const texts = listOf(wanted)
  const test = (fits: (value: unknown) => boolean): Test[] => [({ fields }) => valuesOf(fields, id).some(fits)]
  if (byRange.includes(type) && isRange(wanted)) {
    const range = rangeOf(wanted)
    return test((value) => range !== undefined && Number(value) >= range.from && Number(value) <= range.to)
  }
  if (byText.includes(type)) return test((value) => compare(String(value), texts))
  if (byRange.includes(type) || byChoice.includes(type)) return test((value) => texts.includes(String(value)))
  if (type !== 'checkbox' || checkbox_filter === (typeof wanted === 'string' ? 'list' : 'scalar')) return []
  return test((value) => texts.includes(value === true ? '1' : '0'))
}

const isRange = (value: QueryValue) => at(value, 'from') !== undefined || at(value, 'to') !== undefined

/** Choices are looked for by the id of the choice, everything else by the value. */
function valuesOf(fields: FilledField[], id: number): unknown[] {
  const values = fields.find((field) => field.field_id === id)?.values ?? []
  return values.map((each) => each.enum_id ?? each.value)
}
