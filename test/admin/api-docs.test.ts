import { decodeHTML } from 'entities'
import { describe, expect, it, onTestFinished } from 'vitest'
import { operations } from '../../src/order-api/contract.ts'
import { fieldsOf } from '../../src/order-api/request-fields.ts'
import { type ParomOptions, startParom } from '../support/parom.ts'
import { createVisitor, formWith } from '../support/visitor.ts'

async function start(options: Partial<ParomOptions> = {}) {
  const parom = await startParom({ databaseUrl: 'sqlite::memory:', ...options })
  onTestFinished(() => parom.close())
  return parom
}

const openapiOf = async (url: string) => (await fetch(`${url}/api/docs/openapi.json`)).json()

describe('the page of the order API', () => {
  it('shows strangers every operation with its fields, answers and examples in four languages', async () => {
    const { url } = await start()
    const { status, text } = await createVisitor(url).visit('/api/docs')
    expect(status).toBe(200)
    expect(text).toContain('<html lang="ru">')
    for (const operation of operations) {
      const [section = ''] = text.match(new RegExp(`<section[^>]* id="${operation.name}"[\\s\\S]*?</section>`)) ?? []
      expect(section).toContain(`<b>${operation.method.toUpperCase()}</b> ${operation.path}</code>`)
      for (const { path } of fieldsOf(operation)) expect(section).toContain(`<th scope="row"><code>${path}</code></th>`)
      for (const { status } of operation.answers) expect(section).toMatch(new RegExp(`<dt class="\\w*">${status}</dt>`))
      for (const language of ['bash', 'javascript', 'php', 'python'])
        expect(section).toContain(`data-language="${language}"`)
      expect(decodeHTML(section)).toContain(`${url}${operation.path}`)
    }
    expect(text).not.toMatch(/\s(style|on\w+)="|<style|<script(?! src="\/public\/)/)
    expect(text).not.toMatch(/>api\.[\w.]+</)
  })

  it('speaks the language of who reads it', async () => {
    const { url } = await start()
    const visitor = createVisitor(url)
    const russian = await visitor.visit('/api/docs')
    expect(russian.text).toContain('<h1>API заказов</h1>')
    const form = { ...formWith('return_page', /./, russian.text), language: 'en' }
    expect(await visitor.submit('/language', form)).toMatchObject({ status: 303, location: '/api/docs' })
    const { text } = await visitor.visit('/api/docs')
    expect(text).toContain('<h1>Order API</h1>')
    expect(text).toContain('if deliveryType = address or external')
    expect(text).toContain('if there is no email')
  })

  it.each([
    ['open', 'Зарегистрируйтесь методом POST /api/register'],
    ['invitation', 'Попросите у администратора код приглашения'],
    ['closed', 'токен выдаст администратор'],
  ] as const)('says how to come by a token where registration is %s', async (registration, words) => {
    const { url } = await start({ registration })
    expect((await createVisitor(url).visit('/api/docs')).text).toContain(words)
  })

  it('names the address and the limits of the installation', async () => {
    const env = {
      PUBLIC_URL: 'https://orders.example',
      BASE_PATH: 'parom',
      BODY_LIMIT: '2500000',
      DEDUPE_WINDOW: '300',
    }
    const { url } = await start({ env })
    const text = await (await fetch(`${url}/api/docs`)).text()
    expect(text).toContain('https://orders.example/parom/api/create-order')
    expect(text).not.toContain(`${url}/api/`)
    expect(text).toContain('href="/parom/api/docs/openapi.json"')
    expect(text.replaceAll('\u00a0', ' ')).toMatch(/до 1 МБ.*до 2 000.*до 1 000 знаков.*до 20 000/)
    expect(text.replaceAll('\u00a0', ' ')).toContain('присланные за 10 мин')
    expect(await openapiOf(url)).toMatchObject({ servers: [{ url: 'https://orders.example/parom' }] })
  })
})

describe('openapi.json', () => {
  it('is given to everybody, in the language of the installation, whatever that of the reader', async () => {
    const { url } = await start()
    const response = await fetch(`${url}/api/docs/openapi.json`, { headers: { cookie: 'parom-language=en' } })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toMatch(/^application\/json/)
    expect(await response.json()).toMatchObject({
      openapi: expect.stringMatching(/^3\.1\./),
      info: { title: 'Паром: API заказов' },
      servers: [{ url }],
    })
  })
})
