import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFieldFinder, type FieldReference } from '../../src/mapping/amo-fields.mapper.ts'
import type { CrmField } from '../../src/mapping/plan.ts'

function field(entity: CrmField['entity'], id: number, name: string, code: string | null = null): CrmField {
  return { entity, id, name, code, type: 'text', choices: [], isComputed: false, catalogIds: [] }
}

const fields = [
  field('companies', 31, 'Телефон', 'PHONE'),
  field('contacts', 21, 'Телефон', 'PHONE'),
  field('contacts', 22, 'Заметка', 'contacts.vip'),
  field('leads', 11, 'Доставка', 'Delivery'),
  field('leads', 12, 'Источник', 'UTM.SOURCE'),
  field('leads', 13, 'Ёлка  к празднику'),
  field('leads', 14, 'СУММА'),
  field('leads', 15, 'Сумма'),
  field('leads', 16, '1'),
]
const find = createFieldFinder(fields)

function found(reference: FieldReference) {
  const target = find(reference)
  return target && [target.field.id, target.part]
}

describe('a field is found', () => {
  it.each<[string, FieldReference, [number, string | null]]>([
    ['by its code, whatever its case', { code: 'delivery' }, [11, null]],
    ['by a code among the contacts before the companies', { code: 'PHONE' }, [21, null]],
    ['by a code of one entity', { code: 'PHONE', entity: 'companies' }, [31, null]],
    ['by entity and code', { code: 'companies.phone' }, [31, null]],
    ['by entity, code and kind', { code: 'CONTACTS.PHONE.WORK' }, [21, 'WORK']],
    ['by a code with a dot', { code: 'UTM.SOURCE' }, [12, null]],
    ['by a code with a dot behind its entity', { code: 'LEADS.UTM.SOURCE' }, [12, null]],
    ['by such a code with a part', { code: 'LEADS.UTM.SOURCE.city' }, [12, 'CITY']],
    ['by a code that looks like an entity and a code', { code: 'CONTACTS.VIP' }, [22, null]],
    ['with the part that is named apart', { code: 'CONTACTS.PHONE.WORK', part: 'HOME' }, [21, 'HOME']],
    ['by its id, with a part', { id: 11, part: 'city' }, [11, 'city']],
    ['by its id, though it has a code', { id: 21 }, [21, null]],
    ['by its name', { name: 'Доставка' }, [11, null]],
    ['by its name, case and spaces aside', { name: ' елка к  ПРАЗДНИКУ ' }, [13, null]],
    ['by its exact name before a like one', { name: 'Сумма' }, [15, null]],
    ['by the first of like names', { name: 'сумма' }, [14, null]],
    ['by id where the code is unknown', { code: 'NOPE', id: 11, name: 'Сумма' }, [11, null]],
    ['by name where neither is known', { code: 'NOPE', id: 1, name: 'Сумма' }, [15, null]],
  ])('%s', (_how, reference, expected) => expect(found(reference)).toEqual(expected))
})

it.each<[string, FieldReference]>([
  ['an unknown code', { code: 'NOPE' }],
  ['an unknown kind of entity', { code: 'CUSTOMERS.PHONE' }],
  ['another entity than the one that is asked', { code: 'CONTACTS.PHONE', entity: 'leads' }],
  ['an id of another entity', { id: 21, entity: 'leads' }],
  ['a code without one', { code: 'CONTACTS.' }],
  ['nothing', {}],
  ['empty words', { code: '', name: ' ' }],
])('%s is not found', (_what, reference) => expect(find(reference)).toBeNull())

it('nothing makes the search throw', () => {
  const word = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'CONTACTS.PHONE.', '..', 'constructor'))
  const reference = fc.record({ code: word, name: word, id: fc.integer() }, { requiredKeys: [] })
  fc.assert(fc.property(reference, (some) => void find(some)))
})
