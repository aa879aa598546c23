import { AxiosError } from 'axios'
import { describe, expect, it } from 'vitest'
import { AmocrmError } from '../../src/amocrm/errors.ts'
import { cleanMessage, cleanPath, cleanText } from '../../src/log/clean-text.ts'
import { createLog } from '../../src/log/log.ts'

/** What a log with everything switched on writes. */
function logged(level = 'trace') {
  const lines: string[] = []
  const log = createLog({ level, output: { write: (line) => void lines.push(line) } })
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') }
}

describe('a line of the log', () => {
  it('holds the named fields and of all others the name alone', () => {
    const { log, lines, last } = logged()
    const body = { phone: '+79123456789' }
    log.child({ channel: 'app', body }).info({ message: 'm-1', lead: 7, body, password: 'hunter2' }, 'a thing')
    const line = last()
    expect(line).toEqual({
      ...{ level: 'info', time: expect.any(String), channel: 'app', message: 'm-1', lead: 7, msg: 'a thing' },
      dropped: ['body', 'password'],
    })
    expect(lines.join('')).not.toContain('79123456789')
  })

  it('names no key that is a value itself', () => {
    const { log, lines } = logged()
    log.info({ '+79123456789': 1, 'buyer@shop.example': 2, Тайный: 3 }, 'spread')
    expect(lines.join('')).not.toMatch(/7912|buyer|Тайный/)
  })

  it.each([
    ['an object where a word belongs', { source: { token: 'hunter2' } }],
    ['a number where a word belongs', { source: 79123456789 }],
    ['a list of objects', { keys: [{ token: 'hunter2' }] }],
    ['what makes itself JSON', { error: { toJSON: () => 'hunter2' } }],
    ['an error that is none', { err: { config: { headers: { authorization: 'hunter2' } } } }],
  ])('takes no %s', (_what, details) => {
    const { log, lines } = logged()
    log.error(details, 'something')
    expect(lines).toHaveLength(1)
    expect(lines[0]).not.toMatch(/hunter2|79123/)
  })

  it.each([
    ['a request to the CRM', axiosError(), 'AxiosError'],
    ['a statement with its values', sqlError(), 'Error'],
    ['a body that is no JSON', jsonError('{"name":"Ivan Tayny","phone":"+79123456789'), 'SyntaxError'],
    ['what the CRM says', crmError(), 'AmocrmError'],
    ['one error in another', new Error('could not be read', { cause: sqlError() }), 'Error'],
  ])('tells of an error about %s without what it was about', (_what, err, type) => {
    const { log, lines, last } = logged()
    log.error({ err }, 'something failed')
    log.error(err)
    log.error({ err })
    expect(last()).toMatchObject({ channel: 'exceptions', err: { type } })
    expect(lines.join('')).not.toMatch(/hunter2|tayny|79123456789|Тайный/i)
  })

  it('bears where an error came from once, in the channel of exceptions, whoever told of it', () => {
    const { log, lines } = logged()
    const err = new TypeError("Cannot read properties of undefined (reading 'phone')")
    log.child({ channel: 'app' }).warn({ err, message: 'm-1' }, 'first')
    log.child({ channel: 'auth' }).warn({ err }, 'second')
    const [first, second] = lines.map((line) => JSON.parse(line))
    expect(first).toMatchObject({ channel: 'exceptions', level: 'warn', message: 'm-1', msg: 'first' })
    expect(first.err).toMatchObject({ type: 'TypeError', message: err.message })
    expect(first.err.stack).toMatch(/^\s+at .*log-fields\.test\.ts:\d+/)
    expect(second.err).toEqual({ type: 'TypeError', message: err.message })
  })
})

describe('of a text that goes into the log', () => {
  it.each([
    ['mysql://parom:hunter2@db:3306/parom is gone', 'mysql://…@db:3306/parom is gone'],
    ['mysql://parom:a/hunter2@db:3306/parom is gone', 'mysql://…@db:3306/parom is gone'],
    ['GET https://api.example/x?token=hunter2 failed', 'GET https://api.example/x?… failed'],
    ['no such path /api/order/create?token=hunter2', 'no such path /api/order/create?…'],
    ['mail to buyer@shop.example bounced', 'mail to …@… bounced'],
    ['called +7 (912) 345-67-89 twice', 'called … twice'],
    ['called 89123456789', 'called …'],
    ['Authorization: Bearer hunter2', 'Authorization: Bearer …'],
    ['password=hunter2; user=x', 'password=…; user=x'],
    ['key eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0 is over', 'key …'],
    ['bot110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw refused', '… refused'],
    ['cGFyb20gbG9jYWwgc2FtcGxl/CBub3QgcHJvZC4uLi4=', '…'],
  ])('%s', (text, clean) => {
    expect(cleanText(text)).toContain(clean.split('…')[0])
    expect(cleanText(text)).not.toMatch(/hunter2|buyer|345|89123|eyJ0|AAHd|cGFy/)
  })

  it.each([
    'POST /api/v4/leads: HTTP 503',
    'order 01a20652-7e52-7000-8000-040e075c8b0f waits',
    'connect ECONNREFUSED 127.0.0.1:3306',
    'no answer within 20000 ms',
    'https://shop.amocrm.ru/leads/detail/10185151',
  ])('%s stays as it is', (text) => expect(cleanText(text)).toBe(text))

  it.each([
    ["Duplicate entry 'O'Brien' for key 'messages.x'", "Duplicate entry '…'"],
    ['Unexpected token И, "Иван Тайный" is not valid JSON', "Unexpected token …, '…' is not valid JSON"],
    ["Data too long for column 'email' at row 1", "Data too long for column '…' at row 1"],
    ['неизвестный покупатель Иван', '…'],
  ])('%s loses what it quotes, and what is not English', (text, clean) => expect(cleanMessage(text)).toBe(clean))

  it.each([
    ['/api/order/create?token=hunter2#x', '/api/order/create'],
    ['/integra/invitations/qwertyuiopasdfgh', '/integra/invitations/…'],
    ['/api/order/create/hunter2', '/api/order/create/…'],
    [
      '/app/transactions/01a20652-7e52-7000-8000-040e075c8b0f',
      '/app/transactions/01a20652-7e52-7000-8000-040e075c8b0f',
    ],
    ['/call/+79123456789/buyer@shop.example', '/call/…/…'],
    ['/call/79123456789', '/call/…'],
    ['https://parom.example/app/people/olga', '/app/people/olga'],
  ])('the path %s is %s', (path, clean) => expect(cleanPath(path)).toBe(clean))
})

function axiosError() {
  const config = { headers: { Authorization: 'Bearer hunter2' }, data: '{"name":"Tayny"}', url: 'https://x/?k=hunter2' }
  return new AxiosError('Request failed with +79123456789', 'ERR_BAD_REQUEST', config as never)
}

function sqlError() {
  const sql = "insert into messages values ('Tayny', '+79123456789')"
  const message = `You have an error in your SQL syntax near 'Ivan Tayny', '+79123456789')' at line 1`
  return Object.assign(new Error(message), { sql, code: 'ER_PARSE_ERROR', sqlMessage: message })
}

function jsonError(text: string): Error {
  try {
    return JSON.parse(text)
  } catch (error) {
    return error as Error
  }
}

function crmError() {
  const fault = { item: '0', path: 'custom_fields_values.0', code: 'NotSupportedChoice', detail: 'Тайный', field: null }
  return new AmocrmError('rejected', 'POST /api/v4/leads: HTTP 400 Bad Request; Ivan Tayny +79123456789', {
    faults: [fault],
  })
}
