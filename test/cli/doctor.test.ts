import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addShop } from '../support/api-shops.ts'
import { freePort } from '../support/mariadb.ts'
import { startTestSandbox } from '../support/parom.ts'
import { run } from '../support/process.ts'

const sample = join(import.meta.dirname, '../../config')
const order = join(import.meta.dirname, '../fixtures/orders/opencart-sample/_webhook.txt')
const folder = () => mkdtempSync(join(tmpdir(), 'parom-doctor-'))
const database = () => `sqlite:${join(folder(), 'local.db')}`

let sandbox: Awaited<ReturnType<typeof startTestSandbox>>
let env: Record<string, string>

beforeAll(async () => {
  sandbox = await startTestSandbox()
  const { access_token } = await sandbox.credentials()
  env = { ENV_TYPE: 'local', AMO_BASE_URL: sandbox.url, AMO_ACCESS_TOKEN: access_token, DATABASE_URL: database() }
})
afterAll(() => sandbox.close())

async function command(args: string[], changes: Record<string, string> = {}, input = '') {
  const { exited, output } = run('src/cli/parom.ts', args, { ...env, ...changes }, input)
  return { code: await exited, output: output() }
}

/** The configuration that ships, with a field in it that the account does not have. */
function brokenConfig() {
  const copy = folder()
  cpSync(sample, copy, { recursive: true })
  const file = join(copy, 'local/amo-fields.mapper.ts')
  writeFileSync(file, readFileSync(file, 'utf8').replace('685739', '1'))
  return copy
}

describe('npx parom doctor', () => {
  it('needs no server, and tells by its exit code how the settings fit the account', async () => {
    const broken = { CONFIG_DIR: brokenConfig() }
    const [fine, faulty, forScripts] = await Promise.all([
      command(['doctor'], { DATABASE_URL: database() }),
      command(['doctor'], { ...broken, DATABASE_URL: database() }),
      command(['doctor', '--json'], { ...broken, DATABASE_URL: database() }),
    ])
    expect(fine).toMatchObject({ code: 0, output: expect.stringContaining('Ошибок: 0, предупреждений: 0') })
    expect(fine.output).toContain('✓ Аккаунт «Паром: песочница»')
    expect(fine.output).not.toContain('\u001b')
    expect(faulty).toMatchObject({ code: 1, output: expect.stringContaining('Ошибок: 1') })
    expect(faulty.output).toMatch(/✗ forms\.default\.mapping\.email: в amoCRM нет поля .*\n {4}→ Исправьте id/)
    expect(forScripts.code).toBe(1)
    const report = JSON.parse(forScripts.output)
    expect(report).toMatchObject({ reachable: true, errors: 1, warnings: 0 })
    expect(report.findings).toContainEqual(
      expect.objectContaining({ level: 'error', group: 'fields', code: 'field_missing', mend: expect.any(String) }),
    )
    expect((await sandbox.requests()).filter(({ method }) => method !== 'GET')).toEqual([])
  })

  it.each([
    ['amoCRM', async () => ({ AMO_BASE_URL: `http://127.0.0.1:${await freePort()}` }), '✗ amoCRM не отвечает'],
    [
      'the database',
      async () => ({ DATABASE_URL: `mysql://p:secret@127.0.0.1:${await freePort()}/p` }),
      'DATABASE_URL',
    ],
    [
      'the sandbox',
      async () => ({ AMO_BASE_URL: '', SANDBOX_PORT: String(await freePort()) }),
      'сначала запустите npm start',
    ],
  ])('says when %s is out of reach', async (_, changes, words) => {
    const { code, output } = await command(['doctor'], { DATABASE_URL: database(), ...(await changes()) })
    expect({ code, output }).toMatchObject({ code: 3, output: expect.stringContaining(words) })
    expect(output).not.toMatch(/secret| {4}at /)
  })

  it('explains how it is used', async () => {
    expect(await command(['doctor', '--yaml'])).toMatchObject({ code: 2, output: expect.stringContaining('[--json]') })
  })
})

describe('npx parom plan', () => {
  it('tells in words what would become of an order, and sends nothing', async () => {
    const { code, output } = await command(['plan', order])
    expect(code).toBe(0)
    for (const words of [
      /Форма +default \(для всех остальных заказов\)/,
      /Воронка → этап +Дропшиппинг \(1731979\) → Новый заказ \(26034988\)/,
      /Бюджет +104\s200 RUB/,
      /Партнёр +id 1 → Росс Партнёр \(7143599\)/,
      /Товар +Бак - Реактор × 6 → 525441/,
      /Поле +«Покупатель» \(сделка\) = Ross/,
      /1\. Сделка: POST \/api\/v4\/leads/,
    ])
      expect(output).toMatch(words)
    expect((await sandbox.requests()).filter(({ method }) => method !== 'GET')).toEqual([])

    const piped = await command(['plan', '-', '--json'], {}, readFileSync(order, 'utf8'))
    const run = JSON.parse(piped.output)
    expect(Object.keys(run)).toEqual(['order', 'plan', 'resolved', 'requests'])
    expect(run.requests[0]).toMatchObject({ step: 'lead', method: 'POST', path: '/api/v4/leads' })
  })

  it('reads an order of the order API as its kind says', async () => {
    const body = JSON.stringify({ phone: '8 921 555-00-11', name: 'Анна', paymentOption: 5 })
    const { code, output } = await command(['plan', '-', '--format', 'create-order'], {}, body)
    expect(code).toBe(0)
    expect(output).toMatch(/Форма +create-order/)
    expect(output).toContain('«Способ оплаты» (сделка) = Оплата онлайн')
    expect(output).not.toContain('В поля amoCRM не попадают')

    const databaseUrl = database()
    expect(await command(['doctor'], { DATABASE_URL: databaseUrl })).toMatchObject({ code: 0 })
    const { source } = await addShop(databaseUrl, { settings: { partner_id: '42', form: 'callback' } })
    const shops = await command(
      ['plan', '-', '--format', 'create-order', '--source', source],
      { DATABASE_URL: databaseUrl },
      body,
    )
    expect(shops.output).toMatch(/Партнёр +id 42 → ООО Ромашка, закупки/)
    expect(shops.output).toMatch(/Форма +callback/)
    const nobody = await command(
      ['plan', '-', '--format', 'callback', '--source', 'lk'],
      { DATABASE_URL: databaseUrl },
      body,
    )
    expect(nobody).toMatchObject({ code: 1, output: expect.stringContaining(source) })
  })

  it.each([
    [
      'a kind that there is not',
      ['plan', '-', '--format', 'order'],
      '{"a":1}',
      2,
      '--format create-order|buy-click|callback',
    ],
    ['a file that is not there', ['plan', 'no/such/file'], '', 1, 'Файл no/such/file не читается'],
    ['an empty order', ['plan', '-'], ' \n', 1, 'Тело запроса пустое'],
    ['an order of another type', ['plan', '-', '--type', 'json'], 'lastname=Ross', 1, 'не читается как JSON'],
    ['an empty object', ['plan', '-'], '{}', 1, 'Тело запроса пустое'],
    ['broken JSON', ['plan', '-'], '\ufeff {"lastname":', 1, 'не читается как JSON'],
    ['a list', ['plan', '-'], '[1]', 1, 'не читается как JSON'],
    ['a picture', ['plan', '-'], '\u0089PNG\r\n\u001a\n', 1, 'не читается как форма'],
    ['a form without a value', ['plan', '-'], 'lastname', 1, 'не читается как форма'],
    ['a type that there is not', ['plan', order, '--type', 'xml'], '', 2, 'npx parom plan'],
    ['no order', ['plan'], '', 2, 'npx parom plan'],
    ['a source that there is not', ['plan', order, '--source', 'shop2'], '', 1, 'Источника shop2 нет. Есть: lk'],
    ['two orders', ['plan', order, order], '', 2, 'npx parom plan'],
  ])('says what is wrong with %s', async (_, args, input, code, words) => {
    expect(await command(args, {}, input)).toMatchObject({ code, output: expect.stringContaining(words) })
  })

  it('says how to connect an account', async () => {
    const { code, output } = await command(['plan', order], { AMO_ACCESS_TOKEN: '', DATABASE_URL: database() })
    expect({ code, output }).toMatchObject({ code: 1, output: expect.stringContaining('/api/auth') })
    expect(output).not.toMatch(/not connected|authori[sz]/i)
    expect(output).not.toContain('    at ')
  })
})
