import type { Order } from '../order/order.ts'
import { textOf } from '../order/order.ts'
import { formatMoney, formatQuantity } from './numbers.ts'
import type { MappingWarning, Translate } from './plan.ts'

const separator = '======'

/** The note on the lead: products, total and what the buyer filled in. Shops' people know this layout by heart. */
export function noteText({ fields, meta, products }: Order, translate: Translate) {
  const lines: string[] = []
  if (products.length > 0) {
    lines.push(`${translate('order.products')} `, separator)
    for (const { name, quantity, price, total } of products) {
      const parts = [
        translate('order.product', { name, quantity: formatQuantity(quantity) }),
        price && translate('order.price', { price: formatMoney(price) }),
        total && translate('order.lineTotal', { total: formatMoney(total) }),
      ]
      lines.push(parts.filter(Boolean).join(', '))
    }
    const total = textOf(fields['total'])
    if (total) lines.push(`${translate('order.total')}: ${formatMoney(total)}`)
  }
  lines.push(separator)

  const labelled: [string, unknown][] = [
    ['order.lastname', fields['lastname']],
    ['order.telephone', fields['telephone']],
    ['order.paymentMethod', fields['payment_method']],
    ['order.shippingMethod', fields['shipping_method']],
    ['order.shippingAddress1', fields['shipping_address_1']],
    ['order.shippingCity', fields['shipping_city']],
    ['order.comment', fields['comment']],
    ['order.customer_id', meta['customer_id']],
  ]
  for (const [label, value] of labelled) {
    const text = textOf(value)
    if (text && text !== '0') lines.push(`${translate(label)} : ${text}`)
  }
  return lines.join('\n')
}

/** The same note with what could not be placed below it. */
export function noteWithWarnings(note: string, warnings: MappingWarning[], translate: Translate) {
  if (warnings.length === 0) return note
  const lines = warnings.map(({ code, params }) => `• ${translate(`warning.${code}`, params)}`)
  return [note, separator, `${translate('order.warnings')}:`, ...lines].join('\n')
}

/** The CRM names no limit for a note; texts of more characters are not known to be kept. */
const longestNote = 10_000

/** A text as one note or several, broken between lines. */
export function splitNote(text: string): string[] {
  const parts: string[] = []
  let part: string[] = []
  let length = 0
  for (const line of text.split('\n').flatMap(breakLine)) {
    const added = Array.from(line).length + 1
    if (part.length > 0 && length + added > longestNote) {
      parts.push(part.join('\n'))
      part = []
      length = 0
    }
    part.push(line)
    length += added
  }
  return [...parts, part.join('\n')]
}

function breakLine(line: string) {
  return line.match(new RegExp(`.{1,${longestNote - 1}}`, 'gsu')) ?? ['']
}
