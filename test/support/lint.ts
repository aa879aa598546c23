import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const project = join(import.meta.dirname, '../..')

/** Checks the files of a folder as the project's own are checked; throws what is not right. */
export function lint(folder: string) {
  const { vcs: _, files: __, ...rules } = JSON.parse(readFileSync(join(project, 'biome.json'), 'utf8'))
  writeFileSync(join(folder, 'biome.json'), JSON.stringify({ ...rules, json: { formatter: { enabled: false } } }))
  const biome = join(project, 'node_modules/.bin/biome')
  return execFileSync(process.execPath, [biome, 'check', '--error-on-warnings', '.'], { cwd: folder, encoding: 'utf8' })
}
