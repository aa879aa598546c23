import { type Order, textOf } from '../order/order.ts'

/** What the order has at `path`: a field's name, or the way into a nested one, as in `custom_field.3`. */
export function valueAt({ fields, meta }: Order, path: string): unknown {
  if (Object.hasOwn(fields, path)) return fields[path]
  if (Object.hasOwn(meta, path)) return meta[path]
  return path.includes('.') ? nestedValue(fields, path) : undefined
}

function nestedValue(fields: Record<string, unknown>, path: string) {
  let value: unknown = fields
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string, unknown>)[key]
  }
  return value
}

/** The values of a field: the items of a list, or what stands between the commas of a text. */
export function valuesAt(order: Order, path: string) {
  const value = valueAt(order, path)
  const texts = Array.isArray(value) ? value.flat(20).map(textOf) : textOf(value).split(',')
  return texts.map((text) => text.trim()).filter(Boolean)
}
