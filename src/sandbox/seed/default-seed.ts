import { lostStatus, wonStatus } from '../store/entities.ts'
import type { Seed } from './seed-shape.ts'

/** A wholesaler who ships for partners: the account that a fresh sandbox shows. */
export function defaultSeed(): Seed {
  return {
    account: { id: 31000001, name: 'Паром: песочница', subdomain: 'sandbox' },
    users: [{ id: 504141, name: 'Администратор', email: 'admin@sandbox.example' }],
    pipelines: [
      pipeline(1731979, 'Дропшиппинг', true, 26034985, [
        { id: 26034988, name: 'Новый заказ', color: '#99ccff' },
        { id: 26034991, name: 'В работе', color: '#ffff99' },
      ]),
      pipeline(1158625, 'Розница', false, 30584878, [{ id: 30584881, name: 'Первичный контакт', color: '#99ccff' }]),
    ],
    loss_reasons: [
      { id: 4203743, name: 'Слишком дорого', sort: 1 },
      { id: 4203745, name: 'Нет в наличии', sort: 2 },
    ],
    custom_fields: { leads: leadFields, contacts: contactFields, companies: companyFields, catalogs: catalogFields },
    contacts: [...namedPartners(), ...generatedPartners(), ...strangers()],
    companies: [
      { id: 7143801, name: 'ООО «Ромашка»', custom_fields_values: [phone('+7 495 000-00-42')] },
      { id: 7143803, name: 'ИП Росс' },
    ],
    leads: [],
    unsorted: [],
    catalogs: [
      { id: products, name: 'Товары', type: 'products', sort: 10 },
      { id: services, name: 'Услуги', type: 'regular', sort: 20 },
    ],
    elements: [
      ...productElements(),
      { catalog_id: services, name: 'Доставка' },
      { catalog_id: services, name: 'Сборка' },
    ],
    links: [],
    notes: [],
  }
}

function pipeline(id: number, name: string, is_main: boolean, unsortedId: number, stages: Stage[]) {
  return {
    id,
    name,
    is_main,
    _embedded: {
      statuses: [
        { id: unsortedId, name: 'Неразобранное', sort: 10, color: '#c1c1c1', type: 1 as const },
        ...stages.map((stage, index) => ({ ...stage, sort: (index + 2) * 10 })),
        { id: wonStatus, name: 'Успешно реализовано', sort: 10000, color: '#CCFF66' },
        { id: lostStatus, name: 'Закрыто и не реализовано', sort: 11000, color: '#D5D8DB' },
      ],
    },
  }
}

interface Stage {
  id: number
  name: string
  color: string
}

const products = 4521
const services = 4523
const partnerId = 641351

const kinds = (first: number, codes: string[]) =>
  codes.map((code, index) => ({ id: first + index * 2, value: code, code }))
const phoneKinds = ['WORK', 'WORKDD', 'MOB', 'FAX', 'HOME', 'OTHER']
const emailKinds = ['WORK', 'PRIV', 'OTHER']
const predefined = { is_predefined: true }

const contactFields = [
  { id: 641201, name: 'Телефон', type: 'multitext', code: 'PHONE', enums: kinds(193226, phoneKinds), ...predefined },
  { id: 641203, name: 'Email', type: 'multitext', code: 'EMAIL', enums: kinds(193238, emailKinds), ...predefined },
  { id: 641205, name: 'Должность', type: 'text', code: 'POSITION', ...predefined },
  { id: partnerId, name: 'ID партнёра', type: 'text' },
]

const companyFields = [
  { id: 641211, name: 'Телефон', type: 'multitext', code: 'PHONE', enums: kinds(193246, phoneKinds), ...predefined },
  { id: 641213, name: 'Email', type: 'multitext', code: 'EMAIL', enums: kinds(193258, emailKinds), ...predefined },
  { id: 641215, name: 'Адрес', type: 'textarea', code: 'ADDRESS', ...predefined },
]

const leadFields = [
  { id: 685731, name: 'Покупатель', type: 'text' },
  { id: 685733, name: 'Адрес: улица', type: 'text' },
  { id: 685735, name: 'Адрес: город', type: 'text' },
  { id: 685737, name: 'Телефон покупателя', type: 'text' },
  { id: 685739, name: 'E-mail покупателя', type: 'text' },
  { id: 685741, name: 'Комментарий', type: 'textarea' },
  { id: 685743, name: 'Способ оплаты', type: 'text' },
  { id: 685745, name: 'Способ доставки', type: 'text' },
  { id: 685751, name: 'utm_source', type: 'tracking_data', code: 'UTM_SOURCE' },
  { id: 685753, name: 'utm_medium', type: 'tracking_data', code: 'UTM_MEDIUM' },
  { id: 685755, name: 'utm_campaign', type: 'tracking_data', code: 'UTM_CAMPAIGN' },
  { id: 685757, name: 'Номер заказа', type: 'text' },
  { id: 685759, name: 'Куда доставить', type: 'textarea' },
  { id: 685761, name: 'День доставки', type: 'date' },
  { id: 685763, name: 'Интервал доставки', type: 'text' },
  { id: 685765, name: 'Вес заказа', type: 'numeric' },
  { id: 685767, name: 'Объём заказа', type: 'numeric' },
]

const groups = ['Баки', 'Автоклавы', 'Комплектующие', 'Посуда']

const catalogFields = [
  { catalog_id: products, id: 271207, name: 'Артикул', type: 'text', code: 'SKU', ...predefined },
  { catalog_id: products, id: 271209, name: 'Описание', type: 'textarea', code: 'DESCRIPTION', ...predefined },
  { catalog_id: products, id: 271211, name: 'Цена', type: 'price', code: 'PRICE', ...predefined },
  {
    catalog_id: products,
    id: 271213,
    name: 'Группа',
    type: 'category',
    code: 'GROUP',
    nested: groups.map((value, index) => ({ id: 10663 + index * 2, value })),
    ...predefined,
  },
  { catalog_id: services, id: 271221, name: 'Срок', type: 'text' },
]

function namedPartners() {
  return [
    partner(7143599, 'Росс Партнёр', '1', '+7 912 345-67-89'),
    partner(7143601, 'Иван Петров', '2', '+7 912 000-11-22'),
    partner(7143603, 'ООО Ромашка, закупки', '42', '+7 495 000-00-42'),
    partner(7143605, 'Анна Ким', '10', '+7 903 100-10-10'),
    partner(7143607, 'Пётр Одиннадцатый', '11', '+7 903 111-11-11'),
  ]
}

const firstNames = ['Алексей', 'Борис', 'Вера', 'Галина', 'Дмитрий', 'Елена', 'Жанна', 'Захар', 'Ирина', 'Кирилл']
const lastNames = ['Шевченко', 'Коваль', 'Ткач', 'Мельник', 'Гончар', 'Бондарь']

function generatedPartners() {
  return Array.from({ length: 60 }, (_, index) => {
    const name = `${firstNames[index % 10]} ${lastNames[Math.floor(index / 10)]}`
    return partner(7143611 + index * 2, name, String(100 + index), `+7 916 200-${pad(index)}-${pad(60 - index)}`)
  })
}

function partner(id: number, name: string, key: string, number: string) {
  const [first_name = '', ...rest] = name.split(' ')
  const custom_fields_values = [
    phone(number),
    { field_code: 'EMAIL', values: [{ value: `partner${key}@shop.example`, enum_code: 'WORK' }] },
    { field_id: partnerId, values: [{ value: key }] },
  ]
  return { id, name, first_name, last_name: rest.join(' '), custom_fields_values }
}

function strangers() {
  return ['Мария Соколова', 'Олег Новиков', 'Склад на Южной', 'Иван Петров'].map((name, index) => ({
    id: 7143771 + index * 2,
    name,
    custom_fields_values: [phone(`+7 921 700-0${index}-0${index}`)],
  }))
}

function phone(value: string) {
  return { field_code: 'PHONE', values: [{ value, enum_code: 'WORK' }] }
}

function productElements() {
  const generated = Array.from({ length: 60 }, (_, index) => {
    const size = 10 + index * 5
    const name = index % 2 === 0 ? `Бак нержавеющий - ${size} л.` : `Автоклав бытовой - ${size} л.`
    return product(name, `P-${300 + index}`, 2400 + index * 350, index % 2)
  })
  const rows = [
    product('Автоклав - Бак с переливом', 'P-194', 12500, 1),
    product('Бак - Реактор', 'P-196', 84000, 0),
    product('Бак "Премиум" & Ко', 'P-201', 31900, 0),
    ...generated,
    // Last on purpose: whoever reads the first page only does not find it.
    product('Бак из черного метала - 300 л.', 'P-153', 7700, 0),
  ]
  return rows.map((row, index) => ({ id: 525439 + index * 2, ...row }))
}

function product(name: string, sku: string, price: number, group: number) {
  const custom_fields_values = [
    { field_code: 'SKU', values: [{ value: sku }] },
    { field_code: 'PRICE', values: [{ value: String(price) }] },
    { field_code: 'GROUP', values: [{ enum_id: 10663 + group * 2 }] },
  ]
  return { catalog_id: products, name, custom_fields_values }
}

const pad = (number: number) => String(number).padStart(2, '0')
