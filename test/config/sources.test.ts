import { createHash, randomBytes } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/config/config-error.ts'
import { loadConfig } from '../../src/config/load.ts'
import { rulesOf } from '../../src/config/rules.ts'
import { hashToken } from '../../src/config/sources.ts'
import { chooseForm } from '../../src/mapping/form.ts'

const key = randomBytes(32)
const secret = `whsec_${key.toString('base64')}`
const token = hashToken('shop-token')
const digest = (text: string) => createHash('sha256').update(text).digest()
const lk = { id: 'lk', tokens: [], signingSecrets: [], allowedAddresses: [], answer: null, rateLimit: null, form: null }

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parom-config-'))
  cpSync(join(import.meta.dirname, '../../config'), folder, { recursive: true })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(settings: unknown, env = 'local') {
  writeFileSync(join(folder, env, 'sources.config.ts'), `export default ${JSON.stringify(settings)}`)
}

const load = (env: Record<string, string> = {}) => loadConfig({ ENV_TYPE: 'local', CONFIG_DIR: folder, ...env })

async function faultsOf(env: Record<string, string> = {}) {
  const error = await load(env).then(
    () => expect.fail('the configuration was taken'),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof ConfigError)) throw error
  return error.message
}

describe('sources.config', () => {
  it.each([
    ['as it ships', () => {}],
    ['that is empty', () => write({})],
    ['that is missing', () => rmSync(join(folder, 'local/sources.config.ts'))],
  ])('%s means the partner cabinet alone, with WEBHOOK_TOKEN', async (_, prepare) => {
    prepare()
    expect(await load()).toMatchObject({ sources: [{ ...lk, dedupeWindow: 600_000 }], rateLimit: null })
    expect((await load({ WEBHOOK_TOKEN: 'secret-token' })).sources).toMatchObject([
      { ...lk, tokens: [digest('secret-token')] },
    ])
  })

  it('is read whole', async () => {
    write({
      rate_limit: { requests: 500, seconds: 1 },
      sources: [
        {
          id: 'shop2',
          tokens: [token, hashToken('shop-token-before')],
          signing_secrets: [secret, '$SHOP2_SECRET'],
          allowed_addresses: ['203.0.113.7', '198.51.100.0/24', '2001:db8::/32'],
          form: 'default',
          answer: { body: { ok: true } },
          rate_limit: { requests: 20, seconds: 60 },
          dedupe: { by: [{ header: 'X-Order' }, { field: 'number' }], window: 5 },
        },
        { id: 'shop3', signing_secrets: [secret], answer: { status: 204 } },
        { id: 'shop4', tokens: [hashToken('4')], answer: { status: 201, body: '<ok/>', content_type: 'text/xml' } },
      ],
    })
    writeFileSync(join(folder, 'local/.env'), `SHOP2_SECRET=whsec_${Buffer.alloc(24, 1).toString('base64')}\n`)
    const { sources, rateLimit } = await load()
    expect(rateLimit).toEqual({ requests: 500, seconds: 1 })
    expect(sources.map(({ id }) => id)).toEqual(['lk', 'shop2', 'shop3', 'shop4'])
    expect(sources[1]).toEqual({
      id: 'shop2',
      tokens: [digest('shop-token'), digest('shop-token-before')],
      signingSecrets: [key, Buffer.alloc(24, 1)],
      allowedAddresses: ['203.0.113.7', '198.51.100.0/24', '2001:db8::/32'],
      form: 'default',
      answer: { status: 200, contentType: 'application/json; charset=utf-8', body: '{"ok":true}' },
      rateLimit: { requests: 20, seconds: 60 },
      dedupeBy: [
        { in: 'header', name: 'x-order' },
        { in: 'field', name: 'number' },
      ],
      dedupeWindow: 5000,
    })
    expect(sources[2]?.answer).toEqual({ status: 204, contentType: 'text/plain; charset=utf-8', body: '' })
    expect(sources[3]?.answer).toEqual({ status: 201, contentType: 'text/xml', body: '<ok/>' })
    expect(sources[3]?.dedupeBy).toEqual([
      { in: 'header', name: 'webhook-id' },
      { in: 'header', name: 'idempotency-key' },
      { in: 'field', name: 'order_id' },
    ])
  })

  it('may give the partner cabinet more than WEBHOOK_TOKEN', async () => {
    write({ sources: [{ id: 'lk', tokens: [token], rate_limit: { requests: 1, seconds: 1 } }] })
    expect((await load({ WEBHOOK_TOKEN: 'secret-token' })).sources).toMatchObject([
      { id: 'lk', tokens: [digest('shop-token'), digest('secret-token')], rateLimit: { requests: 1, seconds: 1 } },
    ])
  })

  it('gives a source a form of its own', async () => {
    const mapper = join(folder, 'local/request.mapper.ts')
    const forms =
      'forms: { shops: { pipeline_id: 1, status_id: 2 }, any: { sources: ["shop3"], pipeline_id: 1, status_id: 2 },'
    writeFileSync(mapper, readFileSync(mapper, 'utf8').replace('forms: {', forms))
    write({ sources: [{ id: 'shop2', form: 'shops' }, { id: 'shop3' }] })
    const rules = rulesOf(await load(), (text) => text)
    const order = { format: 'lk' as const, fields: {}, meta: {}, products: [], vouchers: [], totals: [] }
    expect(['shop2', 'shop3', 'lk'].map((source) => chooseForm({ ...order, source }, rules))).toEqual([
      'shops',
      'any',
      'default',
    ])
  })

  const one = (changes: object) => ({ sources: [{ id: 'shop2', tokens: [token], ...changes }] })
  it.each<[string, unknown, string]>([
    ['a list in place of an object', [], 'sources.config.ts: ожидается объект { … }'],
    ['an unknown key', one({ secret: 'x' }), 'sources.0: ожидается без неизвестных ключей: secret'],
    ['an id that the database does not take', one({ id: 'Магазин' }), 'sources.0.id: ожидается id источника: строчные'],
    ['a source without id', { sources: [{}] }, 'sources.0.id: ожидается id источника'],
    ['a token as it is', one({ tokens: ['hunter2-token'] }), 'sources.0.tokens.0: ожидается sha256:…'],
    ['a token that is no list', one({ tokens: token }), 'sources.0.tokens: ожидается список токенов'],
    [
      'a secret of another kind',
      one({ signing_secrets: ['hunter2'] }),
      'sources.0.signing_secrets.0: ожидается whsec_…',
    ],
    [
      'a short secret',
      one({ signing_secrets: ['whsec_aHVudGVyMg=='] }),
      'sources.0.signing_secrets.0: ожидается whsec_…',
    ],
    ['a variable that is not set', one({ signing_secrets: ['$NO_SUCH'] }), 'переменная NO_SUCH: ожидается whsec_…'],
    ['a variable that holds no secret', one({ signing_secrets: ['$SHORT'] }), 'переменная SHORT: ожидается whsec_…'],
    [
      'an address that is none',
      one({ allowed_addresses: ['hunter2.example'] }),
      'allowed_addresses.0: ожидается адрес',
    ],
    ['a network of too many bits', one({ allowed_addresses: ['10.0.0.0/33'] }), 'allowed_addresses.0: ожидается адрес'],
    ['a network of no bits', one({ allowed_addresses: ['10.0.0.0/'] }), 'allowed_addresses.0: ожидается адрес'],
    [
      'a form that there is not',
      one({ form: 'shops' }),
      'sources.0.form: ожидается форма из request.mapper.ts: default',
    ],
    ['an answer that is no success', one({ answer: { status: 302 } }), 'answer.status: ожидается код ответа от 200'],
    ['a body where there is none', one({ answer: { status: 204, body: 'OK' } }), 'answer.body: ожидается пустое тело'],
    ['a body that is a number', one({ answer: { body: 5 } }), 'answer.body: ожидается строка или объект'],
    ['a type of two lines', one({ answer: { content_type: 'a/b;\r\nx: y' } }), 'answer.content_type: ожидается тип'],
    ['no rate', one({ rate_limit: { requests: 0, seconds: 1 } }), 'rate_limit.requests: ожидается целое число больше'],
    ['a rate of no time', { rate_limit: { requests: 1 } }, 'rate_limit.seconds: ожидается целое число больше'],
    ['a place that there is not', one({ dedupe: { by: ['order_id'] } }), "dedupe.by.0: ожидается { header: 'имя"],
    ['two places in one', one({ dedupe: { by: [{ header: 'a', field: 'b' }] } }), 'dedupe.by.0: ожидается { header'],
    [
      'a field within another',
      one({ dedupe: { by: [{ field: 'order[id]' }] } }),
      'by.0.field: ожидается имя поля заказа',
    ],
    [
      'a field in Russian',
      one({ dedupe: { by: [{ field: 'номер' }] } }),
      'by.0.field: ожидается имя поля заказа: латиница',
    ],
    ['a window that is no time', one({ dedupe: { window: '10m' } }), 'dedupe.window: ожидается время в секундах'],
    [
      'one id twice',
      { sources: [{ id: 'a' }, { id: 'b' }, { id: 'a' }] },
      'sources.2.id: ожидается id, которого нет у другого источника',
    ],
    [
      'one token twice',
      {
        sources: [
          { id: 'a', tokens: [token] },
          { id: 'b', tokens: [hashToken('b'), token] },
        ],
      },
      'sources.1.tokens.1: ожидается токен, которого нет у другого источника: этот уже у a',
    ],
    [
      'the cabinet’s token again',
      one({ tokens: [hashToken('hunter2-webhook')] }),
      'sources.0.tokens.0: ожидается токен, которого нет у другого источника: этот уже у lk',
    ],
  ])('is refused with %s, and shows no value', async (_, settings, expected) => {
    write(settings)
    const message = await faultsOf({ WEBHOOK_TOKEN: 'hunter2-webhook', SHORT: 'whsec_hunter2' })
    expect(message).toContain(expected)
    expect(message).not.toMatch(/hunter2|aHVudGVy/)
  })

  it('may name one token of one source twice, as it is while tokens change', async () => {
    write({ sources: [{ id: 'lk', tokens: [hashToken('secret-token'), hashToken('secret-token')] }] })
    expect((await load({ WEBHOOK_TOKEN: 'secret-token' })).sources).toHaveLength(1)
  })

  describe('is what the forms of request.mapper may name:', () => {
    beforeEach(() => {
      const mapper = join(folder, 'local/request.mapper.ts')
      const forms = "forms: { shops: { sources: ['lk', 'shop2', 'shop3'], pipeline_id: 1, status_id: 2 },"
      writeFileSync(mapper, readFileSync(mapper, 'utf8').replace('forms: {', forms))
    })

    it('its ids, and what orders look like', async () => {
      write({ sources: [{ id: 'shop2' }, { id: 'shop3' }] })
      expect((await load()).requestMapper.forms['shops']?.sources).toEqual(['lk', 'shop2', 'shop3'])
    })

    it('nothing else', async () => {
      write(one({}))
      expect(await faultsOf()).toContain(
        'forms.shops.sources.2: ожидается источник заказов: lk, metform, create-order, buy-click, callback, shop2',
      )
    })
  })

  describe('anywhere but in local', () => {
    beforeEach(() => cpSync(join(folder, 'local'), join(folder, 'n1k'), { recursive: true }))
    const env = { ENV_TYPE: 'n1k', WEBHOOK_TOKEN: 'a long enough secret' }

    it('has no source that asks for nothing', async () => {
      write(
        { sources: [{ id: 'lk' }, { id: 'a', tokens: [token] }, { id: 'b', signing_secrets: [secret] }, { id: 'c' }] },
        'n1k',
      )
      const message = await faultsOf(env)
      expect(message).toContain('sources.3: ожидается tokens или signing_secrets')
      expect(message).not.toMatch(/sources\.[012]/)
    })

    it('does not do without WEBHOOK_TOKEN', async () => {
      write({ sources: [{ id: 'lk', tokens: [token] }] }, 'n1k')
      expect(await faultsOf({ ENV_TYPE: 'n1k' })).toContain('webhook_token (или переменная WEBHOOK_TOKEN)')
      expect((await load(env)).sources[0]?.tokens).toHaveLength(2)
    })
  })
})
