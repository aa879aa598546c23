import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const read = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8'))

interface Locked {
  resolved?: string
  integrity?: string
  license?: string
  hasInstallScript?: boolean
}

const { packages } = read('package-lock.json') as { packages: Record<string, Locked> }
const installed = Object.entries(packages).filter(([path]) => path !== '')

describe('what Parom depends on', () => {
  it('is locked to what the registry gave, each package with its digest', () => {
    const loose = installed.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'))
    expect(loose.map(([path]) => path)).toEqual([])
    const elsewhere = installed.filter(
      ([, { resolved }]) => resolved && !resolved.startsWith('https://registry.npmjs.org/'),
    )
    expect(elsewhere.map(([path]) => path)).toEqual([])
  })

  it('runs no script when it is installed, but that which brings Node.js', () => {
    const allowed = Object.keys((read('package.json') as { allowScripts: object }).allowScripts)
    expect(allowed).toEqual(['node'])
    const scripted = installed.filter(([, { hasInstallScript }]) => hasInstallScript)
    expect(scripted.map(([path]) => path).filter((path) => !/node_modules\/(node|fsevents)$/.test(path))).toEqual([])
  })

  it('may be used by anybody for anything', () => {
    const permissive =
      /^\(?(MIT|MIT-0|ISC|BSD-2-Clause|BSD-3-Clause|0BSD|BSD-0-Clause|PSF-2\.0|Apache-2\.0|BlueOak-1\.0\.0|Python-2\.0|CC0-1\.0|Unlicense|MPL-2\.0)\b/
    const licences = installed.filter(([, { license = '' }]) => !permissive.test(license))
    expect(licences.map(([path, { license }]) => `${path}: ${license}`)).toEqual([])
  })

  it('is used: nothing is installed for production that no source file names', () => {
    const { dependencies } = read('package.json') as { dependencies: Record<string, string> }
    const sources = ['src', 'views', 'package.json'].map((path) => textOf(join(root, path))).join('\n')
    const idle = Object.keys(dependencies).filter((name) => !sources.includes(name.replace(/^@types\//, '')))
    expect(idle).toEqual([])
  })
})

function textOf(path: string): string {
  if (/\.\w+$/.test(path)) return readFileSync(path, 'utf8')
  const entries = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return entries.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')).join('\n')
}
