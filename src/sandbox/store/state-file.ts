import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'

/** One record written or, with `null`, removed. */
export type Change = [kind: string, id: number | string, record: unknown]

interface StateFile {
  load(): Change[]
  append(changes: Change[]): void
  replace(changes: Change[]): void
}

/** A line holds everything that one request changed, so a kill between two writes never leaves half a request. */
export function openStateFile(path: string): StateFile {
  mkdirSync(dirname(path), { recursive: true })
  return {
    load: () => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').flatMap(readLine) : []),
    append: (changes) => appendFileSync(path, `${JSON.stringify(changes)}\n`),
    replace: (changes) => replaceFile(path, changes),
  }
}

function readLine(line: string): Change[] {
  if (line === '') return []
  try {
    return JSON.parse(line) as Change[]
  } catch {
    // Torn by a kill in the middle of a write: that request was never answered.
    return []
  }
}

function replaceFile(path: string, changes: Change[]) {
  const beside = `${path}.new`
  const file = openSync(beside, 'w')
  writeSync(file, changes.map((change) => `${JSON.stringify([change])}\n`).join(''))
  fsyncSync(file)
  closeSync(file)
  renameSync(beside, path)
}
