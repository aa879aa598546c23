import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import ru from '../../config/translations/ru.ts'
import { completeValues, convertValue, mergeValues } from '../../src/mapping/field-values.ts'
import type { ApiValue } from '../../src/mapping/plan.ts'
import { accountField, accountFields } from '../fixtures/account.ts'
import { goodCases } from './value-cases.ts'

function convert(written: string, value: unknown, timeZone = 'Europe/Moscow') {
  const [code = '', part = null] = written.split('/')
  return convertValue({ field: accountField(code), part }, 'our.name', value, { timeZone })
}

it.each(goodCases)('%s takes %j as %j', (field, value, sent) => {
  expect(convert(field, value)).toEqual({ values: sent, problem: null })
})

it('a choice is known by its id too, unless another is called so', () => {
  const choices = [
    { id: 1, value: '2', code: null },
    { id: 2, value: 'Курьер', code: '1' },
  ]
  const target = { field: { ...accountField('DELIVERY'), choices }, part: null }
  const chosen = (value: unknown) => convertValue(target, 'x', value, { timeZone: 'UTC' }).values
  expect([chosen(1), chosen('2')]).toEqual([[{ enum_id: 1 }], [{ enum_id: 1 }]])
})

describe('what does not fit is told and not sent:', () => {
  it.each([
    [
      'SITE',
      'value_not_url',
      ['не сайт', 'сайт', 'javascript:alert(1)', 'mailto:a@b.ru', 'a@b.ru', '12.50', 'https://x'],
    ],
    ['WEIGHT', 'value_not_number', ['пять', '1,250', '1 2', '1,2,3', '1e3', '1e21', 1e21, '9007199254740993', '5 кг']],
    ['WEIGHT', 'value_not_number', ['0x10', 'Infinity', '--1', '₽', ['1', '2'], { a: 1 }, true, '1'.repeat(400)]],
    ['PREPAID', 'value_not_number', ['бесплатно']],
    ['LIFT', 'value_not_yes_no', ['может быть', '2', ['да', 'нет']]],
    [
      'DELIVERY_DATE',
      'value_not_date',
      ['31.02.2026', '29.02.2025', '32.01.2026', '04.13.2026', '00.07.2026', 'завтра'],
    ],
    ['DELIVERY_DATE', 'value_not_date', ['04.07.1899', '04.07.2101', '0026-07-04', '4 июля', '4 июуля 2026', '12:30']],
    [
      'DELIVERY_DATE',
      'value_not_date',
      ['2026', '20260704', 20260704, '9161234567', '04.07-2026', '04.07.2026 10:00-14:00'],
    ],
    ['DELIVERY_DATE', 'value_not_date', ['04.07.2026 10:00 -14', '04.07.2026 10:00-14', ['04.07.2026', '05.07.2026']]],
    [
      'DELIVERY_TIME',
      'value_not_date',
      [
        '04.07.2026 24:00',
        '04.07.2026 12:60',
        '2026-07-04T12:30:61',
        '2026-07-04T12:30:00+15:00',
        '12:30 13:30 04.07.2026',
      ],
    ],
    ['BIRTHDAY', 'value_not_date', ['в мае', '1'.repeat(100_000)]],
    ['DELIVERY', 'value_not_choice', ['Почта', ['Курьер', 'Самовывоз'], '1', '__proto__']],
    ['SHIP_TO/country', 'value_not_country', ['Атлантида', 'ZZ', 'EU', 'Russland!']],
    ['CHAIN', 'value_not_elements', ['Бак', ',', '1,2,3', '-1', '1.5', '9'.repeat(20), [{ id: 1 }]]],
    ['CONTRACT', 'value_not_file', ['договор.pdf', { file_uuid: 5 }, ['x']]],
  ])('%s, %s', (field, code, values) => {
    for (const value of values) {
      expect([value, convert(field, value)]).toEqual([
        value,
        { values: [], problem: { code, params: { field: expect.any(String), value: expect.any(String) } } },
      ])
    }
  })

  it.each(['ITEMS', 'LINKED', 'PAYER', 'SUPPLIER'])('a type that is not filled in: %s', (code) => {
    const { type } = accountField(code)
    const params = { field: `${accountField(code).name} (our.name)`, type, value: 'x' }
    expect(convert(code, 'x')).toEqual({ values: [], problem: { code: 'field_type', params } })
  })

  it('a field that the CRM works out itself', () => {
    const target = { field: { ...accountField('WEIGHT'), isComputed: true }, part: null }
    const { values, problem } = convertValue(target, 'our.name', '5', { timeZone: 'UTC' })
    expect([values, problem]).toEqual([[], { code: 'field_computed', params: { field: 'Вес (our.name)', value: '5' } }])
  })
})

describe('what fits in part is sent, and the rest is told:', () => {
  it.each<[string, unknown, ApiValue[], object]>([
    [
      'INTERESTS',
      'Баки, удочки, сети',
      [{ enum_id: accountField('INTERESTS').choices[0]?.id }],
      { code: 'value_not_choice', params: { value: 'удочки, сети' } },
    ],
    [
      'EXTRA_PHONE/HOMER',
      '1111111',
      [{ value: '1111111', enum_code: 'WORK' }],
      { code: 'value_kind_unknown', params: { part: 'HOMER', value: '1111111' } },
    ],
    [
      'SHIP_TO/floor',
      'третий',
      [{ value: 'третий', enum_code: 'address_line_1' }],
      { code: 'value_kind_unknown', params: { part: 'floor' } },
    ],
    [
      'SHIP_TO',
      { city: 'Пермь', floor: 3, country: 'Атлантида' },
      [{ value: 'Пермь', enum_code: 'city' }],
      { code: 'value_keys_unknown', params: { keys: 'floor, country' } },
    ],
    [
      'LEGAL',
      { name: 'ИП Ким', entity_type: 3, colour: 'red', __proto__: 'x' },
      [{ value: { name: 'ИП Ким' } }],
      { code: 'value_keys_unknown', params: { keys: 'entity_type, colour' } },
    ],
    ['LEGAL/colour', 'red', [], { code: 'value_keys_unknown', params: { keys: 'colour', value: 'red' } }],
  ])('%s of %j', (field, value, values, problem) => expect(convert(field, value)).toMatchObject({ values, problem }))

  it.each([
    ['я'.repeat(300), 'я'.repeat(256)],
    ['🚢'.repeat(300), '🚢'.repeat(256)],
    [`${'я'.repeat(255)}👨‍👩‍👧`, 'я'.repeat(255)],
    [`${'я'.repeat(255)}🇷🇺`, 'я'.repeat(255)],
    [`a${'\u0301'.repeat(1000)}`, `a${'\u0301'.repeat(255)}`],
  ])('a text of more than 256 characters: %s', (value, kept) => {
    const params = { field: 'Текст (our.name)', limit: '256', value }
    expect(convert('TEXT', value)).toEqual({ values: [{ value: kept }], problem: { code: 'field_cut', params } })
  })
})

describe('several values on one field', () => {
  const merged = (type: string, ...lists: ApiValue[][]) =>
    lists.reduce((earlier, later) => mergeValues(type, earlier, later))
  const work = { value: '1', enum_code: 'WORK' }
  const home = { value: '2', enum_code: 'HOME' }

  it.each<[string, ApiValue[][], ApiValue[]]>([
    ['multitext', [[work], [home], [{ ...work }]], [work, home]],
    ['multiselect', [[{ enum_id: 1 }], [{ enum_id: 2 }, { enum_id: 1 }]], [{ enum_id: 1 }, { enum_id: 2 }]],
    [
      'smart_address',
      [
        [{ value: 'Пермь', enum_code: 'city' }],
        [{ value: '614000', enum_code: 'zip' }],
        [{ value: 'Уфа', enum_code: 'city' }],
      ],
      [
        { value: 'Уфа', enum_code: 'city' },
        { value: '614000', enum_code: 'zip' },
      ],
    ],
    [
      'legal_entity',
      [[{ value: { vat_id: '1' } }], [{ value: { name: 'ИП Ким' } }]],
      [{ value: { vat_id: '1', name: 'ИП Ким' } }],
    ],
    ['legal_entity', [[], [{ value: { name: 'ИП Ким' } }]], [{ value: { name: 'ИП Ким' } }]],
    ['text', [[{ value: 'a' }], [{ value: 'b' }]], [{ value: 'b' }]],
    ['text', [[{ value: 'a' }], []], [{ value: 'a' }]],
  ])('of type %s: %j', (type, lists, expected) => expect(merged(type, ...lists)).toEqual(expected))

  it('are no legal entity without a name', () => {
    const target = { field: accountField('LEGAL'), part: 'vat_id' }
    const { values } = convert('LEGAL/инн', '590000')
    expect(values).toEqual([{ value: { vat_id: '590000' } }])
    const params = { field: 'Юр. лицо (our.name)', value: '590000' }
    expect(completeValues(target, 'our.name', values, '590000')).toEqual({
      values: [],
      problem: { code: 'value_no_name', params },
    })
    const named = mergeValues('legal_entity', values, convert('LEGAL', 'ИП Ким').values)
    expect(completeValues(target, 'our.name', named, '')).toEqual({ values: named, problem: null })
    expect(completeValues({ field: accountField('TEXT'), part: null }, 'x', [{ value: 'a' }], 'a').problem).toBeNull()
  })
})

it('nothing makes it throw, and every problem has its text', () => {
  const codes = new Set<string>()
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' }),
    fc.string().map(Number),
    fc.constantFrom('', null, undefined, [], [[]], {}),
  )
  const part = fc.oneof(
    fc.constant(null),
    fc.string(),
    fc.constantFrom('WORK', 'city', 'country', 'vat_id', '__proto__'),
  )
  const type = fc.constantFrom(...accountFields.map((field) => field.type), 'unheard_of', '__proto__')
  fc.assert(
    fc.property(fc.constantFrom(...accountFields), type, part, value, (field, type, part, value) => {
      const { problem } = convertValue({ field: { ...field, type }, part }, 'our.name', value, {
        timeZone: 'Europe/Kyiv',
      })
      if (problem) codes.add(problem.code)
    }),
    { numRuns: 3000 },
  )
  for (const code of codes) expect(Object.keys(ru)).toContain(`warning.${code}`)
})

it('takes no longer over a hostile value than over another', () => {
  const size = 300_000
  const values = [' ', '\n', ',', '1 ', '1,', 'a.', '/', '\u0301', '👨‍👩‍👧', '12:30 ', '01.01.', '-'].map(
    (text) => `1${text.repeat(size / text.length)}x`,
  )
  const before = performance.now()
  for (const value of values) for (const { code } of accountFields.slice(-26)) convert(code ?? '', value)
  expect((performance.now() - before) / values.length / 26).toBeLessThan(20)
})
