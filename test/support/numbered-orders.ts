import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sampleOrder } from './orders.ts'

/** Orders that differ by a number alone, which stands at the end of their bodies, and what is told of one that is taken. */
export interface NumberedOrders {
  path: string
  contentType: string
  body(number: number, padding?: number): string
  /** Bytes behind the number. */
  tail: number
  /** Of an order that is stored. */
  status: number
  /** What stands before its id in the answer. */
  idAfter: string
  /** Where this id stands in the database. */
  idColumn: 'id' | 'order_number'
}

export type OrderKind = keyof typeof numberedOrders

export const digits = 12

const written = (number: number) => String(number).padStart(digits, '0')

const apiOrder = readFileSync(join(import.meta.dirname, '../fixtures/api/create-order.json'), 'utf8')
const apiOrderStart = JSON.stringify(JSON.parse(apiOrder)).slice(0, -1)

export const numberedOrders = {
  webhook: {
    path: '/api/order/create',
    contentType: 'application/x-www-form-urlencoded',
    body(number, padding = 0) {
      const more = padding > 0 ? `&padding=${'x'.repeat(padding)}` : ''
      return `${sampleOrder}${more}&order_id=${written(number)}`
    },
    tail: 0,
    status: 200,
    idAfter: '"id":"',
    idColumn: 'id',
  },
  'create-order': {
    path: '/api/create-order',
    contentType: 'application/json',
    body: (number, padding = 0) => `${apiOrderStart},"comment":"${'x'.repeat(padding)}${written(number)}"}`,
    tail: 2,
    status: 201,
    idAfter: '"OrderCode":"',
    idColumn: 'order_number',
  },
} as const satisfies Record<string, NumberedOrders>

export function numberIn({ tail }: NumberedOrders, body: Uint8Array) {
  const end = body.length - tail
  return Number(Buffer.from(body.subarray(end - digits, end)).toString('latin1'))
}
