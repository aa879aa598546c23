import { type Syntax, writeLiteral } from './literal.ts'
import type { ExampleRequest } from './request.ts'

export const javascript: Syntax = {
  string: JSON.stringify,
  list: ['[', ']'],
  map: ['{', '}'],
  pair: ': ',
  words: { true: 'true', false: 'false', null: 'null' },
}

/** A module for Node 18 and later. */
export function writeJavascript({ method, url, headers, body }: ExampleRequest): string {
  return [
    '// example.mjs, Node.js 18+',
    '',
    ...(body ? [`const body = ${writeLiteral(body, javascript)}`, ''] : []),
    `const response = await fetch(${JSON.stringify(url)}, {`,
    `    method: ${JSON.stringify(method)},`,
    `    headers: ${writeLiteral(headers, javascript, '    ')},`,
    ...(body ? ['    body: JSON.stringify(body),'] : []),
    '})',
    '',
    'console.log(response.status, await response.json())',
    '',
  ].join('\n')
}
