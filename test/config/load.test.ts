import { randomBytes } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/config/config-error.ts'
import { loadConfig } from '../../src/config/load.ts'

const project = join(import.meta.dirname, '../../config')

async function faultsOf(env: Record<string, string>) {
  const error = await loadConfig(env).then(
    () => expect.fail('the configuration was taken'),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof ConfigError)) throw error
  return error
}

describe('the configuration that ships', () => {
  it('works at once in local', async () => {
    const retention = { payloads: 90, rejected: 14, attempts: 90 }
    const config = await loadConfig({ ENV_TYPE: 'local' })
    expect(config).toMatchObject({
      env: 'local',
      app: { host: '127.0.0.1', port: 3000, basePath: '', registration: 'open', retention },
      amo: { contact_cf_partner_id: 641351, startSandbox: true },
    })
    expect(config.app.databaseUrl).toMatch(/^sqlite:.*\/var\/local\.db$/)
  })

  it('refuses to start in prod until it is filled in, naming every fault at once', async () => {
    const { message } = await faultsOf({ ENV_TYPE: 'prod', PORT: 'eighty' })
    for (const part of [
      'переменная PORT: ожидается порт',
      'config/prod/app.config.ts → app_key (или переменная APP_KEY)',
      'config/prod/app.config.ts → webhook_token (или переменная WEBHOOK_TOKEN)',
      'config/prod/amo.config.ts → domain',
      'config/prod/amo.config.ts → contact_cf_partner_id',
      'config/prod/request.mapper.ts → forms.default.pipeline_id',
      'config/prod/request.mapper.ts → forms.default.status_id',
      'config/prod/amo-fields.mapper.ts → lead.cf.customer_lastname.id',
      'config/users.ts → 0.password: ожидается свой пароль',
    ]) {
      expect(message).toContain(part)
    }
  })

  it('takes the variables over the files, and blank ones for absent', async () => {
    const config = await loadConfig({
      ENV_TYPE: ' local\n',
      HOST: '0.0.0.0',
      PORT: '8080',
      BASE_PATH: '/integra/',
      PUBLIC_URL: 'https://crm.example.ru',
      DATABASE_URL: 'mysql://parom:secret@db:3306/parom',
      WEBHOOK_TOKEN: 'secret',
      AMO_BASE_URL: 'http://127.0.0.1:4000/',
      AMO_ACCESS_TOKEN: 'token',
      LOG_LEVEL: '',
    })
    expect(config.app).toMatchObject({
      host: '0.0.0.0',
      port: 8080,
      basePath: '/integra',
      databaseUrl: 'mysql://parom:secret@db:3306/parom',
      webhook_token: 'secret',
      log_level: 'info',
    })
    expect(config.amo).toMatchObject({ baseUrl: 'http://127.0.0.1:4000', access_token: 'token', startSandbox: false })
  })
})

describe('a configuration folder of one’s own', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'parom-config-'))
    cpSync(project, folder, { recursive: true })
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  function change(file: string, from: string, to: string) {
    const text = readFileSync(join(folder, file), 'utf8')
    if (!text.includes(from)) throw new Error(`${file} has no ${from}`)
    writeFileSync(join(folder, file), text.replace(from, to))
  }
  const load = (env: Record<string, string> = {}) => loadConfig({ ENV_TYPE: 'local', CONFIG_DIR: folder, ...env })
  const faults = (env: Record<string, string> = {}) => faultsOf({ ENV_TYPE: 'local', CONFIG_DIR: folder, ...env })

  it('is read from CONFIG_DIR, its secrets from .env beside the files', async () => {
    writeFileSync(join(folder, 'local/.env'), 'WEBHOOK_TOKEN=from-the-file\nAMO_ACCESS_TOKEN=from-the-file\n')
    const config = await load({ AMO_ACCESS_TOKEN: 'from-the-environment' })
    expect(config.app.webhook_token).toBe('from-the-file')
    expect(config.amo.access_token).toBe('from-the-environment')
  })

  it('may leave the texts to Parom', async () => {
    rmSync(join(folder, 'translations'), { recursive: true })
    expect((await load()).translations.ru['order.total']).toBe('Итого')
  })

  it('may name the database as the PHP script did', async () => {
    change(
      'local/app.config.ts',
      '// database:',
      "database: { name: 'parom', username: 'u@1', password: 'p/w', connection: 'mysql:host=db;port=3307' }, //",
    )
    expect((await load()).app.databaseUrl).toBe('mysql://u%401:p%2Fw@db:3307/parom')
  })

  it.each([
    [
      'an unknown key',
      'local/app.config.ts',
      'port: 3000',
      'prot: 3000',
      ['app.config.ts', 'неизвестных ключей: prot'],
    ],
    [
      'a time for which nothing can be kept',
      'local/app.config.ts',
      '// retention: { payloads: 90,',
      'retention: { payloads: 0,',
      ['app.config.ts → retention.payloads', 'число дней, не меньше 1, или null: хранить всегда'],
    ],
    [
      'a wrong type',
      'local/request.mapper.ts',
      'pipeline_id: 1731979',
      "pipeline_id: 'main'",
      ['request.mapper.ts → forms.default.pipeline_id', 'id воронки'],
    ],
    [
      'a mapping to nowhere',
      'local/request.mapper.ts',
      "'lead.cf.comment'",
      "'lead.cf.coment'",
      ['forms.default.mapping.comment.mapped_id', 'amo-fields.mapper.ts'],
    ],
    [
      'no default form',
      'local/request.mapper.ts',
      'default: {',
      'defualt: {',
      ['request.mapper.ts → forms', 'форма default'],
    ],
    [
      'a plain password',
      'users.ts',
      "password: '$argon2id",
      "password: 'admin$argon2id",
      ['users.ts → 0.password', 'npx parom hash-password'],
    ],
    [
      'a password that was not copied whole',
      'users.ts',
      '$C04Lg9v6Ad5kaDxhFKiSlnXGohmr5cw5Kk1S7Kpz9eY',
      '$C04L',
      ['users.ts → 0.password', 'npx parom hash-password'],
    ],
    [
      'a login that two people have',
      'users.ts',
      'export default [',
      "export default [{ login: 'admin', name: 'x', password: null, invitation: { digest: 'x'.repeat(43), until: '2030-01-01T00:00:00Z' }, roles: ['admin'] },",
      ['users.ts → 1.login', 'нет у другого'],
    ],
    ['an unknown role', 'users.ts', "['admin']", "['boss']", ['users.ts → 0.roles', 'roles.ts']],
    [
      'a file that is no TypeScript',
      'local/amo.config.ts',
      'export default {',
      'export default {{',
      ['amo.config.ts', 'читаемый файл'],
    ],
    [
      'a database of another kind',
      'local/app.config.ts',
      '// database:',
      "database: 'postgres://me@db/x', //",
      ['app.config.ts → database', 'mysql://пользователь'],
    ],
    ['an app key that is too short', 'local/app.config.ts', 'cGFyb20g', '', ['app.config.ts → app_key', '32 байта']],
  ])('is refused for %s, with file, key and what was expected', async (_case, file, from, to, parts) => {
    change(file, from, to)
    const { message } = await faults()
    for (const part of parts) expect(message).toContain(part)
  })

  it.each([
    'mysql://u:p@one,two:3307,[::1]:3308/parom',
    'mysql://u%401:p%2C%2F@one:3306,two/parom',
    'mysql://one/parom?ssl={"rejectUnauthorized":true}',
  ])('takes the nodes of a cluster for a database: %s', async (url) => {
    expect((await load({ DATABASE_URL: url })).app.databaseUrl).toBe(url)
  })

  it.each([
    'mysql://',
    'mysql:///parom',
    'mysql://u:p@one,,two/parom',
    'mysql://u:p@one,two:99999/parom',
    'mysql://u:p%@one/parom',
    'mariadb://one/parom',
  ])('is refused for a database that cannot be meant: %s', async (url) => {
    const { message } = await faults({ DATABASE_URL: url })
    expect(message).toContain('DATABASE_URL: ожидается')
    expect(message).toContain('узлы кластера через запятую')
  })

  it.each([
    'loopback',
    'linklocal',
    'uniquelocal',
    'socket',
    '10.0.0.2',
    '::1',
    '10.0.0.0/8',
    '10.0.0.0/255.0.0.0',
    'fc00::/7',
  ])('takes %s for a proxy', async (proxy) => {
    change('local/app.config.ts', 'trusted_proxies: []', `trusted_proxies: ['${proxy}']`)
    expect((await load()).app.trusted_proxies).toEqual([proxy])
  })

  it.each(['localhost', 'nginx:80', '10.0.0.2:80', '10.0.0.0/33', '10.0.0.0/0', '10.0.0.0/255.0.255.0', '[::1]', '*'])(
    'is refused for a proxy that nobody can be: %s',
    async (proxy) => {
      change('local/app.config.ts', 'trusted_proxies: []', `trusted_proxies: ['loopback', '${proxy}']`)
      const { message } = await faults()
      expect(message).toContain('trusted_proxies.1: ожидается адрес или сеть прокси')
      expect(message).not.toContain(proxy)
    },
  )

  it('is refused for a SANDBOX_PORT or BASE_PATH that cannot be one', async () => {
    const { message } = await faults({ SANDBOX_PORT: 'x', BASE_PATH: '../e(f' })
    expect(message).toContain('переменная SANDBOX_PORT: ожидается порт')
    expect(message).toContain('переменная BASE_PATH: ожидается папка в адресе')
  })

  it.each([
    [
      'a source that nobody is',
      (name: string) => name.replace("entities_create: ['lead']", "sources: ['wordpress'], entities_create: ['lead']"),
      'forms.default.sources.0: ожидается источник заказов: lk, metform',
    ],
    [
      'a tag that looks like a rule and is none',
      (name: string) => name.replace("lead: ['dropshipping']", "lead: ['maping###x']"),
      'forms.default.tags.lead.0: ожидается строка или mapping###поле',
    ],
    [
      'a list of no targets',
      (name: string) => name.replace("mapped_id: 'lead.cf.comment'", 'mapped_id: []'),
      'forms.default.mapping.comment.mapped_id: ожидается имя поля или список имён',
    ],
    [
      'a source in two forms',
      (name: string) =>
        name.replace(
          'forms: {',
          "forms: { a: { sources: ['lk'], pipeline_id: 1, status_id: 2 }, b: { sources: ['lk'], pipeline_id: 1, status_id: 2 },",
        ),
      'forms.b.sources: ожидается источник lk только в одной форме: он уже в a',
    ],
  ])('is refused with %s', async (_, edit, expected) => {
    const file = join(folder, 'local/request.mapper.ts')
    writeFileSync(file, edit(readFileSync(file, 'utf8')))
    expect((await faults()).message).toContain(expected)
  })

  it('is refused with templates of a form that there is not', async () => {
    mkdirSync(join(folder, 'local/templates/optt'), { recursive: true })
    expect((await faults()).message).toContain('templates/optt: ожидается имя формы из request.mapper.ts: default')
  })

  it('is taken with keys that have no effect yet, and names them', async () => {
    change('local/request.mapper.ts', "mapped_id: 'lead.cf.comment'", "mapped_id: ['lead.cf.comment', 'contact_name']")
    change('local/request.mapper.ts', 'company: []', "company: ['опт']")
    expect((await load()).idleKeys).toEqual(['forms.default.tags.company', 'forms.default.mapping.comment'])
  })

  it('is taken with keys of people whom it makes', async () => {
    change('local/request.mapper.ts', "mapped_id: 'lead.cf.comment'", "mapped_id: ['lead.cf.comment', 'contact_name']")
    change('local/request.mapper.ts', 'company: []', "company: ['опт']")
    change('local/request.mapper.ts', "entities_create: ['lead']", "entities_create: ['lead', 'contact', 'company']")
    expect((await load()).idleKeys).toEqual([])
  })

  it('brings the texts that it wants otherwise; the others are the project’s', async () => {
    rmSync(join(folder, 'translations'), { recursive: true })
    expect((await load()).translations.ru).toMatchObject({ 'order.total': 'Итого', 'order.comment': 'Комментарий' })
    mkdirSync(join(folder, 'translations'))
    writeFileSync(join(folder, 'translations/ru.ts'), "export default { 'order.total': 'К оплате' }")
    const { translations } = await load()
    expect(translations.ru).toMatchObject({ 'order.total': 'К оплате', 'order.comment': 'Комментарий' })
    expect(translations.en['order.total']).toBe('Total')
    writeFileSync(join(folder, 'translations/en.ts'), "export default { 'order.total': 5 }")
    expect((await faults()).message).toContain('translations/en.ts → order.total: ожидается строка')
  })

  it('never shows a value, which may be a secret', async () => {
    const { message } = await faults({
      APP_KEY: 'my-very-secret-key',
      DATABASE_URL: 'postgres://me:hunter2@db/x',
      PUBLIC_URL: 'crm.example.ru?secret',
    })
    expect(message).toContain('переменная APP_KEY')
    expect(message).toContain('переменная DATABASE_URL')
    expect(message).toContain('переменная PUBLIC_URL')
    expect(message).not.toMatch(/my-very-secret-key|hunter2|secret/)
  })

  it('names the environment whose folder is missing', async () => {
    expect((await faults({ ENV_TYPE: 'n1k' })).message).toContain('среды «n1k»')
  })

  describe('of prod, filled in', () => {
    const env = () => ({
      ENV_TYPE: 'prod',
      APP_KEY: randomBytes(32).toString('base64'),
      WEBHOOK_TOKEN: 'a long enough secret',
      AMO_ACCESS_TOKEN: 'token',
    })
    beforeEach(async () => {
      for (const [from, to] of [
        ["domain: ''", "domain: 'shop'"],
        ['contact_cf_partner_id: 0', 'contact_cf_partner_id: 1'],
      ] as const)
        change('prod/amo.config.ts', from, to)
      for (const [from, to] of [
        ['pipeline_id: 0', 'pipeline_id: 1'],
        ['status_id: 0', 'status_id: 2'],
      ] as const)
        change('prod/request.mapper.ts', from, to)
      writeFileSync(
        join(folder, 'prod/amo-fields.mapper.ts'),
        readFileSync(join(folder, 'prod/amo-fields.mapper.ts'), 'utf8').replaceAll('id: 0', 'id: 7'),
      )
      const { hash } = await import('@node-rs/argon2')
      const own = await hash('quite another password')
      writeFileSync(
        join(folder, 'users.ts'),
        readFileSync(join(folder, 'users.ts'), 'utf8').replace(/'\$argon2id[^']+'/, `'${own}'`),
      )
    })

    it('starts, with the account at its amocrm.ru host', async () => {
      const config = await load(env())
      expect(config.amo).toMatchObject({
        domain: 'shop.amocrm.ru',
        baseUrl: 'https://shop.amocrm.ru',
        startSandbox: false,
      })
      expect(config.app.databaseUrl).toMatch(/var\/prod\.db$/)
      expect(config.app.registration).toBe('closed')
    })

    it.each([
      ['shop', 'https://www.amocrm.ru'],
      ['shop.amocrm.com', 'https://www.amocrm.com'],
      ['shop.kommo.com', 'https://www.kommo.com'],
      ['crm.example.ru', 'https://www.amocrm.ru'],
    ])('asks for consent to %s at %s', async (domain, site) => {
      change('prod/amo.config.ts', "domain: 'shop'", `domain: '${domain}'`)
      expect((await load(env())).amo.auth_url).toBe(site)
      expect((await load({ ...env(), AMO_BASE_URL: 'http://127.0.0.1:4000' })).amo.auth_url).toBe(
        'http://127.0.0.1:4000',
      )
      expect((await load({ ...env(), AMO_AUTH_URL: 'https://site.example/x' })).amo.auth_url).toBe(
        'https://site.example',
      )
    })

    it('takes former keys as a list, and its own address for the way back from amoCRM', async () => {
      const keys = [randomBytes(32), randomBytes(32)].map((key) => key.toString('base64'))
      const config = await load({
        ...env(),
        PUBLIC_URL: 'https://crm.example.ru',
        BASE_PATH: 'integra',
        APP_KEY_PREVIOUS: keys.join(', '),
      })
      expect(config.app.previous_app_keys).toEqual(keys)
      expect(config.amo.redirectUri).toBe('https://crm.example.ru/integra/api/auth')
      const named = await load({ ...env(), AMO_REDIRECT_URI: 'https://other.example.ru/cb' })
      expect(named.amo.redirectUri).toBe('https://other.example.ru/cb')
    })

    it.each([
      [
        'the sample key',
        { APP_KEY: 'cGFyb20gbG9jYWwgc2FtcGxlLCBub3QgcHJvZC4uLi4=' },
        'переменная APP_KEY: ожидается свой ключ',
      ],
      ['no webhook token', { WEBHOOK_TOKEN: '' }, 'webhook_token (или переменная WEBHOOK_TOKEN)'],
      [
        'an integration without its secret',
        { AMO_CLIENT_ID: 'id' },
        'client_secret (или переменная AMO_CLIENT_SECRET)',
      ],
      ['a secret without its integration', { AMO_CLIENT_SECRET: 'secret' }, 'client_id (или переменная AMO_CLIENT_ID)'],
      [
        'a socket that is no whole path',
        { HOST: 'unix:parom.sock' },
        'переменная HOST: ожидается адрес, на котором слушать',
      ],
      [
        'a socket that nobody finds',
        { HOST: 'unix:/run/parom/1.sock', PUBLIC_URL: '' },
        'public_url (или переменная PUBLIC_URL)',
      ],
      ['a former key that is none', { APP_KEY_PREVIOUS: 'short' }, 'переменная APP_KEY_PREVIOUS: ожидается'],
    ])('refuses %s', async (_case, changed, part) => {
      expect((await faults({ ...env(), ...changed })).message).toContain(part)
    })

    it('refuses a password that equals the login', async () => {
      change('users.ts', "login: 'admin'", "login: 'quite another password'")
      expect((await faults(env())).message).toContain('0.password: ожидается свой пароль')
    })
  })

  it('asks an environment other than local for a webhook token', async () => {
    cpSync(join(folder, 'local'), join(folder, 'n1k'), { recursive: true })
    expect((await faults({ ENV_TYPE: 'n1k' })).message).toContain('webhook_token (или переменная WEBHOOK_TOKEN)')
    mkdirSync(join(folder, 'empty'))
    expect((await faults({ ENV_TYPE: 'empty' })).message).toContain('empty/app.config.ts')
  })
})
