import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

describe('the log of a process that ends', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'parom-log-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  /** Writes two thousand lines, and then ends as told. */
  async function writeAndEnd(end: string, stdout: 'pipe' | number = 'pipe') {
    const program = `
      import { createLog } from './src/log/log.ts'
      const log = createLog({ level: 'info', files: { folder: process.argv[1], most: 3 } })
      process.on('uncaughtException', (err) => {
        log.fatal({ err }, 'the process ends')
        process.exit(1)
      })
      for (let count = 1; count <= 2000; count++) log.info({ count }, 'a line')
      ${end}`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program, join(folder, 'log')], {
      cwd: root,
      stdio: ['ignore', stdout, 'pipe'],
    })
    let printed = ''
    let complained = ''
    child.stdout?.on('data', (chunk) => {
      printed += chunk
    })
    child.stderr?.on('data', (chunk) => {
      complained += chunk
    })
    const [code] = await once(child, 'close')
    const [file = ''] = readdirSync(join(folder, 'log'))
    const inFile = readFileSync(join(folder, 'log', file), 'utf8')
    return { code, printed, inFile, complained }
  }

  const countsIn = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .flatMap((line) => JSON.parse(line).count ?? [])
  const all = Array.from({ length: 2000 }, (_, index) => index + 1)

  it.each([
    ['by itself', '', 0],
    ['by a call', 'process.exit(3)', 3],
    ['later by a call', 'setTimeout(() => process.exit(3), 50)', 3],
    [
      'by a signal that is heard',
      "process.on('SIGTERM', () => process.exit(0)); process.kill(process.pid, 'SIGTERM')",
      0,
    ],
    ['by what nobody caught', "setTimeout(() => { throw new Error('hunter2 of +79123456789') })", 1],
    ['by what nobody awaited', "void Promise.reject(Object.assign(new Error('x'), { config: 'hunter2' }))", 1],
  ])('%s is whole', async (_how, end, code) => {
    const ended = await writeAndEnd(end)
    expect([countsIn(ended.printed), countsIn(ended.inFile)]).toEqual([all, all])
    expect(ended.code).toBe(code)
    expect(ended.complained).not.toMatch(/79123456789|hunter2/)
    if (code !== 1) return
    const last = JSON.parse(ended.inFile.trimEnd().split('\n').at(-1) ?? '')
    expect(last).toMatchObject({ level: 'fatal', channel: 'exceptions', msg: 'the process ends' })
  })

  it('is no reason to go on when standard output has no room', async () => {
    const full = openSync('/dev/full', 'w')
    const ended = await writeAndEnd("setTimeout(() => log.info({ count: 2001 }, 'a line'), 1200)", full)
    closeSync(full)
    expect([ended.code, countsIn(ended.inFile)]).toEqual([0, [...all, 2001]])
  })
})
