import type { ApiValue } from '../../src/mapping/plan.ts'
import { accountField } from '../fixtures/account.ts'

/** Code of a field of the account, with a part behind a slash; what an order says; what amoCRM is sent. */
type ValueCase = [field: string, value: unknown, sent: ApiValue[]]

const each = (field: string, values: unknown[], sent: unknown): ValueCase[] =>
  values.map((value) => [field, value, [{ value: sent }]])

const choice = (code: string, index: number): ApiValue => ({ enum_id: accountField(code).choices[index]?.id })
const phone = (value: string, enum_code = 'WORK'): ApiValue => ({ value, enum_code })
const line = (enum_code: string, value: string): ApiValue => ({ value, enum_code })

/** In an account of Moscow's time. */
export const goodCases: ValueCase[] = [
  ...each('TEXT', [' abc ', '\nabc\r\n', ['abc'], [null, 'abc', '']], 'abc'),
  ...each('TEXT', ['один\r\n  два\n\nтри'], 'один два три'),
  ...each('TEXT', [7, '7'], '7'),
  ...each('TEXT', [false], 'false'),
  ...each('TEXT', [['a', ['b', 1]]], 'a, b, 1'),
  ...each('TEXT', [{ a: 'b' }], '{"a":"b"}'),
  ...each('TEXT', ['я'.repeat(256)], 'я'.repeat(256)),
  ...each('TEXTAREA', [' один\r\nдва\rтри\n'], 'один\nдва\nтри'),
  ...each('TEXTAREA', ['🚢'.repeat(3000)], '🚢'.repeat(3000)),
  ...each('STREET', ['ул. Мира,\n5'], 'ул. Мира, 5'),
  ...each('UTM.SOURCE', ['google'], 'google'),

  ...each('SITE', ['example.ru/a', '//example.ru/a', 'https://example.ru/a'], 'https://example.ru/a'),
  ...each('SITE', ['http://10.0.0.1:8080/?q=1#x'], 'http://10.0.0.1:8080/?q=1#x'),
  ...each('SITE', ['пример.рф'], 'https://пример.рф'),
  ...each('SITE', ['shop.example.ru:8443'], 'https://shop.example.ru:8443'),

  ...each('WEIGHT', ['1250.50', '1250,5', '1 250,50', '1\u00a0250.5', '1,250.50', '1.250,50', 1250.5], '1250.5'),
  ...each('WEIGHT', ['1250,5000', '+1250.5', '1 250,5 ₽', '1250.50 руб.', '1250.5руб', '$1,250.50'], '1250.5'),
  ...each('WEIGHT', ['1250.5 р.', '1250.5 RUB', '1250,50 грн.', 'EUR 1250.5'], '1250.5'),
  ...each('WEIGHT', ['-5', '−5', '–5', '- 5', -5, '-5 ₽', '$-5'], '-5'),
  ...each('WEIGHT', ['1 234 567', '1,234,567.00', '1.234.567,00'], '1234567'),
  ...each('WEIGHT', ['0,125', '.125', 0.125], '0.125'),
  ...each('WEIGHT', ['0', '-0', -0, '0,00'], '0'),
  ...each('WEIGHT', [1e-7, '0.0000001'], '0.0000001'),
  ...each('WEIGHT', ['9007199254740991'], '9007199254740991'),
  ...each('PREPAID', ['12500.0000'], '12500'),
  ...each('COST', [['99,90']], '99.9'),

  ...each('LIFT', ['да', ' ДА ', 'true', true, 'Yes', 'y', 1, '1', 'on', 'вкл', 'Включено', 'есть', '+', ['on']], true),
  ...each('LIFT', ['нет', 'FALSE', false, 'no', 0, '0', 'off', 'выкл', '-', '−'], false),

  ...each(
    'DELIVERY_DATE',
    [
      '2026-07-04',
      '2026-7-4',
      '2026/07/04',
      '2026-07-04 12:30:00',
      '2026-07-04T00:00:00+03:00',
      '2026-07-03T21:00:00Z',
      '2026-07-04T20:59:59.999Z',
      '04.07.2026',
      '4.7.26',
      '04/07/2026',
      '4-07-2026',
      '04.07.2026 г.',
      '04.07.2026 23:59',
      '12:30 04.07.2026',
      '4 июля 2026 г.',
      '4 ИЮЛЯ 2026 года, 12:30',
      '04 июл. 2026',
      '4 липня 2026 р.',
      '4 July 2026',
      '1783112400',
      1783112400,
      '1783112400000',
      1783198799999,
    ],
    '2026-07-04T00:00:00+03:00',
  ),
  ...each('DELIVERY_DATE', ['29.02.2024', '29 февраля 2024'], '2024-02-29T00:00:00+03:00'),
  ...each('DELIVERY_DATE', ['1.1.68'], '2068-01-01T00:00:00+03:00'),
  ...each('DELIVERY_DATE', ['1.1.69'], '1969-01-01T00:00:00+03:00'),
  ...each(
    'DELIVERY_TIME',
    [
      '2026-07-04 12:30:00',
      '2026-07-04T12:30',
      '2026-07-04T12:30:00.250',
      '2026-07-04T12:30:00+03:00',
      '2026-07-04 12:30:00 +0300',
      '2026-07-04T09:30:00Z',
      '2026-07-04T05:30-04',
      '04.07.2026 12:30',
      '04.07.2026, 12:30:00',
      '04.07.2026 в 12:30',
      '12:30 04.07.2026',
      '12:30, 4 июля 2026 г.',
      '4 июля 2026 г. 12:30',
      '1783157400',
      1783157400000,
    ],
    '2026-07-04T12:30:00+03:00',
  ),
  ...each('DELIVERY_TIME', ['04.07.2026'], '2026-07-04T00:00:00+03:00'),
  ...each('DELIVERY_TIME', ['1.1.1900 9:05'], '1900-01-01T09:05:00+02:30'),
  ...each('BIRTHDAY', ['12.05.1990', '1990-05-11T21:00:00.000Z', '12.5.90'], '1990-05-12T00:00:00+04:00'),
  ...each('BIRTHDAY', ['1.2.30'], '1930-02-01T00:00:00+02:00'),
  ...each('BIRTHDAY', ['1.2.29'], '2029-02-01T00:00:00+03:00'),

  ...['Курьер', ' курьер ', 'COURIER', ['Курьер']].map(
    (value): ValueCase => ['DELIVERY', value, [choice('DELIVERY', 0)]],
  ),
  ['DELIVERY', 'елки  И сосны', [choice('DELIVERY', 2)]],
  ['PAYMENT', 'card', [choice('PAYMENT', 1)]],
  ['GROUP', 'автоклавы', [choice('GROUP', 1)]],
  ...['Баки, насосы', 'баки;PUMPS,', 'баки\nнасосы', ['Баки', 'Насосы'], ['Баки, Насосы', 'баки']].map(
    (value): ValueCase => ['INTERESTS', value, [choice('INTERESTS', 0), choice('INTERESTS', 1)]],
  ),
  ['INTERESTS', { 0: 'Баки', 2: 'насосы' }, [choice('INTERESTS', 0), choice('INTERESTS', 1)]],
  ['INTERESTS', 'трубы, фитинги', [choice('INTERESTS', 2)]],
  ['INTERESTS', ['Баки', 'Трубы, фитинги'], [choice('INTERESTS', 0), choice('INTERESTS', 2)]],

  ['EXTRA_PHONE', ' +7 (912) 345-67-89 ', [phone('+7 (912) 345-67-89')]],
  ['EXTRA_PHONE', 79123456789, [phone('79123456789')]],
  ['EXTRA_PHONE', '1111111, 2222222; 1111111', [phone('1111111'), phone('2222222')]],
  ['EXTRA_PHONE', '+7(901)2223344 / 8 901 333-44-55', [phone('+7(901)2223344'), phone('8 901 333-44-55')]],
  ['EXTRA_PHONE', ['1111111', '', '2222222'], [phone('1111111'), phone('2222222')]],
  ['EXTRA_PHONE', '+7 495 123-45-67, доб. 89', [phone('+7 495 123-45-67, доб. 89')]],
  ['EXTRA_PHONE', { home: '1111111', work: null }, [phone('1111111')]],
  ['EXTRA_PHONE/HOME', '1111111', [phone('1111111', 'HOME')]],
  ['EXTRA_PHONE/mob', '1111111', [phone('1111111', 'MOB')]],
  ['MESSENGER', '@ivan', [{ value: '@ivan', ...choice('MESSENGER', 0) }]],
  ['MESSENGER/viber', '1111111', [{ value: '1111111', ...choice('MESSENGER', 1) }]],

  ['SHIP_TO', 'ул. Мира, 5', [line('address_line_1', 'ул. Мира, 5')]],
  ['SHIP_TO/CITY', 'Пермь', [line('city', 'Пермь')]],
  ...['Россия', 'RUSSIA', 'ru', 'РФ', 'росія'].map(
    (value): ValueCase => ['SHIP_TO/country', value, [line('country', 'RU')]],
  ),
  ...['США', 'United States', 'us'].map((value): ValueCase => ['SHIP_TO/country', value, [line('country', 'US')]]),
  ['SHIP_TO/country', 'UK', [line('country', 'GB')]],
  [
    'SHIP_TO',
    { City: ' Пермь ', zip: 614000, country: 'Казахстан', state: '' },
    [line('city', 'Пермь'), line('zip', '614000'), line('country', 'KZ')],
  ],

  ...each('LEGAL', ['ООО «Ромашка»'], { name: 'ООО «Ромашка»' }),
  ...each('LEGAL/name', ['ООО «Ромашка»'], { name: 'ООО «Ромашка»' }),
  ...each('LEGAL', [{ name: 'ИП Ким', ИНН: 590000000000, entity_type: '2', kpp: null }], {
    name: 'ИП Ким',
    vat_id: '590000000000',
    entity_type: 2,
  }),

  ['CHAIN', '12235', [{ catalog_id: 4521, catalog_element_id: 12235 }]],
  ['CHAIN', 12235, [{ catalog_id: 4521, catalog_element_id: 12235 }]],
  ...['12235, 777', [12235, '777']].map(
    (value): ValueCase => [
      'CHAIN',
      value,
      [
        { catalog_id: 4521, catalog_element_id: 12235 },
        { catalog_id: 4523, catalog_element_id: 777 },
      ],
    ],
  ),
  ...each('CONTRACT', [{ file_uuid: 'aa-1', file_name: 'Договор.pdf', file_size: '120', url: 'x' }], {
    file_uuid: 'aa-1',
    file_name: 'Договор.pdf',
    file_size: 120,
  }),
]
