import { z } from 'zod'
import type { ApiFormat } from '../order/order.ts'
import { hiddenEmail } from '../order/order-api.ts'
import { phoneNumber } from '../order/phone.ts'

/** What the order API takes, by its document. Every error is the key of a text that says what was expected. */

export const expectations = [
  ...['present', 'for_address', 'for_external', 'contact', 'text', 'text_long', 'comment_long', 'object'],
  ...['number', 'amount', 'whole', 'id', 'quantity', 'items', 'items_limit', 'email', 'phone', 'elevator'],
  ...['delivery_type', 'delivery_company', 'payment_option', 'timestamp'],
] as const
type Expectation = (typeof expectations)[number]

const text = z.string(wanted('text')).regex(/\S/, wanted('text')).max(1000, wanted('text_long'))
/** Shops write `3` as well as `"3"`. */
const code = z.union([text, z.number()], wanted('text'))
const comment = z.string(wanted('text')).max(20_000, wanted('comment_long'))
const number = numeric('number', z.number)
const amount = numeric('amount', (says) => z.number(says).nonnegative(says))
const whole = numeric('whole', z.int)
const id = numeric('id', (says) => z.int(says).nonnegative(says))
const quantity = numeric('quantity', (says) => z.int(says).positive(says))
const timestamp = numeric('timestamp', (says) => z.int(says).positive(says))

/** Whatever a mail server may know; whether it does is found out by writing to it. */
const address = /^[^\s@"]{1,64}@[^\s@]{1,255}\.[^\s@.]{2,}$/u
const email = z
  .string(wanted('email'))
  .trim()
  .max(190, { ...wanted('email'), abort: true })
  .refine((value) => hiddenEmail.test(value) || address.test(value), wanted('email'))
const phone = z
  .union([z.string(), z.number()], wanted('phone'))
  .refine((value) => phoneNumber(String(value)) !== null, wanted('phone'))

const item = z.object(
  {
    productId: id,
    itemId: id,
    parentId: id.optional(),
    name: text,
    price: amount,
    quantity,
    deliveryPrice: amount.optional(),
    // The document names 0 to 3, and has 12554 in its own examples.
    status: whole,
  },
  wanted('object'),
)
const items = z.array(item, wanted('items')).min(1, wanted('items')).max(2000, wanted('items_limit'))

const place = z.object(
  {
    city: text.optional(),
    street: text.optional(),
    house: code.optional(),
    corp: code.optional(),
    build: code.optional(),
    porch: code.optional(),
    floor: code.optional(),
    flat: code.optional(),
    elevator: numeric('elevator', (says) => z.literal([0, 1, 2], says)).optional(),
    intercom: code.optional(),
    metro: text.optional(),
    latitude: number.optional(),
    longitude: number.optional(),
    kladr: code.optional(),
  },
  wanted('object'),
)

const deliveryTypes = ['address', 'external', 'pickup', 'pickpoint'] as const
const deliveryCompanies = ['СДЭК', 'dpd'] as const
const paymentOptions = [1, 2, 3, 4, 5, 39, 43] as const

const companyWords: readonly string[] = deliveryCompanies.map((word) => word.toLowerCase())

export const createOrderSchema = z
  .object(
    {
      name: text,
      email,
      phone,
      deliveryType: z.enum(deliveryTypes, wanted('delivery_type')),
      deliveryCompany: z
        .string(wanted('delivery_company'))
        .refine((word) => companyWords.includes(word.trim().toLowerCase()), wanted('delivery_company'))
        .optional(),
      lgsTerminalCode: code.optional(),
      lgsTerminalId: code.optional(),
      lgsCompanyId: number.optional(),
      lgsTariffId: number.optional(),
      address: place.optional(),
      comment: comment.optional(),
      paymentOption: numeric('payment_option', (says) => z.literal([...paymentOptions], says)),
      desiredDeliveryDate: timestamp,
      desiredDeliveryInterval: text,
      deliveryIntervalCost: amount.optional(),
      totalDeliveryPrice: amount.optional(),
      summWithoutDelivery: amount.optional(),
      totalWeight: amount,
      totalVolume: amount,
      items,
    },
    wanted('object'),
  )
  .superRefine(tellMissing, { when: ({ value }) => isObject(value) })

/**
 * What an order cannot do without besides, by its deliveryType.
 * The document asks for city and house where `external` goes to a door, too; but no field says where it goes, and a terminal is always named.
 */
export const neededFor: Record<string, string[]> = {
  address: ['address.city', 'address.street', 'address.house', 'items[].deliveryPrice'],
  external: ['deliveryCompany', 'lgsTerminalCode', 'lgsCompanyId', 'lgsTariffId', 'address.street'],
}

const ofEach = 'items[]'
const placesFor = new Map<unknown, { fields: string[][]; ofItems: string[][] }>(
  Object.entries(neededFor).map(([deliveryType, needed]) => {
    const paths = needed.map((field) => field.split('.'))
    const isOfItems = ([first]: string[]) => first === ofEach
    const fields = paths.filter((path) => !isOfItems(path))
    return [deliveryType, { fields, ofItems: paths.filter(isOfItems).map(([, ...path]) => path) }]
  }),
)

/** Told together with all other faults, so of an order that may have them. */
function tellMissing(order: Record<string, unknown>, { addIssue }: z.RefinementCtx) {
  const { deliveryType, items } = order
  const needed = placesFor.get(deliveryType)
  if (!needed) return
  const tell = (path: (string | number)[]) =>
    addIssue({ code: 'custom', path, message: `api.expected.for_${deliveryType}` })
  for (const field of needed.fields) if (lacks(order, field)) tell(field)
  if (!Array.isArray(items)) return
  for (const [index, item] of items.entries())
    if (isObject(item)) for (const field of needed.ofItems) if (lacks(item, field)) tell(['items', index, ...field])
}

/** Of what is no object, that is said already. */
function lacks(order: Record<string, unknown>, path: string[]) {
  let value: unknown = order
  for (const key of path) value = isObject(value) ? value[key] : value
  return value === undefined
}

export const buyClickSchema = z
  .object(
    {
      phone: phone.optional(),
      email: email.optional(),
      name: text.optional(),
      comment: comment.optional(),
      totalWeight: amount,
      totalVolume: amount,
      items,
    },
    wanted('object'),
  )
  .refine(({ phone, email }) => phone !== undefined || email !== undefined, {
    path: ['phone'],
    error: 'api.expected.contact',
    when: ({ value }) => isObject(value),
  })

export const callbackSchema = z.object({ phone, name: text.optional(), comment: comment.optional() }, wanted('object'))

const orderSchemas = {
  'create-order': createOrderSchema,
  'buy-click': buyClickSchema,
  callback: callbackSchema,
} satisfies Record<ApiFormat, z.ZodType>

/** Numbers come as texts from forms and from PHP. */
function numeric(expected: Expectation, schemaOf: (says: ReturnType<typeof wanted>) => z.ZodType<number, number>) {
  const says = wanted(expected)
  const schema = schemaOf(says)
  const written = z
    .string()
    .regex(/^\s*-?\d+(\.\d+)?\s*$/)
    .transform(Number)
    .pipe(schema)
  return z.union([schema, written], says)
}

/** The key of what was expected; what is not there is another matter. */
function wanted(expected: Expectation) {
  return {
    error: ({ input }: { input?: unknown }) =>
      input === undefined ? 'api.expected.present' : `api.expected.${expected}`,
  }
}

/** The error that an order has; none where it is as the document wants it. What is blank counts as not there; most orders have nothing blank. */
export function errorIn(format: ApiFormat, order: Record<string, unknown>): z.ZodError | undefined {
  const schema = orderSchemas[format]
  return schema.safeParse(order).success ? undefined : schema.safeParse(withoutBlanks(order)).error
}

/** As deep as fields of the document stand. */
const deepest = 3

/** Takes out, in place, what says nothing: shops send null and empty texts for what they have not asked. */
function withoutBlanks<Body>(body: Body, depth = 0): Body {
  if (!isObject(body)) return body
  for (const key in body) {
    const value = body[key]
    if (isBlank(value) || (key === 'address' && isEmptyList(value))) (body as Record<string, unknown>)[key] = undefined
    else if (depth < deepest) withoutBlanks(value, depth + 1)
  }
  return body
}

/** As PHP writes an object without fields. */
function isEmptyList(value: unknown) {
  return Array.isArray(value) && value.length === 0
}

function isBlank(value: unknown) {
  return value === null || (typeof value === 'string' && value.trim() === '')
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
