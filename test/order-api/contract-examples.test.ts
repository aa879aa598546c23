import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { decodeHTML } from 'entities'
import { Engine } from 'php-parser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { operations } from '../../src/order-api/contract.ts'
import { languages } from '../../src/order-api/examples/languages.ts'
import { exampleRequest, exampleToken } from '../../src/order-api/examples/request.ts'
import { addShop } from '../support/api-shops.ts'
import { onEachDatabase } from '../support/databases.ts'
import { startParom } from '../support/parom.ts'
import { findInPath, findProgram } from '../support/programs.ts'

const run = promisify(execFile)
const php = findInPath(['php'])

/** By which program each language is run, and what its files are called. */
const programs: Record<string, { program: string | null; file: string }> = {
  bash: { program: findInPath(['bash']), file: 'example.sh' },
  javascript: { program: process.execPath, file: 'example.mjs' },
  php: { program: php, file: 'example.php' },
  python: { program: findProgram('python'), file: 'example.py' },
}

const folder = mkdtempSync(join(tmpdir(), 'parom-examples-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What the program prints that somebody has copied from the page and put his token into. */
async function runExample(language: string, code: string, token: string) {
  const { program, file } = programs[language] ?? expect.fail(language)
  if (!program) throw new Error(`no program for ${language}`)
  const path = join(folder, file)
  writeFileSync(path, code.replace(exampleToken, token))
  const { stdout } = await run(program, [path], { timeout: 60_000, env: { ...process.env, NO_COLOR: '1' } })
  return stdout
}

onEachDatabase('the examples on the page', (database) => {
  let parom: Awaited<ReturnType<typeof startParom>>
  let databaseUrl: string
  let page: string
  beforeAll(async () => {
    databaseUrl = await database.fresh()
    parom = await startParom({ databaseUrl, env: { BASE_PATH: '/parom' } })
    page = await (await fetch(`${parom.url}/api/docs`)).text()
  })
  afterAll(() => parom.close())

  /** As the page shows it. */
  function shown(operation: string, language: string) {
    const [section = ''] = page.match(new RegExp(`<section[^>]* id="${operation}"[\\s\\S]*?</section>`)) ?? []
    const [, html = ''] =
      section.match(new RegExp(`<pre[^>]*data-language="${language}"[^>]*>([\\s\\S]*?)</pre>`)) ?? []
    return decodeHTML(html)
  }

  let shops = 0
  /** What was stored, of a shop of its own. */
  async function outcomeOf(operation: string, language: string) {
    const shop = await addShop(databaseUrl, { email: `shop${++shops}@examples.example` })
    const printed = await runExample(language, shown(operation, language), shop.token)
    const { messages } = await parom.inbox.list({ limit: 1, source: shop.source })
    const message = await parom.inbox.find(messages[0]?.id ?? '')
    return { printed, message: message ?? expect.fail(printed) }
  }

  const runnable = Object.keys(languages).filter((language) => language !== 'php' || php)
  const orders = operations.filter(({ group }) => group === 'orders')
  it.each(runnable.flatMap((language) => orders.map(({ name, body }) => [language, name, body?.example] as const)))(
    '%s sends the order to %s, and prints its number',
    async (language, name, example) => {
      const { printed, message } = await outcomeOf(name, language)
      expect(JSON.parse(Buffer.from(message.body).toString())).toEqual(example)
      expect(message).toMatchObject({ format: name, order_number: expect.stringMatching(/^[A-Z]{2}\d{4}-\d{5}$/) })
      expect(printed).toContain(message.order_number)
      // curl prints the body alone.
      if (language !== 'bash') expect(printed).toContain('201')
    },
  )

  it('are no bar to one another for a shop that tries several', async () => {
    const { token } = await addShop(databaseUrl, { email: `shop${++shops}@examples.example` })
    for (const language of runnable)
      expect(await runExample(language, shown('create-order', language), token), language).toContain('OrderCreated')
  })

  it.each(runnable)('%s prints what the refusal says, too', async (language) => {
    const spoilt = shown('callback', language).replace(/\+7 912 345-67-89/, 'x')
    const shop = await addShop(databaseUrl, { email: `shop${++shops}@examples.example` })
    const printed = await runExample(language, spoilt, shop.token)
    expect(printed).toContain('signedIn')
    expect(printed.replace(/\\u([0-9a-f]{4})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16)))).toContain(
      'Поле phone',
    )
  })

  it.each(runnable)('%s asks whether all is well', async (language) => {
    const { token } = await addShop(databaseUrl, { email: `shop${++shops}@examples.example` })
    expect(await runExample(language, shown('test', language), token)).toMatch(
      /isAuthenticated['"\]]*\W+(true|True|1)\b/,
    )
  })
})

describe(
  php ? 'PHP' : 'PHP, which is not on this machine (Debian: php-cli): its examples are only read, not run',
  () => {
    it.each(operations.map((operation) => [operation.name, operation] as const))(
      'understands the example of %s',
      (name, operation) => {
        const code = languages['php']?.write(exampleRequest(operation, 'https://shop.example')) ?? ''
        expect(code).toMatch(/^<\?php\n/)
        const { children } = new Engine({ parser: { suppressErrors: false } }).parseCode(code, name)
        expect(children.length).toBeGreaterThan(3)
      },
    )
  },
)
