import type { Card, FilledField } from '../store/entities.ts'
import { at, listOf, type QueryValue, rangeOf } from './query.ts'

type Filtered = Card & { pipeline_id?: number; status_id?: number; price?: number }

const lists = ['id', 'name', 'pipeline_id', 'created_by', 'updated_by', 'responsible_user_id'] as const
const ranges = ['created_at', 'updated_at', 'price', 'closed_at'] as const

/** `filter[...]` of leads, contacts and companies, for an account that has paid for it. */
export function filtered<T extends Filtered>(records: T[], filter: QueryValue): T[] {
  const tests = testsOf(filter)
  return records.filter((record) => tests.every((test) => test(record)))
}

type Test = (record: Filtered) => boolean

function testsOf(filter: QueryValue): Test[] {
  return [
    ...lists.flatMap((key) => listTest(key, filter)),
    ...ranges.flatMap((key) => rangeTest(key, filter)),
    ...fieldTests(filter),
    ...statusTest(filter),
  ]
}

function listTest(key: (typeof lists)[number], filter: QueryValue): Test[] {
  const wanted = listOf(at(filter, key))
  return wanted.length === 0 ? [] : [(record) => wanted.includes(String(record[key]))]
}

function rangeTest(key: (typeof ranges)[number], filter: QueryValue): Test[] {
  const range = rangeOf(at(filter, key))
  if (!range) return []
  return [
    (record) => {
      const value = Number(key in record ? Reflect.get(record, key) : Number.NaN)
      return value >= range.from && value <= range.to
    },
  ]
}

function fieldTests(filter: QueryValue): Test[] {
  const wanted = at(filter, 'custom_fields_values')
  if (wanted === undefined || typeof wanted === 'string') return []
  // A key that is not a field's number, such as PHONE, does nothing.
  const known = Object.entries(wanted).filter(([key]) => /^\d+$/.test(key))
  return known.map(([key, value]) => {
    const texts = listOf(value)
    return (record) => valuesOf(record.fields, Number(key)).some((each) => texts.includes(each))
  })
}

function valuesOf(fields: FilledField[], id: number): string[] {
  const values = fields.find((field) => field.field_id === id)?.values ?? []
  return values.map((each) => String(each.enum_id ?? each.value))
}

function statusTest(filter: QueryValue): Test[] {
  const sent = at(filter, 'statuses')
  if (sent === undefined || typeof sent === 'string') return []
  const pairs = Object.values(sent).map(
    (each) => `${listOf(at(each, 'pipeline_id'))[0]}:${listOf(at(each, 'status_id'))[0]}`,
  )
  return [(record) => pairs.includes(`${record.pipeline_id}:${record.status_id}`)]
}
