import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

export interface NewFile {
  path: string
  text: string
  mode?: number
}

export function findExisting(files: NewFile[]) {
  return files.map(({ path }) => path).filter((path) => existsSync(path))
}

/** Throws rather than overwrite. */
export async function writeNewFiles(files: NewFile[]) {
  for (const { path, text, mode = 0o644 } of files) {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text, { flag: 'wx', mode })
  }
}
