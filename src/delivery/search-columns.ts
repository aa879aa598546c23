import { parseNumber } from '../mapping/numbers.ts'
import { isApiFormat, type Order, phoneDigits, textOf } from '../order/order.ts'
import { phoneNumber } from '../order/phone.ts'

/** What an order is searched by in the list. */
export function searchColumns({ format, fields, meta }: Order) {
  const column = (...values: unknown[]) => {
    const text = values.map((value) => textOf(value).trim()).find(Boolean)
    return text?.slice(0, 190) ?? null
  }
  return {
    order_number: column(fields['order_id'], fields['order_number']),
    partner_id: column(meta['customer_id']),
    phone_digits: phoneDigits(isApiFormat(format) ? withoutExtension(fields['phone']) : fields['telephone']) || null,
    email: column(textOf(fields['email']).toLowerCase()),
    total: sumOf(fields['total']),
  }
}

function withoutExtension(phone: unknown) {
  return phoneNumber(textOf(phone)) ?? phone
}

/** Beyond it kopecks are lost. */
const highestSum = 1e13

function sumOf(value: unknown) {
  const sum = parseNumber(textOf(value))
  return sum === null || Math.abs(sum) > highestSum ? null : Math.round(sum * 100) / 100
}
