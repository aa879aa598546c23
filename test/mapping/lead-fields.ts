import type { CrmField } from '../../src/mapping/plan.ts'

/** The custom fields of leads in the account that the tests map to. */
export const leadFields: CrmField[] = [
  { id: 685731, name: 'Покупатель', code: null, type: 'text' },
  { id: 685733, name: 'Адрес: улица', code: null, type: 'text' },
  { id: 685735, name: 'Адрес: город', code: null, type: 'text' },
  { id: 685737, name: 'Телефон покупателя', code: null, type: 'text' },
  { id: 685739, name: 'E-mail покупателя', code: null, type: 'text' },
  { id: 685741, name: 'Комментарий', code: null, type: 'textarea' },
  { id: 685743, name: 'Способ оплаты', code: null, type: 'text' },
  { id: 685745, name: 'Способ доставки', code: null, type: 'text' },
  { id: 685751, name: 'Дата доставки', code: null, type: 'date' },
  { id: 685753, name: 'utm_source', code: 'UTM_SOURCE', type: 'tracking_data' },
]
