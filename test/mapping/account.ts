import type { CrmAccount, CrmField, Entity } from '../../src/mapping/plan.ts'

/** A field as the account tells of it; most need only a name and a type. */
function aField(field: Partial<CrmField> & Pick<CrmField, 'id' | 'type'>): CrmField {
  return {
    entity: 'leads',
    name: `Поле ${field.id}`,
    code: null,
    choices: [],
    isComputed: false,
    catalogIds: [],
    ...field,
  }
}

const kinds = (...codes: string[]) => codes.map((code, index) => ({ id: 193226 + index * 2, value: code, code }))

const people = (entity: Entity, first: number): CrmField[] => [
  aField({
    entity,
    id: first,
    name: 'Телефон',
    code: 'PHONE',
    type: 'multitext',
    choices: kinds('WORK', 'MOB', 'HOME'),
  }),
  aField({ entity, id: first + 2, name: 'Email', code: 'EMAIL', type: 'multitext', choices: kinds('WORK', 'PRIV') }),
]

/** The account that the tests of mapping map to. */
export const account: CrmAccount = {
  timeZone: 'Europe/Moscow',
  fields: [
    aField({ id: 685731, name: 'Покупатель', type: 'text' }),
    aField({ id: 685733, name: 'Адрес: улица', type: 'text' }),
    aField({ id: 685735, name: 'Адрес: город', type: 'text' }),
    aField({ id: 685737, name: 'Телефон покупателя', type: 'text' }),
    aField({ id: 685739, name: 'E-mail покупателя', type: 'text' }),
    aField({ id: 685741, name: 'Комментарий', type: 'textarea' }),
    aField({ id: 685743, name: 'Способ оплаты', type: 'text' }),
    aField({ id: 685745, name: 'Способ доставки', type: 'text' }),
    aField({ id: 685751, name: 'Дата доставки', type: 'date' }),
    aField({ id: 685753, name: 'utm_source', code: 'UTM_SOURCE', type: 'tracking_data' }),
    aField({
      id: 685755,
      name: 'Оплата',
      type: 'select',
      choices: [
        { id: 11, value: 'Картой', code: 'card' },
        { id: 12, value: 'Наличными', code: 'cash' },
      ],
    }),
    ...people('contacts', 641201),
    aField({ entity: 'contacts', id: 641351, name: 'ID партнёра', type: 'text' }),
    ...people('companies', 641211),
  ],
  pipelines: [
    {
      id: 1,
      name: 'Дропшиппинг',
      isArchive: false,
      statuses: [
        { id: 2, name: 'Новый заказ' },
        { id: 3, name: 'В работе' },
        { id: 142, name: 'Успешно реализовано' },
      ],
    },
    { id: 5, name: 'Розница', isArchive: false, statuses: [{ id: 6, name: 'Первичный контакт' }] },
    { id: 8, name: 'Закрытая', isArchive: true, statuses: [{ id: 9, name: 'Первый' }] },
    {
      id: 1731979,
      name: 'Дропшиппинг',
      isArchive: false,
      statuses: [{ id: 26034988, name: 'Новый заказ' }],
    },
  ],
  users: [
    { id: 504141, name: 'Администратор', isActive: true },
    { id: 504143, name: 'Уволенный', isActive: false },
  ],
}
