import { isIP } from 'node:net'
import { z } from 'zod'
import { count, strict, text } from './schema-parts.ts'

/** The shape of sources.config. Its type stands with the others in schema.ts. */

const idExpected = 'id источника: строчные латинские буквы, цифры, - и _, не длиннее 64 (кроме unknown и api-xx)'
const tokenExpected = 'sha256:… — то, что печатает npx parom hash-token'
export const secretExpected = 'whsec_… (24–64 байта в base64; npx parom hash-token --signing)'
const secretOrVariable = `${secretExpected} или $ИМЯ_ПЕРЕМЕННОЙ, в которой он лежит`
const addressExpected = 'адрес или сеть: 203.0.113.7, 198.51.100.0/24, 2001:db8::/32'
const statusExpected = 'код ответа от 200 до 299'
const bodyExpected = 'строка или объект, который станет JSON'
const typeExpected = 'тип вида text/plain; charset=utf-8'
const headerExpected = 'имя заголовка'
const placeExpected = "{ header: 'имя заголовка' } или { field: 'поле заказа' }"
const fieldExpected = 'имя поля заказа: латиница, без скобок'
const atLeastOne = 'целое число больше нуля'

const rateLimitSchema = strict({
  requests: z.int({ error: atLeastOne }).positive({ error: atLeastOne }),
  seconds: z.int({ error: atLeastOne }).positive({ error: atLeastOne }),
})

const withoutBody: readonly number[] = [204, 205]

const answerSchema = strict({
  status: z
    .int({ error: statusExpected })
    .min(200, { error: statusExpected })
    .max(299, { error: statusExpected })
    .default(200),
  body: z.union([z.string(), z.record(z.string(), z.json())], { error: bodyExpected }).default(''),
  content_type: z
    .string({ error: typeExpected })
    .regex(/^[\w.+-]+\/[\w.+-]+(;[\x20-\x7e]*)?$/, { error: typeExpected })
    .optional(),
}).refine(({ status, body }) => body === '' || !withoutBody.includes(status), {
  error: 'пустое тело: ответы 204 и 205 его не имеют',
  path: ['body'],
})

const placeSchema = z.union(
  [
    z.strictObject({ header: z.string().regex(/^[\w-]+$/, { error: headerExpected }) }),
    // It is looked for among the bytes of a form, where others are encoded, each shop in its way.
    z.strictObject({ field: z.string().regex(/^[\w.-]+$/, { error: fieldExpected }) }),
  ],
  { error: placeExpected },
)

const sourceSchema = strict({
  id: z
    .string({ error: idExpected })
    .regex(/^(?!unknown$|api-[a-z]{2}$)[a-z0-9][a-z0-9_-]{0,63}$/, { error: idExpected }),
  tokens: z
    .array(z.string({ error: tokenExpected }).regex(/^sha256:[\w-]{43}$/, { error: tokenExpected }), {
      error: 'список токенов',
    })
    .default([]),
  signing_secrets: z
    .array(
      z
        .string({ error: secretOrVariable })
        .refine((secret) => variableOf(secret) !== null || isSigningSecret(secret), { error: secretOrVariable }),
      { error: 'список секретов подписи' },
    )
    .default([]),
  allowed_addresses: z
    .array(z.string({ error: addressExpected }).refine(isAddressRange, { error: addressExpected }), {
      error: 'список адресов и сетей',
    })
    .default([]),
  form: text('форма из request.mapper.ts').optional(),
  answer: answerSchema.nullish(),
  rate_limit: rateLimitSchema.nullish(),
  dedupe: strict({
    by: z
      .array(placeSchema, { error: `список: ${placeExpected}` })
      .default([{ header: 'webhook-id' }, { header: 'idempotency-key' }, { field: 'order_id' }]),
    window: count('время в секундах').optional(),
  }).prefault({}),
})

export const sourcesConfigSchema = strict({
  rate_limit: rateLimitSchema.nullish(),
  sources: z.array(sourceSchema, { error: 'список источников' }).default([]),
})

export type SourceSettings = z.output<typeof sourceSchema>

/** The source that is always there, where the file does not name it. */
export const plainLk = sourceSchema.parse({ id: 'lk' })

/** The variable that a signing secret stands in; null where it stands here. */
export function variableOf(secret: string) {
  return /^\$([A-Z_][A-Z0-9_]*)$/.exec(secret)?.[1] ?? null
}

export function isSigningSecret(secret: string) {
  if (!/^whsec_[A-Za-z0-9+/]+={0,2}$/.test(secret)) return false
  const { length } = signingKey(secret)
  return length >= 24 && length <= 64
}

export function signingKey(secret: string) {
  return Buffer.from(secret.slice('whsec_'.length), 'base64')
}

function isAddressRange(range: string) {
  const [address = '', bits, ...rest] = range.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}
