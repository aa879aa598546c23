/** As many items as a write should hold; of more links at once some are known to get lost. */
const atOnce = 50

export function inBatches<Item>(items: Item[]): Item[][] {
  return Array.from({ length: Math.ceil(items.length / atOnce) }, (_, batch) =>
    items.slice(batch * atOnce, (batch + 1) * atOnce),
  )
}
