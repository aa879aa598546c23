import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { parse as parseDotenv } from 'dotenv'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { onEachDatabase } from '../support/databases.ts'
import { lint } from '../support/lint.ts'
import { postOrder, startParom } from '../support/parom.ts'
import { run } from '../support/process.ts'
import { createVisitor } from '../support/visitor.ts'

const legacy = join(import.meta.dirname, '../fixtures/legacy')
const expected = join(import.meta.dirname, '../fixtures/legacy-imported')

async function importLegacy(args: string[], env: Record<string, string> = {}) {
  const { exited, output } = run('src/cli/parom.ts', ['import-legacy', ...args], env)
  return { code: await exited, output: output() }
}

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort()

let scratch: string
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'parom-import-'))
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** What differs from one import to the next is set to one value. */
function settle(text: string, into: string) {
  return text
    .replace(/'[^']*\/src\/config\/schema\.ts'/, "'schema.ts'")
    .replace(/digest: '[\w-]{43}'/g, "digest: '…'")
    .replace(/until: '[^']+'/g, "until: '…'")
    .replace(new RegExp(`\\S*${into.slice(1)}`, 'g'), '<into>')
    .replaceAll(relative(process.cwd(), into), '<into>')
    .replace(/invitations\/[\w-]{43}/g, 'invitations/<token>')
    .replace(/до \d{4}-\d\d-\d\d/, 'до <date>')
}

describe('the import of the PHP script’s configuration', () => {
  let into: string
  let imported: Awaited<ReturnType<typeof importLegacy>>
  beforeAll(async () => {
    into = join(scratch, 'all')
    imported = await importLegacy([legacy, '--into', into])
  })

  it('writes every environment as our own files', () => {
    expect(imported.code).toBe(0)
    const written = filesIn(into).filter((file) => !file.endsWith('.env'))
    expect(written).toEqual(filesIn(expected).filter((file) => file !== 'report.txt'))
    for (const file of written) {
      const texts = [join(into, file), join(expected, file)].map((path) => settle(readFileSync(path, 'utf8'), into))
      expect(texts[0], file).toBe(texts[1])
    }
  })

  it('tells what came over, what did not and why, and what is next', () => {
    expect(settle(imported.output, into)).toBe(readFileSync(join(expected, 'report.txt'), 'utf8'))
  })

  it('puts the secrets where only their owner can read them, and nowhere else', () => {
    const secrets = ['local', 'prod', 'n1k'].map((env) => {
      const file = join(into, env, '.env')
      expect(statSync(file).mode & 0o777).toBe(0o600)
      return parseDotenv(readFileSync(file, 'utf8'))
    })
    expect(secrets).toMatchObject([
      { AMO_CLIENT_SECRET: 'invented-secret-of-local' },
      {
        AMO_CLIENT_SECRET: 'invented\'secret"of#prod$',
        DATABASE_URL: "mysql://shop%40user:p%40ss%2Fword%23%22'%25@10.0.0.5:3307/shop_db",
      },
      {},
    ])
    expect(secrets.map(({ PUBLIC_URL }) => PUBLIC_URL)).toEqual([
      undefined,
      'https://crm.example.ru/integra',
      undefined,
    ])
    for (const each of secrets) delete each['PUBLIC_URL']
    expect(new Set(secrets.flatMap(({ APP_KEY, WEBHOOK_TOKEN }) => [APP_KEY, WEBHOOK_TOKEN])).size).toBe(6)
    const open = filesIn(into).filter((file) => !file.endsWith('.env'))
    const all = [imported.output, ...open.map((file) => readFileSync(join(into, file), 'utf8'))].join('\n')
    for (const secret of ['invented', 'p@ss', 'must-not-be-shown', 'd033e22ae348']) expect(all).not.toContain(secret)
    for (const secret of secrets.flatMap(Object.values)) expect(all).not.toContain(secret)
  })

  it('writes what the formatter and the linter agree to', () => {
    const copy = join(scratch, 'linted')
    cpSync(into, copy, { recursive: true })
    expect(lint(copy)).toContain('No fixes applied')
  })

  it('gives a configuration that Parom takes, with the texts that the user had changed', async () => {
    const config = await loadConfig({ CONFIG_DIR: into, ENV_TYPE: 'prod' })
    expect(config.amo).toMatchObject({ baseUrl: 'https://example-shop.amocrm.ru', contact_cf_partner_id: 2025691 })
    expect(config.app).toMatchObject({ basePath: '/integra', app_name: 'Партнёры' })
    expect(config.translations.ru).toMatchObject({ 'order.total': 'Всего к оплате', 'order.lastname': 'Покупатель' })
    const { requestMapper, amo } = await loadConfig({ CONFIG_DIR: into, ENV_TYPE: 'local' })
    expect(amo.contact_name).toBe('Покупатель')
    expect(Object.keys(requestMapper.forms)).toEqual(['default', 'it\'s "quoted"'])
  })

  it('overwrites nothing', async () => {
    const before = filesIn(into).map((file) => readFileSync(join(into, file), 'utf8'))
    const { code, output } = await importLegacy([legacy, '--into', into, '--env', 'prod'])
    expect(code).toBe(1)
    expect(output).toContain('ничего не записано')
    expect(output).toContain('prod/.env')
    expect(filesIn(into).map((file) => readFileSync(join(into, file), 'utf8'))).toEqual(before)
  })

  it('writes nothing at all when but one file is there', async () => {
    const one = join(scratch, 'one')
    mkdirSync(one)
    writeFileSync(join(one, 'roles.ts'), 'mine')
    expect(await importLegacy([legacy, '--into', one])).toMatchObject({
      code: 1,
      output: expect.stringContaining('roles.ts'),
    })
    expect(filesIn(one)).toEqual(['roles.ts'])
  })
})

describe('npx parom import-legacy', () => {
  let into: string
  beforeEach(() => {
    into = mkdtempSync(join(scratch, 'into-'))
  })
  const environments = () => ['local', 'n1k', 'prod'].filter((name) => existsSync(join(into, name)))

  it.each([
    ['the config folder', 'config', [], ['local', 'n1k', 'prod']],
    ['one environment', 'config/environment/prod', [], ['prod']],
    ['one environment of all', '', ['--env', 'prod'], ['prod']],
  ])('takes %s', async (_case, folder, args, names) => {
    const { code } = await importLegacy([join(legacy, folder), ...args, '--into', into])
    expect(code).toBe(0)
    expect(environments()).toEqual(names)
    expect((await loadConfig({ CONFIG_DIR: into, ENV_TYPE: 'prod' })).users).toHaveLength(3)
  })

  it('takes an environment that stands alone, and says that the users are missing', async () => {
    const alone = join(into, 'alone/somewhere/n1k')
    cpSync(join(legacy, 'config/environment/prod'), alone, { recursive: true })
    const { code, output } = await importLegacy([alone, '--into', join(into, 'new')])
    expect(code).toBe(0)
    expect(output).toContain('users.php: файла нет')
    expect(output).toContain('Пользователей нет')
    expect(output).not.toContain('/invitations/')
  })

  it.each([
    ['nothing of the script', ['test/fixtures/orders'], 1, 'нет настроек PHP-скрипта'],
    ['a folder that is missing', ['/nowhere'], 1, 'нет настроек PHP-скрипта'],
    ['an unknown environment', [legacy, '--env', 'stage'], 1, 'Такой среды нет'],
    ['no folder', [], 2, 'npx parom import-legacy <папка'],
    ['an unknown option', [legacy, '--force'], 2, 'npx parom import-legacy <папка'],
    ['a folder that cannot be written', [legacy, '--into', 'package.json/x'], 1, 'Файлы не записываются'],
  ])('says so when given %s', async (_case, args, code, words) => {
    const result = await importLegacy([...args, ...(args.includes('--into') ? [] : ['--into', into])])
    expect(result).toMatchObject({ code, output: expect.stringContaining(words) })
    expect(result.output).not.toContain('    at ')
    expect(filesIn(into)).toEqual([])
  })

  it('names the address that people use, and speaks English when asked', async () => {
    const env = { PUBLIC_URL: 'https://crm.example.ru/x' }
    const { output } = await importLegacy([legacy, '--into', into, '--language', 'en'], env)
    expect(output).toContain('What to do next')
    expect(output).toMatch(/admin +https:\/\/crm\.example\.ru\/integra\/invitations\/[\w-]{43}\n/)
    expect(output).toContain('https://crm.example.ru/integra/api/order/create?token=…')
    expect(readFileSync(join(into, 'prod/.env'), 'utf8')).not.toContain('PUBLIC_URL')
  })

  it.each([
    [
      'an address of the internet',
      'http://crm.example.ru/integra/api/auth',
      'http://crm.example.ru/integra/invitations',
    ],
    ['another path', 'https://crm.example.ru/back', 'http://127.0.0.1:3000/integra/invitations'],
    ['somebody’s desk', 'https://localhost/integra/api/auth', 'http://127.0.0.1:3000/integra/invitations'],
    ['no address', 'api/auth', 'http://127.0.0.1:3000/integra/invitations'],
  ])('makes of a redirect_uri with %s a PUBLIC_URL only where that is https', async (_case, redirectUri, links) => {
    const old = join(into, 'old')
    cpSync(legacy, old, { recursive: true })
    const settings = `<?php return ['domain' => 'example-shop', 'redirect_uri' => '${redirectUri}'];`
    writeFileSync(join(old, 'config/environment/prod/amo.config.php'), settings)
    const { output } = await importLegacy([old, '--env', 'prod', '--into', join(into, 'new')])
    expect(output).toContain(links)
    expect(output).toContain('Впишите PUBLIC_URL')
    expect(readFileSync(join(into, 'new/prod/.env'), 'utf8')).not.toContain('PUBLIC_URL')
  })

  it('says nothing of passwords that the PHP script reckoned out', async () => {
    const old = join(into, 'old')
    cpSync(legacy, old, { recursive: true })
    const users = "<?php return [['login' => 'ann', 'password' => sha1('x'), 'name' => name()]];"
    writeFileSync(join(old, 'config/users.php'), users)
    const { output } = await importLegacy([old, '--env', 'prod', '--into', join(into, 'new')])
    expect(output).not.toContain('sha1')
    expect(output).toContain('0.name: здесь name()')
  })

  it.each([
    ['a megabyte', 'a'.repeat(1024 * 1024), 'файл больше 128 КиБ'],
    ['deep nesting', `<?php return ${'['.repeat(60_000)}`, 'слишком глубокая вложенность'],
    ['no PHP', 'hello', 'файл не прочитан'],
    ['another encoding', Buffer.from([...Buffer.from('<?php return ["a" => "'), 0xcf, ...Buffer.from('"];')]), 'UTF-8'],
  ])('goes on over a file of %s', async (_case, content, words) => {
    const hostile = join(into, 'old')
    cpSync(legacy, hostile, { recursive: true })
    writeFileSync(join(hostile, 'config/environment/prod/request.mapper.php'), content)
    const { code, output } = await importLegacy([hostile, '--env', 'prod', '--into', join(into, 'new')])
    expect(code).toBe(0)
    expect(output).toContain(words)
    expect(output).toContain('prod/request.mapper.php')
    expect(output).toContain('форма default')
    expect(output).toContain('prod/amo-fields.mapper.php: полей amoCRM — 1')
  })
})

describe('a secret', () => {
  it.each([
    ['with a quote', "a'b", "a'b"],
    ['with other quotes', 'a"b`c#d $e\\\\n', 'a"b`c#d $e\\n'],
    ['with every quote', "a'b`c", undefined],
    ['with a backslash at its end', 'abc\\\\', undefined],
  ])('%s is carried over as it is, or not at all', async (_case, secret, kept) => {
    const into = mkdtempSync(join(scratch, 'secret-'))
    const old = join(into, 'old/config/environment/prod')
    mkdirSync(old, { recursive: true })
    const php = `<?php return ['client_secret' => '${secret.replaceAll("'", "\\'")}', "a\\x1b[2Jb" => 1];`
    writeFileSync(join(old, 'amo.config.php'), php)
    const { output } = await importLegacy([join(into, 'old'), '--into', join(into, 'new')])
    const written = parseDotenv(readFileSync(join(into, 'new/prod/.env'), 'utf8'))
    expect(written['AMO_CLIENT_SECRET']).toBe(kept)
    expect(written['WEBHOOK_TOKEN']).toHaveLength(32)
    expect(output.includes('prod/amo.config.php, client_secret')).toBe(kept === undefined)
    expect(output).toContain('неизвестные ключи (a [2Jb)')
  })
})

onEachDatabase('moving in', (database) => {
  it('goes from the PHP files to a person who is signed in, and a link that is over', async () => {
    const into = mkdtempSync(join(scratch, 'moved-'))
    const { output } = await importLegacy([legacy, '--into', into])
    const [, path = ''] = /admin +https:\/\/crm\.example\.ru\/integra(\/invitations\/\S+)/.exec(output) ?? []
    const { WEBHOOK_TOKEN = '' } = parseDotenv(readFileSync(join(into, 'prod/.env'), 'utf8'))
    const env = { CONFIG_DIR: into, ENV_TYPE: 'prod', PUBLIC_URL: 'http://127.0.0.1:3000' }
    const parom = await startParom({ databaseUrl: await database.fresh(), env })

    const admin = createVisitor(parom.url)
    const _csrf = /name="_csrf" value="([^"]+)"/.exec((await admin.visit(path)).text)?.[1] ?? ''
    const password = 'a password of my own'
    expect(await admin.submit(path, { password, again: password, _csrf })).toMatchObject({ status: 303 })
    expect(await admin.signIn('admin', password)).toMatchObject({ status: 303 })
    expect((await admin.visit('/api/auth')).status).toBe(200)
    expect((await createVisitor(parom.url).visit(path)).status).toBe(410)

    expect((await postOrder(parom.url, 'customer_id=1')).status).toBe(401)
    expect((await postOrder(parom.url, 'customer_id=1', { 'x-webhook-token': WEBHOOK_TOKEN })).status).toBe(200)
    await parom.close()
  })
})
