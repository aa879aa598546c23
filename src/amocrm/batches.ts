/** As many items as a write should hold. */
export const atOnce = 50

/** Links are small: as many as a write may hold. */
export const linksAtOnce = 250

export function inBatches<Item>(items: Item[], size = atOnce): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, batch) =>
    items.slice(batch * size, (batch + 1) * size),
  )
}
