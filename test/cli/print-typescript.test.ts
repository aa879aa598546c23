import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { printConfigFile } from '../../src/cli/legacy/print-typescript.ts'
import { lint } from '../support/lint.ts'

describe('a printed configuration file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parom-printed-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('is what the formatter would make of it, and gives back what was printed', async () => {
    const letters = fc.constantFrom(...'aяЖ _-\'"\\#1\n$')
    // Near the width of a line it matters what stands before and after.
    const long = fc.integer({ min: 90, max: 120 }).map((length) => 'x'.repeat(length))
    const text = fc.oneof(fc.string({ unit: letters, maxLength: 60 }), long)
    const key = fc.oneof(fc.constantFrom('a', 'ab', 'abc', 'abcd', 'abcde', 'a-b', '1'), fc.string({ unit: letters }))
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        text,
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        tie('list'),
        tie('object'),
      ),
      list: fc.array(fc.string({ unit: letters, maxLength: 30 }), { maxLength: 6 }),
      object: fc.dictionary(key, tie('tree'), { maxKeys: 5 }),
    }))
    const contents = fc.sample(fc.dictionary(key, tree, { maxKeys: 6 }), { numRuns: 500, seed: 5 })
    for (const [index, content] of contents.entries()) {
      const text = printConfigFile({ type: 'X', schema: './schema.ts', comment: 'Printed.', content: content as never })
      writeFileSync(join(folder, `${index}.ts`), text)
      const { default: read } = await import(join(folder, `${index}.ts`))
      expect(read).toEqual(content)
    }
    expect(lint(folder)).toContain('No fixes applied')
  })
})
