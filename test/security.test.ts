import { existsSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startParom } from './support/parom.ts'
import { createVisitor } from './support/visitor.ts'

const root = join(import.meta.dirname, '..')
const documents = ['docs/security.md', 'docs/security.ru.md']

interface Row {
  item: string
  tests: { file: string; name: string }[]
  isMet: boolean
}

/** The lines of the table of ASVS: item, demand, how it is met, tests. */
function rowsOf(document: string): Row[] {
  const lines = readFileSync(join(root, document), 'utf8').matchAll(/^\| (\d+\.\d+\.\d+) \|(.*)\|$/gm)
  return [...lines].map(([, item = '', rest = '']) => {
    const tests = [...rest.matchAll(/`(test\/[^`]+)` ([^<|]+?) *(?=<br>|$)/g)]
    return {
      item,
      tests: tests.map(([, file = '', name = '']) => ({ file, name })),
      isMet: !/\*\*(Not met|Не выполнено)/.test(rest),
    }
  })
}

describe('the table of what ASVS demands', () => {
  const [english = [], russian = []] = documents.map(rowsOf)

  it.each(english)('$item names tests that there are', ({ tests, isMet }) => {
    for (const { file, name } of tests) {
      expect(existsSync(join(root, file)), file).toBe(true)
      const source = readFileSync(join(root, file), 'utf8')
      expect(
        [`'${name}'`, `\`${name}\``, `"${name}"`].some((quoted) => source.includes(quoted)),
        name,
      ).toBe(true)
    }
    if (isMet) expect(tests).not.toEqual([])
  })

  it('is the same in both languages', () => {
    expect(english.length).toBeGreaterThan(60)
    expect(russian).toEqual(english)
  })
})

describe('what strangers can ask for', () => {
  let parom: Awaited<ReturnType<typeof startParom>>
  beforeAll(async () => {
    parom = await startParom({ databaseUrl: 'sqlite::memory:' })
  })
  afterAll(() => parom.close())

  it.each([
    '/.git/config',
    '/.env',
    '/config/local/.env',
    '/package.json',
    '/src/main.ts',
    '/public/',
    '/public/package.json',
    '/public/../package.json',
    '/public/%2e%2e/package.json',
  ])('is no file of the installation: %s', async (path) =>
    expect((await rawly(`GET ${path} HTTP/1.1`)).split(' ')[1]).toBe('404'),
  )

  it('is by no method that gives back what was sent, and from no other site', async () => {
    expect(await rawly('TRACE /login HTTP/1.1', 'X-Secret: trace-of-it')).not.toContain('trace-of-it')
    const headers = { origin: 'https://elsewhere.example', 'access-control-request-method': 'POST' }
    for (const path of ['/login', '/api/create-order', '/api/order/create', '/health/live', '/metrics'])
      for (const method of ['OPTIONS', 'GET'])
        expect(
          (await fetch(`${parom.url}${path}`, { method, headers })).headers.get('access-control-allow-origin'),
        ).toBeNull()
  })

  it('has a head, a form and an address of some length at most', async () => {
    expect(await rawly('GET /login HTTP/1.1', `X-Long: ${'x'.repeat(17_000)}`)).toMatch(/^HTTP\/1.1 431 /)
    expect(await rawly(`GET /login?${'x'.repeat(17_000)} HTTP/1.1`)).toMatch(/^HTTP\/1.1 431 /)
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const body = 'a=&'.repeat(1001)
    expect((await fetch(`${parom.url}/login`, { method: 'POST', headers: form, body })).status).toBe(413)
  })

  it.each(['/login', '/metrics', '/api/test', '/api/cache/update/contacts', '/public/parom.css', '/nowhere'])(
    'is taken for what it is, and for nothing else: %s',
    async (path) => expect((await fetch(`${parom.url}${path}`)).headers.get('x-content-type-options')).toBe('nosniff'),
  )

  it('is no page of which a browser keeps what is typed, nor one that hinders pasting', async () => {
    const { text } = await createVisitor(parom.url).visit('/login')
    expect(text).toMatch(/<input[^>]*type="password"[^>]*autocomplete="current-password"/)
    expect(text).not.toMatch(/onpaste|maxlength/)
  })

  it('of who is signed in nothing is kept by a browser, and each page lets him out', async () => {
    const admin = createVisitor(parom.url)
    await admin.signIn()
    for (const path of [
      '/app',
      '/app/transactions',
      '/app/people',
      '/app/audit',
      '/app/maintenance',
      '/app/sessions',
    ]) {
      const page = await admin.visit(path)
      expect(page.text, path).toMatch(/<form[^>]*action="\/logout"/)
      const json = await admin.visit(path, { headers: { accept: 'application/json' } })
      for (const { headers } of [page, json]) expect(headers.get('cache-control'), path).toBe('no-store')
    }
    expect((await admin.visit('/app/audit.csv')).headers.get('cache-control')).toBe('no-store')
    expect((await admin.visit('/app/transactions/views')).headers.get('cache-control')).toBe('no-store')
  })

  /** As no client would send it. */
  function rawly(line: string, header = 'X-None: 1') {
    return new Promise<string>((resolve, reject) => {
      let answer = ''
      const socket = connect(Number(new URL(parom.url).port), '127.0.0.1')
      socket.on('data', (data) => {
        answer += data
      })
      socket.on('close', () => resolve(answer)).on('error', reject)
      socket.write(`${line}\r\nHost: parom\r\nConnection: close\r\n${header}\r\n\r\n`)
    })
  }
})
