import type { Product } from '../order/order.ts'
import { parseNumber } from './numbers.ts'
import type { MappingWarning, PlannedProduct } from './plan.ts'

/** One entry per product: its lines are added up. */
export function addUpProducts(lines: Product[]): { products: PlannedProduct[]; warnings: MappingWarning[] } {
  const products = new Map<string, PlannedProduct>()
  const warnings: MappingWarning[] = []
  for (const { name, sku, quantity, price } of lines) {
    const number = parseNumber(quantity)
    const isCount = number !== null && number > 0
    if (!isCount) warnings.push({ code: 'quantity_invalid', params: { name, quantity } })
    const added = isCount ? number : 1
    const key = JSON.stringify([name, sku])
    const earlier = products.get(key)
    if (earlier) earlier.quantity = addQuantities(earlier.quantity, added)
    else products.set(key, { name, sku, price: parseNumber(price), quantity: added })
  }
  return { products: [...products.values()], warnings }
}

/** 0.1 + 0.2 is 0.30000000000000004. */
export function addQuantities(one: number, other: number) {
  return Number((one + other).toFixed(6))
}
