import fc from 'fast-check'
import { operations } from '../../../src/order-api/contract.ts'
import { addresses } from '../page-routes.ts'
import { anyBytes, type Headers, inHeader, repeated, request, whole } from './requests.ts'

/** Requests of strangers to every address there is. */

/** No answer may hold it as it is: a browser would take it for an element. */
export const mark = '<x-fuzz>'

const files = ['parom.css', 'htmx/htmx.min.js', 'uplot/uPlot.min.css', 'parom.svg']
export const everyPath = [
  ...new Set([
    ...addresses.map(([, path]) => path),
    ...operations.map(({ path }) => path),
    '/api/order/create',
    '/api/cache/update/contacts',
    '/health/live',
    '/health/ready',
    '/metrics',
    ...files.map((file) => `/public/${file}`),
  ]),
]

const marks = [mark, encodeURIComponent(mark), `"${mark}`, `%22%27${encodeURIComponent(mark)}`]
const inParts = fc.oneof(
  fc.constantFrom(
    ...marks,
    ...[
      '..',
      '%2e%2e',
      '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
      '..%5c..%5c',
      '....//',
      '%00',
      '%0d%0aX-Fuzz:1',
      '%',
      '%E0%A4',
    ],
    ...['01890000-0000-7000-8000-000000000000', '__proto__', 'constructor', '-1', '1e999', '.env', '.git/config', ''],
  ),
  fc.string({ unit: 'grapheme', maxLength: 12 }).map(encodeURIComponent),
  repeated('a', 9000),
)
const filled = fc
  .tuple(fc.constantFrom(...everyPath), inParts, inParts)
  .map(([path, one, other]) => [one, other].reduce((known, part) => known.replace(/:\w+/, part), path))
const bent = fc
  .tuple(filled, inParts, fc.nat(40))
  .chain(([path, part, at]) =>
    fc.constantFrom(
      path,
      path,
      path,
      `${path}/${part}`,
      `${path}${part}`,
      `/${path}`,
      `${path}/`,
      path.toUpperCase(),
      path.replaceAll('/', '//'),
      path.replaceAll('/', '%2f'),
      `/public/${part}`,
      `/public/${part}/../../package.json`,
      `${path.slice(0, at)}${part}${path.slice(at)}`,
      `http://elsewhere.example${path}`,
    ),
  )
const words = [
  'q',
  'return_page',
  'state',
  'code',
  'referer',
  'limit',
  'cursor',
  'page',
  'from',
  'done',
  'lang',
  'token',
]
const queries = fc
  .array(
    fc.tuple(
      fc.constantFrom(...words, 'a[b]', '__proto__'),
      fc.oneof(inParts, fc.constantFrom('//elsewhere', 'javascript:1')),
    ),
    {
      maxLength: 4,
    },
  )
  .map((pairs) => (pairs.length > 0 ? `?${pairs.map((pair) => pair.join('=')).join('&')}` : ''))

const headers = fc.array(
  fc.oneof(
    fc.tuple(
      fc.constantFrom(
        'Accept',
        'Accept-Language',
        'Cookie',
        'HX-Request',
        'X-Look',
        'If-None-Match',
        'Range',
        'Authorization',
      ),
      fc.oneof(
        inHeader(40),
        fc.constantFrom('application/json', 'text/html', '*/*', 'true', 'bytes=9-1,-', `parom=s%3A${mark}.x`),
      ),
    ),
    fc.tuple(
      fc.constantFrom(
        'X-Forwarded-For',
        'X-Forwarded-Host',
        'X-Forwarded-Proto',
        'Referer',
        'Origin',
        'User-Agent',
        'Forwarded',
      ),
      fc.constantFrom(mark, 'https', 'elsewhere.example', '127.0.0.1', '::1%25', 'https, http', "'"),
    ),
  ),
  { maxLength: 4 },
)

const bodies = fc.oneof(
  fc.constant<[string | null, string]>([null, '']),
  fc.tuple(
    fc.constantFrom(
      'application/x-www-form-urlencoded',
      'application/json',
      'multipart/form-data; boundary=b',
      'text/html',
      'application/x-www-form-urlencoded; charset=utf-7',
    ),
    fc.oneof(
      anyBytes(200),
      fc.json(),
      fc.constantFrom(
        `login=${encodeURIComponent(mark)}&password=x&return_page=//x&_csrf=x`,
        `_csrf=${mark}&_csrf[]=1&__proto__[a]=1`,
        JSON.stringify({ email: mark, password: mark, name: mark }),
        `--b\r\nContent-Disposition: form-data; name="login"\r\n\r\n${mark}\r\n--b--`,
      ),
      repeated('a=1&', 3000),
      repeated('[', 100_000),
    ),
  ),
)

const methods = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('GET', 'POST') },
  { weight: 2, arbitrary: fc.constantFrom('HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND', 'QUERY') },
)

/** The address and headers alone, for whoever sends them with a method of his own. */
export const everyAddress = fc.tuple(bent, queries).map(([path, query]) => path.replaceAll(' ', '+') + query)

export const everyRoute = fc
  .record({ method: methods, path: everyAddress, headers, body: bodies })
  .map(({ method, path, headers: some, body: [type, body] }) => {
    const typed: Headers = type === null ? [] : [['Content-Type', type]]
    // A path is of bytes here, as everything that is sent.
    const address = Buffer.from(path).toString('latin1')
    return whole('any route', request({ method, path: address, headers: [...typed, ...some], body }))
  })
