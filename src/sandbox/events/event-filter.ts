import { type ItemError, invalid } from '../http/problems.ts'
import { at, fits, listOf, type QueryValue, rangeOf } from '../http/query.ts'
import type { AccountEvent, EventValue } from '../store/news-entities.ts'

type Test = (event: AccountEvent) => boolean

const most = 10
const fieldType = /^custom_field_\d+_value_changed$/

/** `filter[...]` of the events; it works in every account. */
export function askedEvents(query: QueryValue): Test {
  // The official SDK sends lists with commas.
  const list = (key: string) => wordsOf(at(query, 'filter', key))
  const [ids, types, entities] = [list('id'), list('type'), list('entity')]
  const [entityIds, authors] = [list('entity_id'), list('created_by')]
  refuseTooMuch({ entityIds, authors, entities, types })
  const created = rangeOf(at(query, 'filter', 'created_at'))
  const tests = (['value_before', 'value_after'] as const).flatMap((key) => valueTests(key, at(query, 'filter', key)))
  return (event) => {
    if (created && !(event.created_at >= created.from && event.created_at <= created.to)) return false
    if (!fits(ids, event.id) || !fitsType(types, event.type)) return false
    if (!fits(entities, event.entity_type) || !fits(entityIds, event.entity_id)) return false
    return fits(authors, event.created_by) && tests.every((test) => test(event))
  }
}

const wordsOf = (value: QueryValue) => listOf(value).flatMap((text) => text.split(',').map((word) => word.trim()))

function fitsType(types: string[], type: string) {
  return fits(types, type) || (fieldType.test(type) && types.includes('custom_field_value_changed'))
}

interface Asked {
  entityIds: string[]
  authors: string[]
  entities: string[]
  types: string[]
}

function refuseTooMuch({ entityIds, authors, entities, types }: Asked) {
  const faults: [boolean, string][] = [
    [authors.length > most, 'filter.created_by'],
    [entityIds.length > most, 'filter.entity_id'],
    [entityIds.length > 0 && entities.length !== 1, 'filter.entity'],
    [types.length > 1 && types.some((type) => fieldType.test(type)), 'filter.type'],
  ]
  const errors = faults.flatMap(([isFault, path]): ItemError[] =>
    isFault ? [{ code: 'InvalidType', path, detail: 'This value is not valid.' }] : [],
  )
  if (errors.length > 0) throw invalid([{ request_id: '0', errors }])
}

/** By the value before or after, where the kind of event has one. */
function valueTests(key: 'value_before' | 'value_after', filter: QueryValue): Test[] {
  const some =
    (test: (value: EventValue) => boolean): Test =>
    (event) =>
      event[key].some(test)
  const list = (name: string) => wordsOf(at(filter, name))
  const [users, enums, values] = [list('responsible_user_id'), list('custom_field_values'), listOf(at(filter, 'value'))]
  const stages = at(filter, 'leads_statuses')
  const pairs = typeof stages === 'object' ? Object.values(stages).map(stageOf) : []
  return [
    ...(users.length > 0 ? [some((value) => users.includes(String(value['responsible_user']?.['id'])))] : []),
    ...(enums.length > 0 ? [some((value) => enums.includes(String(value['custom_field_value']?.['enum_id'])))] : []),
    ...(values.length > 0 ? [some((value) => values.includes(exactOf(value)))] : []),
    ...(pairs.length > 0
      ? [
          some(({ lead_status: stage }) => {
            return stage !== undefined && pairs.includes(`${stage['pipeline_id']}:${stage['id']}`)
          }),
        ]
      : []),
  ]
}

const stageOf = (pair: QueryValue) => `${listOf(at(pair, 'pipeline_id'))[0]}:${listOf(at(pair, 'status_id'))[0]}`

function exactOf({ sale_field_value, name_field_value, custom_field_value }: EventValue) {
  return String(sale_field_value?.['sale'] ?? name_field_value?.['name'] ?? custom_field_value?.['text'])
}
