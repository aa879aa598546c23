import { z } from 'zod'
import { isConstant } from '../mapping/form.ts'

/**
 * The shapes of the files in `config/<env>/`. Every message names what was expected, in the user's language,
 * and never repeats the value: it may be a secret.
 */

const text = (expected: string) => z.string({ error: expected }).trim().min(1, { error: expected })
const flag = z.boolean({ error: 'true или false' })
const count = (expected: string) => z.int({ error: expected }).min(0, { error: expected })
const amoId = (what: string) =>
  z.int({ error: `id ${what} в amoCRM, целое число` }).positive({ error: `id ${what} в amoCRM, целое число` })
const webAddress = z.url({ protocol: /^https?$/, error: 'адрес вида https://crm.example.ru' })
const strict = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? `без неизвестных ключей: ${issue.keys.join(', ')}` : 'объект { … }',
  })

const folderExpected = 'папка в адресе из латинских букв, цифр, - и _, например integra; пусто для корня'
const appKeyExpected = '32 байта в base64 (openssl rand -base64 32)'
const databaseExpected =
  'sqlite:путь/к/файлу.db, mysql://пользователь:пароль@хост:3306/база или { name, username, password }'

const appKey = text(appKeyExpected).refine((key) => Buffer.from(key, 'base64').length === 32, { error: appKeyExpected })

const webhookTokenExpected = 'секрет не короче 8 знаков, с которым магазин шлёт заказы'
const webhookToken = text(webhookTokenExpected)

const sampleAppKey = 'cGFyb20gbG9jYWwgc2FtcGxlLCBub3QgcHJvZC4uLi4='

const appConfigSchema = strict({
  app_name: text('название, строка').default('Паром'),
  language: z.enum(['ru', 'en'], { error: 'ru или en' }).default('ru'),
  host: text('адрес, на котором слушать, например 127.0.0.1').default('127.0.0.1'),
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
  trusted_proxies: z.array(text('адрес прокси или loopback'), { error: 'список адресов прокси' }).default([]),
  database: z
    .union(
      [
        z.string().regex(/^(sqlite:.+|mysql:\/\/.+)/, { error: databaseExpected }),
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
  body_limit: count('размер тела запроса в байтах').default(1024 * 1024),
  dedupe_window: count('время в секундах').default(600),
  log_level: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'fatal, error, warn, info, debug, trace или silent',
    })
    .default('info'),
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

const fieldNames = z.union([text('имя поля'), z.array(text('имя поля')).min(1)], { error: 'имя поля или список имён' })

const responsible = z.union([amoId('пользователя'), z.literal('contact')], {
  error: 'id пользователя в amoCRM или contact (ответственный за контакт)',
})

const routeSchema = strict({
  pipeline_id: amoId('воронки').optional(),
  status_id: amoId('этапа').optional(),
  responsible_user_id: responsible.optional(),
})

const mappingSchema = strict({
  id: z.string().optional(),
  mapped_id: fieldNames,
  value: z.string({ error: 'строка' }).optional(),
  values: z.record(z.string(), z.string({ error: 'строка' }), { error: 'объект { значение: значение }' }).optional(),
  default: z.string({ error: 'строка' }).optional(),
})

const tags = z.array(z.string({ error: 'строка' }), { error: 'список строк' }).default([])

const productMatch = z.enum(['name', 'sku'], { error: 'name или sku' })

const formSchema = strict({
  sources: z.array(text('источник заказов: lk, metform'), { error: 'список источников: lk, metform' }).default([]),
  pipeline_id: amoId('воронки'),
  status_id: amoId('этапа'),
  responsible_user_id: responsible.optional(),
  lead_name: z.string({ error: 'строка, может быть пустой' }).default(''),
  entities_create: z
    .array(z.enum(['lead', 'contact', 'company'], { error: 'lead, contact или company' }), { error: 'список' })
    .default(['lead']),
  mapping: z
    .record(z.string(), mappingSchema, { error: 'объект { поле запроса: { mapped_id } }' })
    .superRefine((mapping, context) => {
      for (const [key, { value }] of Object.entries(mapping)) {
        if (isConstant(key) && value === undefined)
          context.addIssue({ code: 'custom', path: [key, 'value'], message: 'строка: значение постоянной custom###' })
      }
    })
    .default({}),
  logic: z
    .record(z.string(), z.record(z.string(), routeSchema), {
      error: 'объект { поле: { значение: { pipeline_id, status_id, responsible_user_id } } }',
    })
    .default({}),
  tags: strict({ lead: tags, contact: tags, company: tags }).default({ lead: [], contact: [], company: [] }),
  partner_not_found: z
    .union([z.enum(['warn', 'create']), z.strictObject({ contact_id: amoId('контакта') })], {
      error: 'warn, create или { contact_id: id контакта }',
    })
    .default('warn'),
  products: strict({
    match: z
      .array(productMatch, { error: 'список из name и sku' })
      .min(1, { error: 'name или sku' })
      .default(['name', 'sku']),
    not_found: z.enum(['warn', 'create'], { error: 'warn или create' }).default('warn'),
  }).default({ match: ['name', 'sku'], not_found: 'warn' }),
})

export const requestMapperSchema = strict({
  forms: z
    .record(z.string(), formSchema, { error: 'объект { форма: { pipeline_id, status_id, … } }' })
    .refine((forms) => Object.hasOwn(forms, 'default'), { error: 'форма default: по ней идут заказы без form_id' }),
})

const fieldReferenceExpected = '{ id: число больше нуля }, { name: строка } или { code: строка }'

export const amoFieldsMapperSchema = z.record(
  z.string(),
  z
    .strictObject(
      {
        id: amoId('поля').optional(),
        name: text('имя поля').optional(),
        code: text('код поля').optional(),
        entity: z.enum(['leads', 'contacts', 'companies'], { error: 'leads, contacts или companies' }).optional(),
        part: text('часть поля: WORK, city, vat_id').optional(),
      },
      { error: fieldReferenceExpected },
    )
    .refine(({ id, name, code }) => id !== undefined || name !== undefined || code !== undefined, {
      error: fieldReferenceExpected,
    }),
  { error: 'объект { имя: { id } }' },
)

const passwordExpected = 'строка $argon2id$… (npx parom hash-password) или null, если есть invitation'
const digestExpected = 'sha256 от токена ссылки в base64url, 43 знака'

/** Whose password is null sets one by the link of the invitation; a password here counts more than the one set there. */
export const usersSchema = z.array(
  strict({
    login: text('логин, строка'),
    name: text('имя, строка'),
    password: z.string({ error: passwordExpected }).startsWith('$argon2id$', { error: passwordExpected }).nullable(),
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

export const rolesSchema = z.array(strict({ id: text('имя роли'), desc: z.string({ error: 'описание роли' }) }), {
  error: 'список ролей',
})

export const translationsSchema = z.record(z.string(), z.string({ error: 'строка' }), {
  error: 'объект { ключ: строка }',
})

export type AppConfig = z.input<typeof appConfigSchema>
export type AmoConfig = z.input<typeof amoConfigSchema>
export type SystemConfig = z.input<typeof systemConfigSchema>
export type RequestMapper = z.input<typeof requestMapperSchema>
export type AmoFieldsMapper = z.input<typeof amoFieldsMapperSchema>
export type Users = z.input<typeof usersSchema>
export type Roles = z.input<typeof rolesSchema>
export type Translations = z.input<typeof translationsSchema>
