import { z } from 'zod'
import { nodesOf } from '../database/mysql-url.ts'
import type { alertsConfigSchema } from './alert-schema.ts'
import type { amoFieldsMapperSchema, requestMapperSchema } from './mapper-schemas.ts'
import { rights, rightsOfRole } from './rights.ts'
import { amoId, count, flag, proxy, strict, text, timeZone, webAddress } from './schema-parts.ts'
import type { sourcesConfigSchema } from './source-schema.ts'

/**
 * The shapes of the files in `config/<env>/`. Every message names what was expected, in the user's language,
 * and never repeats the value: it may be a secret.
 */

const folderExpected = 'папка в адресе из латинских букв, цифр, - и _, например integra; пусто для корня'
const appKeyExpected = '32 байта в base64 (openssl rand -base64 32)'
const databaseExpected =
  'sqlite:путь/к/файлу.db, mysql://пользователь:пароль@хост:3306/база (узлы кластера через запятую: хост:3306,другой:3306) или { name, username, password }'

const appKey = text(appKeyExpected).refine((key) => Buffer.from(key, 'base64').length === 32, { error: appKeyExpected })

const hostExpected =
  'адрес, на котором слушать, например 127.0.0.1, или unix:/полный/путь/сокета, не длиннее 100 знаков'

const webhookTokenExpected = 'секрет не короче 8 знаков, с которым магазин шлёт заказы'
const webhookToken = text(webhookTokenExpected)

const metricsTokenExpected = 'секрет не короче 16 знаков, с которым Prometheus читает /metrics'

const sessionExpected = 'время в секундах, не меньше 60'

const daysExpected = 'число дней, не меньше 1, или null: хранить всегда'
function days(usually: number) {
  return z.int({ error: daysExpected }).min(1, { error: daysExpected }).nullable().default(usually)
}

const sampleAppKey = 'cGFyb20gbG9jYWwgc2FtcGxlLCBub3QgcHJvZC4uLi4='

const appConfigSchema = strict({
  app_name: text('название, строка').default('Паром'),
  language: z.enum(['ru', 'en'], { error: 'ru или en' }).default('ru'),
  time_zone: timeZone.optional(),
  host: text(hostExpected)
    .regex(/^(?!unix:)|^unix:\/.{0,99}$/, { error: hostExpected })
    .default('127.0.0.1'),
  port: z.coerce
    .number({ error: 'порт от 0 до 65535' })
    .int({ error: 'порт от 0 до 65535' })
    .min(0, { error: 'порт от 0 до 65535' })
    .max(65535, { error: 'порт от 0 до 65535' })
    .default(3000),
  script_folder: z
    .string({ error: folderExpected })
    .regex(/^\/?([\w-]+(\/[\w-]+)*)?\/?$/, { error: folderExpected })
    .default(''),
  public_url: webAddress.optional(),
  trusted_proxies: z.array(proxy, { error: 'список адресов прокси' }).default([]),
  database: z
    .union(
      [
        z.string().refine((url) => /^sqlite:.+/.test(url) || nodesOf(url) !== null, { error: databaseExpected }),
        z.strictObject({
          name: z.string().min(1),
          username: z.string().min(1),
          password: z.string(),
          connection: z.string().startsWith('mysql:').optional(),
        }),
      ],
      { error: databaseExpected },
    )
    .optional(),
  app_key: appKey,
  previous_app_keys: z
    .union(
      [
        z.array(appKey),
        z
          .string()
          .transform((keys) => keys.split(/[\s,]+/).filter(Boolean))
          .pipe(z.array(appKey)),
      ],
      {
        error: `прежние ключи: список, каждый — ${appKeyExpected}`,
      },
    )
    .default([]),
  webhook_token: webhookToken.nullish(),
  metrics_token: text(metricsTokenExpected).min(16, { error: metricsTokenExpected }).nullish(),
  body_limit: count('размер тела запроса в байтах').default(1024 * 1024),
  dedupe_window: count('время в секундах').default(600),
  session_idle: count(sessionExpected)
    .min(60, { error: sessionExpected })
    .default(12 * 60 * 60),
  session_absolute: count(sessionExpected)
    .min(60, { error: sessionExpected })
    .default(7 * 24 * 60 * 60),
  registration: z.enum(['open', 'invitation', 'closed'], { error: 'open, invitation или closed' }).optional(),
  retention: strict({ payloads: days(90), rejected: days(14), attempts: days(90) }).prefault({}),
  log_level: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'fatal, error, warn, info, debug, trace или silent',
    })
    .default('info'),
  log_folder: text('папка для файлов журнала').optional(),
  max_log_files: count('сколько файлов журнала хранить')
    .min(1, { error: 'сколько файлов журнала хранить, не меньше 1' })
    .default(14),
})

const closedAppConfigSchema = appConfigSchema.extend({
  webhook_token: webhookToken.min(8, { error: webhookTokenExpected }),
})

const prodAppConfigSchema = closedAppConfigSchema.extend({
  app_key: appKey.refine((key) => key !== sampleAppKey, { error: 'свой ключ, а не образец: openssl rand -base64 32' }),
})

/** Only at home may the webhook stand open, and on the internet no key may be one that everybody knows. */
export function appConfigSchemaOf(env: string) {
  if (env === 'local') return appConfigSchema
  return env === 'prod' ? prodAppConfigSchema : closedAppConfigSchema
}

const redirectUriExpected = 'адрес вида https://ваш.домен/папка/api/auth или пусто: от PUBLIC_URL'

export const amoConfigSchema = strict({
  domain: text('поддомен аккаунта (shop) или полный хост (shop.amocrm.ru)').regex(/^[a-z0-9.-]+$/i, {
    error: 'поддомен или хост, без https:// и пути',
  }),
  client_id: z.string({ error: 'id интеграции из amoCRM' }).trim().default(''),
  client_secret: z.string({ error: 'секретный ключ интеграции из amoCRM' }).trim().default(''),
  redirect_uri: z
    .url({ protocol: /^https?$/, error: redirectUriExpected })
    .or(z.literal(''))
    .default(''),
  access_token: z.string({ error: 'долгосрочный токен из amoCRM или null' }).trim().nullish(),
  base_url: webAddress.optional(),
  auth_url: webAddress.optional(),
  contact_cf_partner_id: amoId('поля контакта, в котором хранится id партнёра'),
  contact_name: z.string({ error: 'имя контакта, о котором заказ молчит' }).trim().default(''),
  company_name: z.string({ error: 'название компании, о котором заказ молчит' }).trim().default(''),
  sandbox: flag.default(false),
})
  .refine(({ client_id, client_secret }) => client_id === '' || client_secret !== '', {
    error: 'секретный ключ интеграции: без него client_id не действует',
    path: ['client_secret'],
  })
  .refine(({ client_id, client_secret }) => client_secret === '' || client_id !== '', {
    error: 'id интеграции: без него client_secret не действует',
    path: ['client_id'],
  })

export const systemConfigSchema = strict({
  cache: z
    .record(z.string(), strict({ ttl: count('время в секундах'), desc: z.string({ error: 'строка' }).optional() }), {
      error: 'объект { ключ: { ttl } }',
    })
    .default({}),
})

const passwordExpected = 'строка $argon2id$… (npx parom hash-password) или null, если есть invitation'
/** Whole: half of a copied one would make each sign-in of its person fail, not be refused. */
const argon2id = /^\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+\$[\w+/]{11,}\$[\w+/]{16,}$/
const digestExpected = 'sha256 от токена ссылки в base64url, 43 знака'

/** Whose password is null sets one by the link of the invitation; a password here counts more than the one set there. */
export const usersSchema = z.array(
  strict({
    login: text('логин, строка'),
    name: text('имя, строка'),
    password: z.string({ error: passwordExpected }).regex(argon2id, { error: passwordExpected }).nullable(),
    invitation: strict({
      digest: z.string({ error: digestExpected }).regex(/^[\w-]{43}$/, { error: digestExpected }),
      until: z.iso.datetime({ offset: true, error: 'время вида 2026-12-31T23:59:59Z' }),
    }).optional(),
    roles: z.array(text('роль из config/roles.ts'), { error: 'список ролей' }).min(1, { error: 'хотя бы одна роль' }),
  }).refine(({ password, invitation }) => password !== null || invitation, {
    error: passwordExpected,
    path: ['password'],
  }),
  { error: 'список пользователей' },
)

const rightsExpected = `список прав из: ${rights.join(', ')}`
export const rolesSchema = z.array(
  strict({
    id: text('имя роли'),
    desc: z.string({ error: 'описание роли' }),
    rights: z.array(z.enum(rights, { error: rightsExpected }), { error: rightsExpected }).optional(),
  }).refine((role) => rightsOfRole(role).length > 0, { error: rightsExpected, path: ['rights'] }),
  { error: 'список ролей' },
)

export const translationsSchema = z.record(z.string(), z.string({ error: 'строка' }), {
  error: 'объект { ключ: строка }',
})

export type AppConfig = z.input<typeof appConfigSchema>
export type AmoConfig = z.input<typeof amoConfigSchema>
export type SystemConfig = z.input<typeof systemConfigSchema>
export type RequestMapper = z.input<typeof requestMapperSchema>
export type AmoFieldsMapper = z.input<typeof amoFieldsMapperSchema>
export type AlertsConfig = z.input<typeof alertsConfigSchema>
export type SourcesConfig = z.input<typeof sourcesConfigSchema>
export type Users = z.input<typeof usersSchema>
export type Roles = z.input<typeof rolesSchema>
export type Translations = z.input<typeof translationsSchema>
