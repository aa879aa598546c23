import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type PhpValue, readPhp } from '../../src/cli/legacy/php.ts'
import { javascript } from '../../src/order-api/examples/javascript.ts'
import { languages } from '../../src/order-api/examples/languages.ts'
import { writeLiteral } from '../../src/order-api/examples/literal.ts'
import { php } from '../../src/order-api/examples/php.ts'
import { python } from '../../src/order-api/examples/python.ts'
import { findProgram } from '../support/programs.ts'

const nasty = [
  "it's",
  '"',
  '\\',
  "\\'",
  '$x {$y} $' + '{z}',
  '`id` $(id)',
  '!',
  '\n',
  '\t',
  '<?php ?>',
  '</pre>',
  '\u2028',
  '№ 1 «ы»',
  '%s',
  '',
]
const text = fc.oneof(fc.constantFrom(...nasty), fc.string({ unit: 'grapheme' }))
const number = fc.oneof(
  fc.integer(),
  fc.integer({ min: -1e6, max: 1e6 }).map((units) => units / 1000),
)
// JSON.parse of Node 24.21 may take a key that is one escape for another such key.
const key = text.filter((each) => each !== '__proto__' && !/["\\\p{Cc}]/u.test(each))
const { value } = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, text, number, fc.boolean(), fc.constant(null), tie('list'), tie('map')),
  list: fc.array(tie('value'), { maxLength: 4 }),
  map: fc.dictionary(key, tie('value'), { maxKeys: 4 }),
}))
const some = () => [...nasty, ...fc.sample(value, 300)]

it('JavaScript reads what is written for it', () => {
  fc.assert(
    fc.property(value, (each) => {
      expect(new Function(`return ${writeLiteral(each, javascript)}`)()).toEqual(each)
    }),
  )
})

it('Python reads what is written for it', () => {
  const values = some()
  const input = JSON.stringify(values.map((each) => writeLiteral(each, python)))
  const script = 'import ast, json, sys; print(json.dumps([ast.literal_eval(x) for x in json.load(sys.stdin)]))'
  const read = execFileSync(findProgram('python') ?? 'python3', ['-c', script], { input, encoding: 'utf8' })
  expect(JSON.parse(read)).toEqual(values)
})

it('PHP reads what is written for it', () => {
  const texts = fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(texts, (pairs) => {
      const list = pairs.map(([one, other]) => [one, [other, 1.5, null, true]])
      const read = readPhp(`<?php return ${writeLiteral(list, php)};`).array
      expect(plain(read)).toEqual(list)
    }),
  )
})

it('bash hands on what is written for it, to the letter', () => {
  const bodies = some().map((each) => ({ each }))
  const commands = bodies.map((body) =>
    languages['bash']?.write({ method: 'POST', url: "https://a.example/'", headers: {}, body }),
  )
  // In place of curl, what prints its last argument.
  const script = `curl() { printf '%s\\0' "\${@: -1}"; }\n${commands.join('')}`
  const printed = execFileSync('bash', ['-s'], { input: script, encoding: 'utf8' }).split('\0').slice(0, -1)
  expect(printed.map((each) => JSON.parse(each))).toEqual(bodies)
})

/** Lists are maps in PHP. */
function plain(read: PhpValue): unknown {
  return read instanceof Map ? [...read.values()].map(plain) : read
}
