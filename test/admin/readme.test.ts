import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshMariadb } from '../support/databases.ts'
import { startParom } from '../support/parom.ts'
import { createVisitor } from '../support/visitor.ts'

describe('the manual', () => {
  let parom: Awaited<ReturnType<typeof startParom>>
  let visitor: ReturnType<typeof createVisitor>
  beforeAll(async () => {
    const env = { PUBLIC_URL: 'http://crm.example.ru', BASE_PATH: 'integra' }
    parom = await startParom({ databaseUrl: await freshMariadb(), env })
    visitor = createVisitor(parom.url)
    await visitor.signIn()
  })
  afterAll(() => parom.close())

  it('has the addresses of this installation', async () => {
    const { status, text } = await visitor.visit('/readme')
    expect(status).toBe(200)
    expect(text).toContain('POST http://crm.example.ru/integra/api/order/create')
    for (const path of [
      'app/transactions',
      'api/auth',
      'api/cache/clear',
      'api/cache/config',
      'api/auth_session/clear',
      'api/session/clear',
    ])
      expect(text).toContain(`<a href="/integra/${path}">http://crm.example.ru/integra/${path}</a>`)
    expect(text).not.toContain('127.0.0.1:3000')
  })

  it('has contents that lead to its sections', async () => {
    const { text } = await visitor.visit('/readme')
    const entries = [...text.matchAll(/<li><a href="#([^"]+)">([^<]+)<\/a>/g)]
    expect(entries.map(([, , title]) => title)).toContain('Настройки')
    for (const [, id, title] of entries) expect(text).toContain(`<h2 id="${id}">${title}</h2>`)
    expect(text.match(/<h1/g)).toHaveLength(1)
  })

  it('is in the language of who reads it, or the one that is asked for', async () => {
    expect((await visitor.visit('/readme')).text).toContain('Попробовать')
    const { text } = await visitor.visit('/readme?language=en')
    expect(text).toContain('Try it')
    expect(text).toContain('href="/integra/readme?language=ru"')
  })

  it('leads to the documents and their images, and to no file that it does not show', async () => {
    const { text } = await visitor.visit('/readme')
    const links = [...text.matchAll(/(?:href|src)="(\/integra\/readme\/docs\/[^"#]+)/g)].map(([, link]) => link ?? '')
    expect(links.length).toBeGreaterThan(2)
    for (const link of links) expect((await visitor.visit(link.replace('/integra', ''))).status, link).toBe(200)
    expect(text).not.toMatch(/href="(src|test|CHANGELOG|docs)/)
    const { text: mapping } = await visitor.visit('/readme/docs/mapping.ru.md')
    expect(mapping).toContain('href="/integra/readme/docs/mapping.md"')
    expect(mapping).toContain('href="/integra/readme"')
  })

  it('breaks the line in a cell where the text says so', async () => {
    const { text } = await visitor.visit('/readme/docs/security.ru.md')
    expect(text).toContain('</code> five hundred texts stand on the pages of their orders as they were typed<br>')
    expect(text).not.toContain('&lt;br')
  })

  it.each(['package.json', '..%2Fpackage.json', '..%2f..%2fetc%2fpasswd', 'nothing.md', 'mapping.ru.md%00.png'])(
    'gives no other file: %s',
    async (name) => {
      expect((await visitor.visit(`/readme/docs/${name}`)).status).toBe(404)
    },
  )
})
