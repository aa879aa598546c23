import type { Demand } from './contract.ts'
import type { JsonSchema } from './request-fields.ts'

/** What JSON Schema says of it. */
export function schemaOfDemand(demand: Demand): JsonSchema {
  if ('anyOf' in demand) return { anyOf: demand.anyOf.map((path) => demanding([path])) }
  const { field, is, needs } = demand
  return {
    if: { properties: { [field]: { const: is } }, required: [field] },
    // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own word
    then: demanding(needs),
  }
}

/** Of `items[].price` each of the items has to have it. */
function demanding(paths: readonly string[]): JsonSchema {
  const { '': own = [], ...inner } = Object.groupBy(paths, (path) =>
    path.includes('.') ? (path.split('.')[0] ?? '') : '',
  )
  const properties = Object.entries(inner).map(([name, below = []]) => {
    const schema = demanding(below.map((path) => path.slice(name.length + 1)))
    return name.endsWith('[]') ? [name.slice(0, -2), { items: schema }] : [name, schema]
  })
  const required = [...own, ...Object.keys(inner).filter((name) => !name.endsWith('[]'))]
  return {
    ...(required.length > 0 ? { required } : {}),
    ...(properties.length > 0 ? { properties: Object.fromEntries(properties) } : {}),
  }
}
