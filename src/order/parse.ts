import { readBody } from './body.ts'
import { isMetform, parseMetform } from './metform.ts'
import { parseOpencart } from './opencart.ts'
import type { Order } from './order.ts'

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
  const fields = await readBody(contentType, body)
  return { source, ...(isMetform(fields) ? parseMetform(fields) : parseOpencart(fields)) }
}
