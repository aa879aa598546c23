import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import qs from 'qs'

/** A real order of an OpenCart partner cabinet, byte by byte. */
export const sampleOrder = readFileSync(
  join(import.meta.dirname, '../fixtures/orders/opencart-sample/_webhook.txt'),
  'utf8',
)

export interface TestOrder {
  customer_id?: string
  products?: {
    product_id: string
    name: string
    model?: string
    quantity: string | number
    price?: string
    total?: string
  }[]
  [field: string]: unknown
}

/** A small order of partner 1, as fields. */
export function anOrder(fields: TestOrder = {}): TestOrder {
  return {
    customer_id: '1',
    lastname: 'Иванова',
    telephone: '+7 912 345-67-89',
    total: '12500.0000',
    products: [
      { product_id: '194', name: 'Автоклав - Бак с переливом', quantity: 1, price: '12500.0000', total: '12500.0000' },
    ],
    ...fields,
  }
}

/** The same as the form that PHP posts. */
export function asForm(order: TestOrder) {
  return qs.stringify(order)
}

/** The same as multipart/form-data; the boundary is `b`. */
export function asMultipart(order: object) {
  const parts = pairsOf(order).map(
    ([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  return `${parts.join('')}--b--\r\n`
}

/** Each field of a form with its name in PHP's brackets. */
export function pairsOf(order: object): [name: string, value: string][] {
  const lines = qs.stringify(order, { encode: false, delimiter: '\n' }).split('\n')
  return lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])
}

/** Of ASCII and Russian letters but ё. */
export function inCp1251(text: string) {
  return Buffer.from(
    text.replace(/[А-я]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) - 0x350)),
    'latin1',
  )
}
