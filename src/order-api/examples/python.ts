import { type Syntax, writeLiteral } from './literal.ts'
import type { ExampleRequest } from './request.ts'

export const python: Syntax = {
  string: JSON.stringify,
  list: ['[', ']'],
  map: ['{', '}'],
  pair: ': ',
  words: { true: 'True', false: 'False', null: 'None' },
}

/** By nothing but what Python itself brings. */
export function writePython({ method, url, headers, body }: ExampleRequest): string {
  return [
    'import json',
    'from urllib.error import HTTPError',
    'from urllib.request import Request, urlopen',
    '',
    ...(body ? [`body = ${writeLiteral(body, python)}`, ''] : []),
    'request = Request(',
    `    ${JSON.stringify(url)},`,
    `    method=${JSON.stringify(method)},`,
    `    headers=${writeLiteral(headers, python, '    ')},`,
    ...(body ? ['    data=json.dumps(body).encode(),'] : []),
    ')',
    '',
    'try:',
    '    response = urlopen(request, timeout=30)',
    'except HTTPError as refused:',
    '    response = refused',
    '',
    'print(response.status, json.load(response))',
    '',
  ].join('\n')
}
