import { UnreadableBodyError } from '../order/body.ts'
import { type Order, type Product, textOf } from '../order/order.ts'
import { parseOrder } from '../order/parse.ts'

/** A part of an order as people compare it: a field by the shop's own name, or a product with all that is said of it. */
interface OrderLine {
  name: string
  value: string
}

/** Null for a body that cannot be read as an order. */
export async function orderLines(received: Parameters<typeof parseOrder>[0]): Promise<OrderLine[] | null> {
  try {
    return linesOf(await parseOrder(received))
  } catch (error) {
    if (error instanceof UnreadableBodyError) return null
    throw error
  }
}

function linesOf({ fields, meta, products, vouchers, totals }: Order): OrderLine[] {
  const values: [string, string][] = [
    ...products.map((product, index): [string, string] => [`products[${index}]`, productText(product)]),
    ...vouchers.map(({ description, amount }, index): [string, string] => [
      `vouchers[${index}]`,
      `${description}: ${amount}`,
    ]),
    ...totals.map(({ title, value }, index): [string, string] => [`totals[${index}]`, `${title}: ${value}`]),
    ...[...Object.entries(fields), ...Object.entries(meta)].map(([name, value]): [string, string] => [
      name,
      textOf(value),
    ]),
  ]
  return values.flatMap(([name, value]) => (value === '' ? [] : [{ name, value }]))
}

function productText({ id, name, sku, options, quantity, price, total }: Product) {
  const chosen = options.map((option) => `${option.name}: ${option.value}`)
  const what = [name, sku, id && `id ${id}`, ...chosen].filter(Boolean).join(', ')
  return `${what}; ${quantity} × ${price} = ${total}`
}

/** What is not the same in two orders; null: it is not there. */
interface Difference {
  name: string
  first: string | null
  second: string | null
}

export function differencesOf(first: OrderLine[], second: OrderLine[]): Difference[] {
  const before = valuesOf(first)
  const after = valuesOf(second)
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((name) => {
    const both = { name, first: before.get(name) ?? null, second: after.get(name) ?? null }
    return both.first === both.second ? [] : [both]
  })
}

function valuesOf(lines: OrderLine[]) {
  return new Map(lines.map(({ name, value }) => [name, value]))
}
