import { type Syntax, writeLiteral } from './literal.ts'
import type { ExampleRequest } from './request.ts'

export const php: Syntax = {
  string: (text) => `'${text.replace(/['\\]/g, '\\$&')}'`,
  list: ['[', ']'],
  map: ['[', ']'],
  pair: ' => ',
  words: { true: 'true', false: 'false', null: 'null' },
}

/** By nothing but what PHP itself brings. */
export function writePhp({ method, url, headers, body }: ExampleRequest): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return [
    '<?php',
    '',
    ...(body ? [`$body = ${writeLiteral(body, php)};`, ''] : []),
    "$context = stream_context_create(['http' => [",
    `    'method' => ${php.string(method)},`,
    `    'header' => ${writeLiteral(lines, php, '    ')},`,
    ...(body ? ["    'content' => json_encode($body),"] : []),
    "    'ignore_errors' => true,",
    "    'timeout' => 30,",
    ']]);',
    '',
    `$stream = fopen(${php.string(url)}, 'r', false, $context);`,
    "echo stream_get_meta_data($stream)['wrapper_data'][0], PHP_EOL;",
    'print_r(json_decode(stream_get_contents($stream), true));',
    '',
  ].join('\n')
}
