import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { anyBytes, type Headers, inHeader, repeated, request, token, whole } from './requests.ts'

/** Whole requests with contents that make no sense. */

const zeros = Buffer.alloc(20 * 1024 * 1024)
const long = Buffer.from('a=1&b=2&c=3'.repeat(2000))
const gzipped = gzipSync(long)
const packed = fc.oneof(
  fc.constantFrom(
    gzipSync(zeros),
    brotliCompressSync(zeros, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
    deflateSync(zeros),
    gzipSync(gzipSync(zeros)),
    gzipSync(zeros.subarray(0, 1_100_000)),
    gzipped,
    deflateRawSync(long),
    brotliCompressSync(long),
    Buffer.concat([gzipped, gzipped]),
    Buffer.concat([gzipped, Buffer.from('and more')]),
    Buffer.alloc(0),
  ),
  fc.nat(gzipped.length).map((length) => gzipped.subarray(0, length)),
  fc
    .nat(gzipped.length - 1)
    .map((at) => Buffer.concat([gzipped.subarray(0, at), Buffer.from('?'), gzipped.subarray(at + 1)])),
  anyBytes(200).map((text) => Buffer.from(text, 'latin1')),
)
const encodings = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.constantFrom(
      'gzip',
      'x-gzip',
      'GZIP',
      'deflate',
      'br',
      'zstd',
      'identity',
      'gzip, gzip',
      'gzip,br',
      '',
    ),
  },
  { weight: 1, arbitrary: inHeader(20) },
)
const encoded = fc
  .record({ encoding: encodings, body: packed })
  .map(({ encoding, body }) =>
    whole('encoding', request({ headers: [...formType, ['Content-Encoding', encoding]], body })),
  )

const formType: Headers = [['Content-Type', 'application/x-www-form-urlencoded']]

const types = fc.oneof(
  fc.constantFrom(
    'application/json',
    'application/json; charset=utf-16',
    'application/json; charset=',
    'application/x-www-form-urlencoded',
    'application/x-www-form-urlencoded; charset=windows-1251',
    'application/x-www-form-urlencoded; charset=no-such-thing',
    'multipart/form-data; boundary=b',
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary="',
    'multipart/form-data',
    'text/plain',
    'application/xml',
    'constructor',
    '__proto__',
    ';',
    '',
  ),
  inHeader(40),
)
const typed = fc
  .record({ type: types, body: anyBytes(400) })
  .map(({ type, body }) => whole('type', request({ headers: [['Content-Type', type]], body })))

const json = fc
  .oneof(
    repeated('[', 300_000),
    repeated('{"a":', 100_000),
    repeated('[', 50_000).map((text) => `{"a":${text}${text.replaceAll('[', ']')}}`),
    fc.json(),
    fc.constantFrom(
      '{"__proto__":{"a":1}}',
      '{"constructor":null}',
      '\xef\xbb\xbf{"a":1}',
      '\xff\xfe{\0}\0',
      '{"a":1e999}',
      '{"a":"\\ud800"}',
      '{"order_id":{}}',
      '{"order_id":[[]]}',
      '{"order_id":null}',
      '{"toString":1,"order_id":1e400}',
      'null',
      '{"a":1}{',
    ),
    anyBytes(60).map((text) => `{"${text}":1}`),
  )
  .map((body) => whole('JSON', request({ headers: [['Content-Type', 'application/json']], body })))

const forms = fc
  .oneof(
    fc
      .array(fc.constantFrom('%', '%E0%A4', '%00', '%u0041', '%zz', '=', '&', '[', ']', 'a', '+', ';', '\0', '\xff'), {
        maxLength: 300,
        size: 'max',
      })
      .map((parts) => parts.join('')),
    repeated('a[b]', 5000).map((key) => `${key}=1`),
    repeated('[x]', 50_000).map((keys) => `order_id${keys}=1`),
    repeated('a[]=1&', 50_000),
    repeated('&', 300_000).map((ands) => `a=1${ands}`),
    fc.constantFrom(
      '__proto__[a]=1',
      'constructor[prototype][a]=1',
      'a[__proto__]=1',
      'order_id=',
      'order_id[]=1&order_id=2',
      `order_id=${'9'.repeat(5000)}`,
      'order_id=%FF%FE',
      'hasOwnProperty=1&order_id=%',
    ),
  )
  .map((body) => whole('form', request({ body })))

const part = fc
  .tuple(
    fc.constantFrom('--b\r\n', '--b--\r\n', '--b', '\r\n--b\r\n', '--c\r\n', ''),
    fc.constantFrom(
      'Content-Disposition: form-data; name="a"\r\n\r\n',
      'Content-Disposition: form-data; name="a"; filename="x"\r\n\r\n',
      'Content-Disposition: form-data; name=\r\n\r\n',
      'Content-Disposition: form-data; name="order_id"\r\n\r\n',
      'Content-Type: x\r\n',
      '\r\n\r\n',
      '',
    ),
    anyBytes(40),
  )
  .map((pieces) => pieces.join(''))
const multipart = fc
  .record({
    parts: fc.array(part, { maxLength: 8 }),
    boundary: fc.constantFrom('b', '"b"', 'b; charset=x', '-', 'b'.repeat(300)),
  })
  .map(({ parts, boundary }) =>
    whole(
      'multipart',
      request({ headers: [['Content-Type', `multipart/form-data; boundary=${boundary}`]], body: parts.join('') }),
    ),
  )

const oddValue = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    Buffer.from('😀🚢').toString('latin1'),
    'x'.repeat(10_240),
    '__proto__',
    token.slice(1),
    `${token} `,
    '\0',
    '0',
  ),
  inHeader(60),
)
const names = fc.constantFrom(
  'Idempotency-Key',
  'Webhook-Id',
  'Webhook-Signature',
  'Webhook-Timestamp',
  'X-Webhook-Token',
  'X-Forwarded-For',
  'X-Real-IP',
  'Authorization',
  'Accept',
  'Accept-Language',
  'Cookie',
  'Origin',
  'Referer',
  'User-Agent',
  'X-Api-Key',
)
const oddHeaders = fc
  .array(fc.tuple(names, oddValue), { minLength: 1, maxLength: 4 })
  .map((odd) => whole('header', request({ headers: [...formType, ...odd] })))
const twice = fc
  .tuple(names, oddValue, oddValue)
  .map(([name, one, other]) => whole('header twice', request({ headers: [...formType, [name, one], [name, other]] })))
const tokens = fc
  .tuple(fc.constantFrom('Bearer ', 'bearer  ', 'Basic ', 'Bearer', ''), oddValue)
  .map(([scheme, value]) => whole('token', request({ headers: [...formType, ['Authorization', scheme + value]] })))

const inAddress = fc.string({ unit: 'grapheme-ascii', maxLength: 40 }).map((text) => text.replaceAll(' ', '+'))
const address = fc
  .oneof(
    inAddress.map((text) => `/api/order/create?${text}`),
    inAddress.map((text) => `/${text}`),
    fc
      .tuple(fc.constantFrom('token', 'source', 'token[]', 'source[a]', '__proto__'), inAddress)
      .map(([name, value]) => `/api/order/create?${name}=${value}`),
    fc.constantFrom(
      '/api/order/create/',
      '//api/order/create',
      '/api/order/create?',
      '/api/order/create?token',
      '/api/order/create?token=%',
      `/api/order/create?token=${'x'.repeat(15_000)}`,
      '/api/order/create?token=%E0%A4%A',
      '/%',
      '/%E0%A4%A',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/api/order/create%00',
      '/api/order/create;a',
      '/API/ORDER/CREATE',
      '*',
      'http://other/api/order/create',
      'http://',
      '/app/transactions/%',
      '/invitations/%',
      '/?%',
      '/api/cache/update/contacts?token=%',
      '/login',
      '/api/auth?code=%00&state=[]&referer=%',
    ),
  )
  .chain((path) => fc.constantFrom('POST', 'GET').map((method) => whole('address', request({ path, method }))))

export const brokenContents = fc.oneof(encoded, typed, json, forms, multipart, oddHeaders, twice, tokens, address)
