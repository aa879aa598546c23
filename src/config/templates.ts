import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { checkTemplate, type Template, type Templates } from '../mapping/layout.ts'
import type { Fault } from './config-error.ts'

const standardFolder = resolve(import.meta.dirname, '../../config/templates')
const files: Record<keyof Template, string> = { leadName: 'lead-name.njk', note: 'note.njk' }

/** A function that reads templates and gathers what is wrong with them in `faults`. */
export function createTemplateReader() {
  const faults: Fault[] = []

  /**
   * The templates of the note and of the lead's name, by form. Of `<folder>/templates/<form>/`, `<folder>/templates/`,
   * `<root>/templates/` and the ones that ship, the first that is there counts, each file for itself.
   */
  async function readTemplates({ root, folder, forms }: { root: string; folder: string; forms: string[] }) {
    const shared = [join(folder, 'templates'), join(root, 'templates'), standardFolder]
    const ofNoForm = (await foldersIn(join(folder, 'templates'))).filter((name) => !forms.includes(name))
    const expected = `имя формы из request.mapper.ts: ${forms.join(', ')}`
    faults.push(...ofNoForm.map((name) => ({ where: join(folder, 'templates', name), key: '', expected })))
    const own: Templates['forms'] = {}
    for (const form of forms) own[form] = await readTemplate([join(folder, 'templates', form), ...shared])
    return { standard: await readTemplate([standardFolder]), forms: own }
  }

  async function readTemplate(folders: string[]): Promise<Template> {
    return { leadName: await readFirst(folders, files.leadName), note: await readFirst(folders, files.note) }
  }

  async function readFirst(folders: string[], name: string) {
    const file = folders.map((each) => join(each, name)).find(existsSync) ?? join(standardFolder, name)
    const source = await readFile(file, 'utf8')
    const fault = faultOf(source)
    if (fault && !faults.some(({ where }) => where === file)) faults.push({ where: file, key: '', expected: fault })
    return source
  }

  return Object.assign(readTemplates, { faults })
}

async function foldersIn(folder: string) {
  if (!existsSync(folder)) return []
  const entries = await readdir(folder, { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}

function faultOf(source: string) {
  try {
    checkTemplate(source)
    return null
  } catch (error) {
    const says = error instanceof Error ? error.message : String(error)
    return `шаблон nunjucks без ошибок (${says.replace(/\s+/g, ' ').trim()})`
  }
}
