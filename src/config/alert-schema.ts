import { z } from 'zod'
import { flag, strict, timeZone, webAddress } from './schema-parts.ts'
import { isSigningSecret, secretExpected, variableOf } from './source-schema.ts'

/** The shape of alerts.config. Its type stands with the others in schema.ts. */

const positiveExpected = 'целое число больше нуля'
const positive = z.int({ error: positiveExpected }).positive({ error: positiveExpected })

const tokenExpected = 'токен бота вида 123456:AA… от @BotFather или $ИМЯ_ПЕРЕМЕННОЙ, в которой он лежит'
export const isBotToken = (token: string) => /^\d+:[\w-]{10,}$/.test(token)

const chatExpected = "id чата вида '-1001234567890' или '@имя_канала', строка"
const smtpExpected = "smtp://сервер:587, smtps://сервер:465 или { host, port, user, password, tls: 'always' }"
export const smtpUrlExpected = 'smtp://пользователь:пароль@сервер:587 или smtps://…'
const addressExpected = 'почтовый адрес'
const hookExpected = 'адрес вида https://… или $ИМЯ_ПЕРЕМЕННОЙ, в которой он лежит'
const hookSecretExpected = `${secretExpected} или $ИМЯ_ПЕРЕМЕННОЙ, в которой он лежит`

export const isSmtpUrl = (url: string) => /^smtps?:\/\/[^/\s]+\/?$/.test(url) && URL.canParse(url)
export const isWebUrl = (url: string) => /^https?:\/\//.test(url) && URL.canParse(url)

/** As it stands here, or by the name of the variable that holds it. */
const secret = (expected: string, isRight: (text: string) => boolean) =>
  z.string({ error: expected }).refine((text) => variableOf(text) !== null || isRight(text), { error: expected })

const mailbox = z
  .string({ error: addressExpected })
  .regex(/^[^\r\n]*[^\s@<>]+@[^\s@<>]+>?$/, { error: addressExpected })

const smtpSchema = z.union(
  [
    secret(smtpExpected, isSmtpUrl),
    z.strictObject({
      host: z.string().min(1),
      port: z.int().min(1).max(65535).default(587),
      user: z.string().optional(),
      password: z.string().optional(),
      tls: z.enum(['always', 'if_offered', 'never']).default('if_offered'),
    }),
  ],
  { error: smtpExpected },
)

const channelsSchema = strict({
  telegram: strict({
    token: secret(tokenExpected, isBotToken),
    chats: z
      .array(z.string({ error: chatExpected }).regex(/^(-?\d+|@\w+)$/, { error: chatExpected }), {
        error: 'список чатов',
      })
      .min(1, { error: 'хотя бы один чат' }),
    api: webAddress.default('https://api.telegram.org'),
  }).nullish(),
  email: strict({
    smtp: smtpSchema,
    from: mailbox,
    to: z.array(mailbox, { error: 'список адресов' }).min(1, { error: 'хотя бы один адрес' }),
  }).nullish(),
  webhook: strict({
    url: secret(hookExpected, isWebUrl),
    secret: secret(hookSecretExpected, isSigningSecret).optional(),
  }).nullish(),
})

const timeExpected = "время вида '09:00'"
const time = z.string({ error: timeExpected }).regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, { error: timeExpected })
const dayExpected = 'mon, tue, wed, thu, fri, sat или sun'
export const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
/** What is watched with these settings, not at all (false), or as usual (true). */
const rule = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z
    .union([flag, strict(shape)], { error: 'true, false или объект { … }' })
    .transform((settings) => (settings === true ? {} : settings))
    .pipe(z.union([z.literal(false), strict(shape)]))

const shareExpected = 'доля в процентах от 0 до 99'

const rulesSchema = strict({
  needs_person: rule({}).prefault(true),
  oldest_waiting: rule({ minutes: positive.default(15) }).prefault(true),
  connection_lost: rule({}).prefault(true),
  connection_ends: rule({ days: positive.default(14) }).prefault(true),
  /** Nobody but its owner knows how often a shop sells. */
  no_orders: z
    .union(
      [
        z.literal(false),
        strict({
          hours: positive,
          from: time.default('09:00'),
          to: time.default('18:00'),
          days: z
            .array(z.enum(days, { error: dayExpected }), { error: `список: ${dayExpected}` })
            .min(1, { error: 'хотя бы один день' })
            .default(['mon', 'tue', 'wed', 'thu', 'fri']),
          time_zone: timeZone.optional(),
        }).refine(({ from, to }) => from < to, { error: 'время позже from', path: ['to'] }),
      ],
      { error: 'false или { hours, from, to, days, time_zone }' },
    )
    .default(false),
  database: rule({}).prefault(true),
  disk: rule({
    percent: z
      .number({ error: shareExpected })
      .min(0, { error: shareExpected })
      .max(99, { error: shareExpected })
      .default(10),
    gigabytes: z.number({ error: 'число гигабайт' }).min(0, { error: 'число гигабайт' }).default(1),
  }).prefault(true),
})

export const alertsConfigSchema = strict({
  channels: channelsSchema.prefault({}),
  rules: rulesSchema.prefault({}),
  quiet_hours: strict({ from: time, to: time, time_zone: timeZone.optional() })
    .refine(({ from, to }) => from !== to, { error: 'другое время, чем from', path: ['to'] })
    .nullish(),
})

export type AlertSettings = z.output<typeof alertsConfigSchema>
