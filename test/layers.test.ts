import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const src = join(import.meta.dirname, '../src')

/** Which folders of src a folder may import, besides itself. What stands directly in src may import everything. */
const mayImport: Record<string, string[]> = {
  // It checks the templates and targets that mapping takes, and the URL that the database is opened by.
  config: ['mapping', 'order', 'database'],
  database: [],
  intake: ['inbox'],
  // Its shops are asked for passwords, and their orders are read as all others are.
  'order-api': ['intake', 'inbox', 'order', 'people', 'config', 'database'],
  inbox: ['database'],
  order: [],
  mapping: ['order'],
  amocrm: ['database'],
  delivery: ['inbox', 'order', 'mapping', 'amocrm'],
  // It counts what passes through the inbox and to the CRM, and asks for a token as the webhook does.
  metrics: ['inbox', 'amocrm', 'intake', 'database'],
  alerts: ['inbox', 'amocrm', 'config', 'database'],
  doctor: ['order', 'mapping', 'amocrm', 'config', 'database'],
  // Who may sign in stands in users.ts and in the database.
  people: ['config', 'database'],
  // The pages show what is configured and keep their sessions in the database.
  admin: ['inbox', 'order', 'order-api', 'mapping', 'amocrm', 'doctor', 'people', 'config', 'database'],
  log: [],
  sandbox: [],
  cli: ['config', 'database', 'inbox', 'intake', 'order', 'mapping', 'amocrm', 'delivery', 'doctor', 'people'],
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file))
}

function importedFolders(file: string) {
  const specifiers = [...readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(
    (match) => match[1] ?? '',
  )
  return specifiers.map((specifier) => relative(src, join(file, '..', specifier)).split('/')[0] ?? '')
}

describe('the layers', () => {
  it('names every folder of src', () => {
    const folders = readdirSync(src, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    expect(folders.map(({ name }) => name).sort()).toEqual(Object.keys(mayImport).sort())
  })

  it.each(Object.entries(mayImport))('%s imports only what it may', (folder, allowed) => {
    for (const file of filesBelow(join(src, folder))) {
      const foreign = importedFolders(file).filter((imported) => imported !== folder && !allowed.includes(imported))
      expect(foreign, relative(src, file)).toEqual([])
    }
  })

  it.each(['order', 'mapping'])('%s does nothing but compute: no I/O, no clock, no log', (folder) => {
    for (const file of filesBelow(join(src, folder))) {
      expect(readFileSync(file, 'utf8'), relative(src, file)).not.toMatch(
        /node:|Date\.now|new Date\(\)|Math\.random|console\.|fetch\(/,
      )
    }
  })

  it('lets configuration files import nothing but types of src/config', () => {
    for (const file of filesBelow(join(src, '../config'))) {
      const imports = readFileSync(file, 'utf8').match(/^import .*$/gm) ?? []
      for (const line of imports)
        expect(line, file).toMatch(/^import type \{ \w+ \} from '(\.\.\/)+src\/config\/schema\.ts'$/)
    }
  })
})
