import { createMapper } from '../mapping/request.mapper.ts'
import type { Order } from '../order/order.ts'
import type { AccountState, Setup } from './facts.ts'
import { error, type Finding, ok } from './finding.ts'

/** Whether the templates write a name and a note, tried with an order. */
export function examineTexts(account: AccountState, { rules }: Setup): Finding[] {
  const mapOrder = createMapper(rules, account)
  return Object.keys(rules.forms).flatMap((form) => {
    const { lead, warnings } = mapOrder({ ...sampleOrder, meta: { ...sampleOrder.meta, form_id: form } })
    const failed = warnings.filter(({ code }) => code === 'template_failed')
    if (failed.length === 0) return [ok('texts_written', { form, name: lead.name })]
    return failed.map((failure) => error('template_failed', { form, ...failure.params }))
  })
}

const sampleOrder: Order = {
  source: 'lk',
  format: 'lk',
  fields: {
    order_id: '1',
    lastname: 'Иванова',
    telephone: '+7 912 345-67-89',
    email: 'ivanova@shop.example',
    comment: 'Комментарий',
    total: '150.00',
  },
  meta: { customer_id: '1' },
  products: [
    {
      id: '1',
      name: 'Товар',
      sku: 'P-1',
      options: [{ name: 'Размер', value: 'M' }],
      quantity: '2',
      price: '50',
      total: '100',
    },
  ],
  vouchers: [{ description: 'Сертификат', amount: '10' }],
  totals: [{ title: 'Доставка', value: '50' }],
}
