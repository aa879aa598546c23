import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createLogFiles } from '../../src/log/files.ts'

const today = () => new Date().toISOString().slice(0, 10)
const line = (number: number) => `${JSON.stringify({ number, filling: 'x'.repeat(80) })}\n`

describe('log files', () => {
  let folder: string
  const troubles: string[] = []
  const open: { close: () => Promise<void> }[] = []
  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'parom-log-')), 'log')
    troubles.length = 0
  })
  afterEach(async () => {
    await Promise.all(open.splice(0).map((files) => files.close()))
    rmSync(join(folder, '..'), { recursive: true })
  })

  function start(options: { most?: number; size?: number } = {}) {
    const files = createLogFiles({ folder, most: 14, ...options }, (code) => troubles.push(code))
    open.push(files)
    return files
  }
  const names = () => readdirSync(folder).toSorted()
  const numbersIn = (names: string[]) =>
    names.flatMap((name) => {
      const lines = readFileSync(join(folder, name), 'utf8').trimEnd().split('\n')
      return lines.map((line) => JSON.parse(line).number as number)
    })

  it('are one a day, which nobody else may read', async () => {
    const files = start()
    files.write(line(1))
    files.write(line(2) + line(3))
    await files.close()
    expect(names()).toEqual([`parom-${today()}.log`])
    expect(numbersIn(names())).toEqual([1, 2, 3])
    expect(statSync(join(folder, `parom-${today()}.log`)).mode & 0o777).toBe(0o640)
  })

  it('begin anew when one is full, and the newest are kept, those of earlier runs included', async () => {
    mkdirSync(folder)
    const others = ['parom-2020-01-01.log', 'parom-2020-01-02.log', 'parom-2020-01-02.1.log', 'access.log', 'parom.db']
    for (const name of others) writeFileSync(join(folder, name), line(0))
    const files = start({ most: 4, size: 300 })
    for (const number of [1, 2, 3, 4, 5, 6]) {
      files.write(line(number))
      await vi.waitFor(() => expect(numbersIn(names().filter((name) => name.includes(today())))).toContain(number))
    }
    const ours = [`parom-${today()}.1.log`, `parom-${today()}.log`]
    expect(names()).toEqual(['access.log', 'parom-2020-01-02.1.log', 'parom-2020-01-02.log', ...ours, 'parom.db'])
    expect(numbersIn(ours).toSorted()).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('are shared by processes, which tear no line of each other', async () => {
    const writers = [start({ size: 20_000 }), start({ size: 20_000 }), start({ size: 20_000 })]
    for (let number = 0; number < 1500; number++) writers[number % 3]?.write(line(number))
    await Promise.all(writers.map((files) => files.close()))
    const numbers = numbersIn(names())
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 1500 }, (_, number) => number))
  })

  it('are made anew after somebody has moved one away', async () => {
    const files = start()
    files.write(line(1))
    await vi.waitFor(() => expect(numbersIn(names())).toEqual([1]))
    rmSync(folder, { recursive: true })
    files.write(line(2))
    await files.close()
    expect(numbersIn(names())).toEqual([2])
  })

  it('that cannot be written are told of once, and of what they lack when they can be again', async () => {
    const files = start()
    files.write(line(1))
    await vi.waitFor(() => expect(numbersIn(names())).toEqual([1]))
    renameSync(folder, `${folder}.away`)
    rmSync(join(`${folder}.away`, `parom-${today()}.log`))
    writeFileSync(folder, 'no folder any more')
    files.write(line(2))
    files.write(line(3))
    await vi.waitFor(() => expect(troubles).toEqual([expect.stringMatching(/^E[A-Z]+$/)]))
    files.write(line(4))
    await vi.waitFor(() => expect(troubles).toHaveLength(1))
    rmSync(folder)
    renameSync(`${folder}.away`, folder)
    files.write(line(5))
    await files.close()
    const text = readFileSync(join(folder, `parom-${today()}.log`), 'utf8')
    const [lost, ...others] = text
      .trimEnd()
      .split('\n')
      .map((each) => JSON.parse(each))
    expect(lost).toMatchObject({ level: 'error', count: 4 - others.length, msg: 'log lines were lost' })
    expect(others.at(-1)).toMatchObject({ number: 5 })
  })
})
