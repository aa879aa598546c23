import fc from 'fast-check'
import { anyBytes, type Headers, inHeader, open, repeated, request, whole } from './requests.ts'

/** Requests whose HTTP itself is broken. */

const rubbish = anyBytes(300).map((text) => open('rubbish', Buffer.from(text, 'latin1')))

const mangled = fc.record({ at: fc.nat(160), cut: fc.nat(20), put: anyBytes(20) }).map(({ at, cut, put }) => {
  const good = request()
  const bytes = Buffer.concat([good.subarray(0, at), Buffer.from(put, 'latin1'), good.subarray(at + cut)])
  return open('mangled', bytes)
})

const length = fc
  .oneof(
    fc.constantFrom('-1', '', '0x10', '1e3', '99999999999999999999', ' ', '3, 3', '+3', '3.0', '2097152', '0'),
    fc.integer({ min: 0, max: 5000 }).map(String),
    inHeader(10),
  )
  .map((value) => open('wrong length', request({ length: value, body: 'a=1&b=2' })))

const twoLengths = fc
  .constantFrom<Headers>(
    [
      ['Content-Length', '2'],
      ['Content-Length', '7'],
    ],
    [
      ['Content-Length', '7'],
      ['Transfer-Encoding', 'chunked'],
    ],
    [
      ['Transfer-Encoding', 'chunked'],
      ['Transfer-Encoding', 'gzip'],
    ],
    [['Transfer-Encoding', 'gzip, chunked']],
    [['Transfer-Encoding', 'xchunked']],
    [['Transfer-Encoding', 'chunked, identity']],
  )
  .map((headers) => open('two lengths', request({ headers, length: null, body: '3\r\na=1\r\n0\r\n\r\n' })))

const chunkSize = fc.oneof(
  fc.constantFrom(
    'zz',
    '-1',
    'FFFFFFFFFFFFFFFF',
    'FFFFFFFFFFFFFFFFF',
    '',
    ' 3',
    '3;',
    '0x3',
    '00000003',
    '3\n',
    '3;a="\r\n',
  ),
  repeated('3;ext=aaaaaaaaaaaaaaaa', 1500),
  anyBytes(8),
)
const chunked = fc
  .record({
    size: chunkSize,
    data: anyBytes(30),
    end: fc.constantFrom('', '\r\n0\r\n\r\n', '0\r\n', '\r\n0\r\nX: y\r\n\r\n'),
  })
  .map(({ size, data, end }) =>
    open(
      'chunks',
      request({
        headers: [
          ['Content-Type', 'application/x-www-form-urlencoded'],
          ['Transfer-Encoding', 'chunked'],
        ],
        length: null,
        body: `${size}\r\n${data}${end}`,
      }),
    ),
  )

const half = fc
  .record({ share: fc.double({ min: 0, max: 1, noNaN: true }), hangsUp: fc.boolean(), size: fc.nat(20_000) })
  .map(({ share, hangsUp, size }) => {
    const bytes = request({ body: `a=${'x'.repeat(size)}` })
    return open('half', bytes.subarray(0, Math.floor(bytes.length * share)), hangsUp)
  })

const hungUp = fc.nat(100_000).map((size) => open('hung up', request({ body: `a=${'x'.repeat(size)}` }), true))

const pipelined = fc
  .array(fc.oneof(fc.constant(keptAlive()), fc.constant(request({ method: 'GET' })), anyBytes(60).map(latin1)), {
    minLength: 2,
    maxLength: 8,
  })
  .map((parts) => open('pipelined', Buffer.concat([keptAlive(), ...parts])))

function keptAlive() {
  return latin1(request().toString('latin1').replace('Connection: close\r\n', ''))
}

function latin1(text: string) {
  return Buffer.from(text, 'latin1')
}

const bombs = fc
  .oneof(
    fc.nat(3000).map((count) => Array.from({ length: count }, (_, index): [string, string] => [`X-${index}`, 'y'])),
    repeated('bombastic', 20_000).map((value): Headers => [['X-Bomb', value]]),
    repeated('X', 20_000).map((name): Headers => [[name, 'y']]),
    fc.nat(200).map((count) => Array.from({ length: count }, (): [string, string] => ['Cookie', 'a=b'])),
  )
  .map((headers) =>
    whole('header bomb', request({ headers: [['Content-Type', 'application/x-www-form-urlencoded'], ...headers] })),
  )

const method = fc
  .constantFrom(
    'GET',
    'PUT',
    'PATCH',
    'DELETE',
    'OPTIONS',
    'HEAD',
    'TRACE',
    'CONNECT',
    'PROPFIND',
    'PRI',
    'post',
    'BREW',
    '',
  )
  .map((name) => open('method', request({ method: name })))

const firstLine = fc
  .constantFrom(
    'POST /api/order/create HTTP/1.0\r\n\r\n',
    'POST /api/order/create\r\n\r\n',
    'POST /api/order/create HTTP/2.0\r\nHost: a\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'POST /api/order/create HTTP/1.1\r\n\r\n',
    'POST /api/order/create HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
    'POST /api/order/create HTTP/1.1\nHost: a\n\n',
    'POST /api/order/create HTTP/1.1\r\nHost: a\r\n folded: b\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
    'POST /api/order/create HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nContent-Length: 3\r\n\r\na=1',
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    '\r\n'.repeat(5000),
  )
  .map((text) => open('first line', latin1(text)))

const expecting = fc
  .oneof(fc.constantFrom('100-continue', '200-ok', ''), inHeader(20))
  .map((value) => open('expect', request({ headers: [['Expect', value]] })))

export const brokenFraming = fc.oneof(
  rubbish,
  mangled,
  length,
  twoLengths,
  chunked,
  half,
  hungUp,
  pipelined,
  bombs,
  method,
  firstLine,
  expecting,
)
