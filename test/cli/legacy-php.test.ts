import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PhpError, type PhpValue, readPhp } from '../../src/cli/legacy/php.ts'

function plain(value: PhpValue): unknown {
  return value instanceof Map ? [...value].map(([key, item]) => [key, plain(item)]) : value
}
const resultOf = (expression: string) => plain(readPhp(`<?php return [${expression}];`).array.get('0') ?? null)

describe('a constant of PHP', () => {
  it.each<[string, unknown]>([
    ['5', 5],
    ['-5', -5],
    ['1.5', 1.5],
    ['1_000', 1000],
    ['0x1F', 31],
    ['017', 15],
    ['0b11', 3],
    ['24 * 60 * 60', 86400],
    ['10 - 5 - 2', 3],
    ['100 / 10 / 2', 5],
    ['2 + 3 * 4', 14],
    ['(2 + 3) * 4', 20],
    ['7 % 4', 3],
    ['true', true],
    ['FALSE', false],
    ['!true', false],
    ['Null', null],
    ["'it\\'s \\\\ \\n'", "it's \\ \\n"],
    ['"a\\tb\\"\\$c \\x41\\u{44F}"', 'a\tb"$c Aя'],
    ["'https://' . 'a' . '/b'", 'https://a/b'],
    ["'ttl ' . 24 * 60 . ' min'", 'ttl 1440 min'],
    ['<<<A\n  x\n   y\n  A', 'x\n y'],
    ["<<<'A'\nx \\n\nA", 'x \\n'],
    ['<<<A\nA', ''],
    [
      "array(1, 'k' => [2], 5 => 'five', 'last')",
      [
        ['0', 1],
        ['k', [['0', 2]]],
        ['5', 'five'],
        ['6', 'last'],
      ],
    ],
  ])('%s', (expression, value) => expect(resultOf(expression)).toEqual(value))

  it.each([
    ["env('SECRET', 'fallback')", 'env()'],
    ['SOME_CONSTANT', 'SOME_CONSTANT'],
    ['Some::THING', 'Some::THING'],
    ["__DIR__ . '/x'", '__DIR__'],
    ['$_SERVER', '$_SERVER'],
    ['"a $b c"', '"…$…"'],
    ['1 ? 2 : 3', '?:'],
    ['fn() => 1', 'arrowfunc'],
    ['`ls`', '"…$…"'],
    ['new Thing', 'new'],
    ["include 'x.php'", 'include'],
    ['(int) "5"', 'cast'],
    ['5 / 0', 'bin'],
    ["'5' + 1", 'bin'],
    ["'a' . null", 'bin'],
    ['9223372036854775808', 'number'],
    ['"\\xD0\\x9F"', 'string'],
    ["'__proto__' => 1", 'string'],
    ['...[1, 2]', 'entry'],
    ['1 + [2]', 'array'],
  ])('is not %s, which is named by %s and its line, and left out', (expression, what) => {
    const { array, leftOut } = readPhp(`<?php return [\n'k' => [\n${expression}],\n'other' => 1];`)
    expect(plain(array)).toEqual([
      ['k', []],
      ['other', 1],
    ])
    expect(leftOut).toMatchObject([{ line: 3, what }])
    expect(leftOut[0]?.key).toMatch(/^k\./)
  })
})

describe('a file of PHP', () => {
  it.each([
    ['a byte order mark', '\uFEFF<?php return [1];'],
    ['declare and use', '<?php\ndeclare(strict_types=1);\nuse A\\B;\nreturn [1];'],
    ['a namespace', '<?php namespace A; return [1];'],
    ['comments', '<?php /* a */ // b\n# c\n return /* d */ [1, /* e */];'],
    ['an end tag and more', '<?php return [1] ?>\n\n'],
    ['Windows line ends', '<?php\r\nreturn [\r\n1,\r\n];\r\n'],
  ])('may have %s', (_case, text) => expect(plain(readPhp(text).array)).toEqual([['0', 1]]))

  it('may have other statements, which are not run but named', () => {
    const { array, leftOut } = readPhp("<?php\n$x = 1;\nunlink('/');\nreturn [1];")
    expect(plain(array)).toEqual([['0', 1]])
    expect(leftOut).toEqual([
      { line: 2, key: '', what: '$x = …' },
      { line: 3, key: '', what: 'unlink()' },
    ])
  })

  it('may define constants, and use them from there on', () => {
    const { array, leftOut } = readPhp(`<?php
      const PIPE = 1731979, DAY = 24 * 60 * 60;
      const WEEK = 7 * DAY, SECRET = OTHER . 'must-not-be-shown', NAMES = ['must-not-be-shown'];
      $all['must-not-be-shown'] = 'must-not-be-shown';
      return ['pipeline' => PIPE, WEEK => 'a ' . PIPE, 'pipe' => pipe, 'minus' => -DAY, 'list' => NAMES];`)
    expect(plain(array)).toEqual([
      ['pipeline', 1731979],
      ['604800', 'a 1731979'],
      ['minus', -86400],
    ])
    expect(leftOut.map(({ what }) => what)).toEqual([
      'const SECRET = …',
      'const NAMES = …',
      '$all[…] = …',
      'pipe',
      'NAMES',
    ])
  })

  const faultOf = (text: string) => {
    try {
      return readPhp(text)
    } catch (error) {
      return error
    }
  }

  it.each([
    ['no PHP', 'no_array', 'hello'],
    ['nothing', 'no_array', ''],
    ['a return without an array', 'no_array', '<?php return 5;'],
    ['a return with nothing', 'no_array', '<?php return;'],
    ['only a conditional return', 'no_array', '<?php if (1) { return [1]; }'],
    ['an array that is made by steps', 'no_array', '<?php $a = [1]; return $a;'],
    ['a fault of syntax', 'syntax', "<?php return [\n'a' => ];"],
    ['an escape of no letter', 'syntax', '<?php return ["\\u{110000}"];'],
    ['brackets without an end', 'too_deep', `<?php return ${'['.repeat(60_000)}`],
    ['deep nesting', 'too_deep', `<?php return ${'['.repeat(50_000)}${']'.repeat(50_000)};`],
    ['a long sum', 'too_deep', `<?php return [${'1+'.repeat(60_000)}1];`],
    ['many signs', 'too_deep', `<?php return [${'- '.repeat(60_000)}1];`],
  ])('with %s ends as %s', (_case, reason, text) => {
    const error = faultOf(text)
    expect(error).toBeInstanceOf(PhpError)
    expect(error).toMatchObject({ reason })
  })

  it('ends in an array or a PhpError, whatever it holds', () => {
    const scraps = fc.array(
      fc.oneof(
        fc.constantFrom('<?php ', 'return ', '[', ']', '=>', ',', "'", '"', '$', '{', '}', '<<<A\n', '\nA\n', '.', '*'),
        fc.constantFrom('array(', ')', ';', '-', '!', '1', '0x', 'null', '\\', '/*', '*/', '#', '?>', '__proto__', 'ы'),
        fc.string({ unit: 'binary', maxLength: 5 }),
      ),
      { maxLength: 30 },
    )
    fc.assert(
      fc.property(scraps, (parts) => {
        for (const text of [`<?php return [${parts.join('')}];`, parts.join('')]) {
          const result = faultOf(text)
          expect(result instanceof PhpError || (result as { array?: unknown }).array instanceof Map).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('gives back what was written', () => {
    const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
    const write = (value: unknown): string => {
      if (typeof value === 'string') return quote(value)
      if (typeof value !== 'object' || value === null) return String(value)
      return `[${Object.entries(value).map(([key, item]) => `${quote(key)} => ${write(item)}`)}]`
    }
    const read = (value: PhpValue): unknown =>
      value instanceof Map ? Object.fromEntries([...value].map(([key, item]) => [key, read(item)])) : value
    const text = fc.string({ unit: 'grapheme' })
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ depthSize: 'small' }, text, fc.integer(), fc.boolean(), fc.constant(null), tie('array')),
      array: fc.dictionary(
        text.filter((key) => key !== '__proto__'),
        tie('tree'),
      ),
    }))
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('a', 'b', 'c'), tree), (written) => {
        const { array, leftOut } = readPhp(`<?php return ${write(written)};`)
        expect(leftOut).toEqual([])
        expect(JSON.parse(JSON.stringify(read(array)))).toEqual(JSON.parse(JSON.stringify(written)))
      }),
    )
  })
})
