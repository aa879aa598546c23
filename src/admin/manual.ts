import { readdir, readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import type { NextFunction, Request, Response } from 'express'
import createMarkdown from 'markdown-it'
import type { Language, Languages } from './language.ts'
import type { Route } from './routes.ts'
import type { Render } from './views.ts'

interface ManualOptions {
  /** The address of this installation, as who asks knows it. */
  baseOf: (req: Request) => string
  languages: Languages
  render: Render
}

type Token = ReturnType<ReturnType<typeof createMarkdown>['parse']>[number]

const root = join(import.meta.dirname, '../..')
const sampleBase = 'http://127.0.0.1:3000'
const access = 'maintenance'

/** In the order in which somebody new reads them; others follow. */
const readingOrder = [
  ...['install', 'connect-amocrm', 'opencart', 'api', 'mapping', 'cookbook'],
  ...['troubleshooting', 'moving', 'security', 'sandbox'],
]

/** What a document may show or offer, by the folder below `docs`. */
const attachments: Record<string, { pattern: RegExp; headers: Record<string, string> }> = {
  '': { pattern: /\.png$/, headers: {} },
  pictures: { pattern: /\.png$/, headers: {} },
  examples: { pattern: /\.php$/, headers: { 'content-type': 'text/plain; charset=utf-8' } },
}

/** `/readme`: the project's own manual, with the addresses of this installation. */
export function createManual({ baseOf, languages, render }: ManualOptions): Route[] {
  return [
    { method: 'get', path: '/readme', access, handle: showReadme },
    { method: 'get', path: '/readme/docs/:name', access, handle: showDocument },
    { method: 'get', path: '/readme/docs/:folder/:name', access, handle: sendAttachment },
  ]

  async function showReadme(req: Request, res: Response) {
    const asked = languageIn(String(req.query['language']))
    await show(req, res, fileOf('README', asked ?? languages.languageOf(req)))
  }

  async function showDocument(req: Request, res: Response, next: NextFunction) {
    const name = String(req.params['name'])
    if (!name.endsWith('.md')) return sendAttachment(req, res, next)
    if (!(await filesIn('')).includes(name)) return next()
    await show(req, res, `docs/${name}`)
  }

  async function sendAttachment(req: Request, res: Response, next: NextFunction) {
    const [folder, name] = [String(req.params['folder'] ?? ''), String(req.params['name'])]
    const attachment = Object.hasOwn(attachments, folder) ? attachments[folder] : undefined
    if (!attachment?.pattern.test(name) || !(await filesIn(folder)).includes(name)) return next()
    const { headers } = attachment
    res.sendFile(join(root, 'docs', folder, name), { maxAge: '1h', headers })
  }

  async function show(req: Request, res: Response, file: string) {
    const base = baseOf(req)
    const text = (await readFile(join(root, file), 'utf8')).replaceAll(sampleBase, base)
    const here = `${req.baseUrl}/readme`
    const language = languageOf(file)
    render(req, res, 'maintenance/manual.njk', {
      ...renderManual(text, posix.dirname(file), here),
      documents: await listDocuments(file, language, here),
      textLanguage: language,
      ownBase: base,
      isManual: file === fileOf('README', language),
    })
  }
}

/** Nothing but what the folder itself lists. */
async function filesIn(folder: string) {
  return readdir(join(root, 'docs', folder))
}

function languageIn(word: string): Language | null {
  return word === 'en' || word === 'ru' ? word : null
}

function fileOf(name: string, language: Language) {
  return language === 'ru' ? `${name}.ru.md` : `${name}.md`
}

function languageOf(file: string): Language {
  return file.endsWith('.ru.md') ? 'ru' : 'en'
}

/** All documents in a language, the manual itself first, by their titles. */
async function listDocuments(current: string, language: Language, here: string) {
  const docs = (await filesIn('')).filter((name) => name.endsWith('.md') && languageOf(name) === language)
  const rank = (name: string) => {
    const place = readingOrder.findIndex((each) => fileOf(each, language) === name)
    return place < 0 ? readingOrder.length : place
  }
  const files = [fileOf('README', language), ...docs.sort((a, b) => rank(a) - rank(b)).map((name) => `docs/${name}`)]
  return Promise.all(
    files.map(async (file) => {
      const [, title = file] = /^# (.+)$/m.exec(await readFile(join(root, file), 'utf8')) ?? []
      return { title, address: pageOf(file, here), isCurrent: file === current }
    }),
  )
}

/** @param folder that the links of the text start from, @param here where the manual is found */
function renderManual(text: string, folder: string, here: string) {
  const markdown = createMarkdown({ html: false })
  markdown.inline.ruler.push('line_break', breakLine)
  const { escapeHtml } = markdown.utils
  // What scrolls can be reached by the keyboard.
  markdown.renderer.rules.fence = (tokens, index) =>
    `<pre tabindex="0"><code>${escapeHtml(tokens[index]?.content ?? '')}</code></pre>\n`
  const tokens = markdown.parse(text, {})
  const contents: { id: string; title: string }[] = []
  for (const [index, token] of tokens.entries()) {
    if (token.type === 'heading_open') {
      const heading = plainText(tokens[index + 1])
      const id = anchorOf(heading)
      token.attrSet('id', id)
      if (token.tag === 'h2') contents.push({ id, title: heading })
    }
    if (token.type === 'table_open') token.attrSet('tabindex', '0')
    for (const child of token.children ?? []) relink(child, folder, here)
  }
  const head = tokens.findIndex(({ type, tag }) => type === 'heading_open' && tag === 'h1')
  const [, title] = head < 0 ? [] : tokens.splice(head, 3)
  return { html: markdown.renderer.render(tokens, markdown.options, {}), contents, title: plainText(title) }
}

/** The one tag that a text may hold: nothing else breaks a line in a cell of a table. */
const breakLine: Parameters<ReturnType<typeof createMarkdown>['inline']['ruler']['push']>[1] = (state, isSilent) => {
  const tag = '<br>'
  if (!state.src.startsWith(tag, state.pos)) return false
  if (!isSilent) state.push('hardbreak', 'br', 0)
  state.pos += tag.length
  return true
}

function plainText(token: Token | undefined) {
  return (token?.children ?? []).map(({ content }) => content).join('')
}

/** As GitHub makes it, where the same text is read, too. */
function anchorOf(heading: string) {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-')
}

/** Links within the manual lead to its pages; those to files that a page does not show lead nowhere. */
function relink(token: Token, folder: string, here: string) {
  const attribute = { link_open: 'href', image: 'src' }[token.type]
  const target = attribute === undefined ? '' : String(token.attrGet(attribute) ?? '')
  if (attribute === undefined || /^(https?:|#|$)/.test(target)) return
  const [path = '', anchor] = target.split('#')
  const page = pageOf(posix.join(folder, path), here)
  if (page) token.attrSet(attribute, anchor ? `${page}#${anchor}` : page)
  else token.attrs = token.attrs?.filter(([name]) => name !== attribute) ?? null
}

function pageOf(file: string, here: string) {
  const language = languageOf(file)
  if (file === fileOf('README', language)) return `${here}?language=${language}`
  return /^docs\/(?:(?:pictures|examples)\/)?[\w.-]+\.(md|png|php)$/.test(file) ? `${here}/${file}` : null
}
