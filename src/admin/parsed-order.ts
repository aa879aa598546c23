import { inWords, wordedFields } from '../mapping/in-words.ts'
import type { Translate } from '../mapping/plan.ts'
import { UnreadableBodyError } from '../order/body.ts'
import { isApiFormat, type Order, type Product, textOf } from '../order/order.ts'
import { parseOrder } from '../order/parse.ts'

/** An order as people read it: who, where, how, what for, and all the rest by the shop's own names. */
export interface ParsedOrder {
  buyer: { name: string; phone: string; email: string }
  delivery: string
  payment: string
  comment: string
  products: Product[]
  vouchers: Order['vouchers']
  totals: Order['totals']
  /** As the shop wrote it; empty where it did not. */
  total: string
  /** Three letters; null where the shop does not say. */
  currency: string | null
  /** All that is not said above. */
  rest: { name: string; value: string }[]
}

const delivery = ['method', 'country', 'zone', 'postcode', 'city', 'address_1', 'address_2']

/** Null for a body that cannot be read as an order. */
export async function readParsedOrder(
  received: Parameters<typeof parseOrder>[0],
  words: { timeZone: string; translate: Translate },
): Promise<ParsedOrder | null> {
  try {
    return arranged(inWords(await parseOrder(received), words))
  } catch (error) {
    if (error instanceof UnreadableBodyError) return null
    throw error
  }
}

function arranged({ format, fields, meta, products, vouchers, totals }: Order): ParsedOrder {
  const told = new Set<string>()
  const all = (names: string[], between: string) => {
    const said = names.filter((name) => textOf(fields[name]).trim() !== '')
    for (const name of said) told.add(name)
    return said.map((name) => textOf(fields[name]).trim()).join(between)
  }
  /** The first of these names that the shop uses; another one stays among the rest. */
  const oneOf = (...names: string[]) => all(names.filter((name) => textOf(fields[name]).trim() !== '').slice(0, 1), '')
  /** What is in words need not be shown in codes as well. */
  const worded = (...names: (keyof typeof wordedFields)[]) => {
    for (const name of names.flatMap((each) => wordedFields[each])) if (name !== 'address') told.add(name)
    return all(names, '\n')
  }
  if (isApiFormat(format)) for (const name of ['deliveryTypeText', 'order_id']) told.add(name)
  const currency = textOf(meta['currency_code'])
  return {
    buyer: {
      name: all(['firstname', 'lastname'], ' ') || oneOf('name', 'fio', 'your-name'),
      phone: oneOf('telephone', 'phone', 'tel', 'your-phone'),
      email: oneOf('email', 'mail', 'your-email'),
    },
    delivery: isApiFormat(format)
      ? worded('deliveryText', 'addressText', 'deliveryDateText')
      : all(
          delivery.map((part) => `shipping_${part}`),
          ', ',
        ),
    payment: isApiFormat(format) ? worded('paymentText') : oneOf('payment_method'),
    comment: oneOf('comment', 'message'),
    products,
    vouchers,
    totals,
    total: oneOf('total'),
    currency: /^[A-Z]{3}$/.test(currency) ? currency : null,
    rest: [...Object.entries(fields).filter(([name]) => !told.has(name)), ...Object.entries(meta)].flatMap(
      ([name, value]) => (textOf(value) === '' ? [] : [{ name, value: textOf(value) }]),
    ),
  }
}
