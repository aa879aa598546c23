import { readBody } from './body.ts'
import { isMetform, parseMetform } from './metform.ts'
import { parseOpencart } from './opencart.ts'
import type { Order } from './order.ts'

/** Who sends what: one parser per source. */
const parsers: Record<string, (body: Record<string, unknown>) => Order> = {
  lk: (body) => (isMetform(body) ? parseMetform(body) : parseOpencart(body)),
}

/** Throws UnreadableBodyError for what is no form and no JSON object; whatever else is odd becomes an order. */
export async function parseOrder({
  source,
  contentType,
  body,
}: {
  source: string
  contentType: string
  body: Buffer
}): Promise<Order> {
  const parse = parsers[source] ?? parseOpencart
  return parse(await readBody(contentType, body))
}
