import { readBody } from './body.ts'
import { isMetform, parseMetform } from './metform.ts'
import { parseOpencart } from './opencart.ts'
import type { ApiFormat, Order } from './order.ts'
import { parseApiOrder } from './order-api.ts'

/** A message, as far as the order in it is concerned. */
export interface Received {
  /** Id of the source. */
  source: string
  contentType: string
  body: Buffer
  /** What the body is, where its address has said so; else the body itself tells. */
  format?: ApiFormat | null
  /** By which its sender was told to call it. */
  code?: string | null
  /** What is known of its sender: whose orders they are, and which form of request.mapper they take. */
  sender?: { partnerId: string | null; form: string | null }
}

/** Throws UnreadableBodyError for what is no form and no JSON object; whatever else is odd becomes an order. */
export async function parseOrder({ source, contentType, body, format, ...known }: Received): Promise<Order> {
  const fields = await readBody(contentType, body)
  if (format) return { source, ...parseApiOrder(fields, format, known) }
  return { source, ...(isMetform(fields) ? parseMetform(fields) : parseOpencart(fields)) }
}
