import { readdir, readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import type { NextFunction, Request, Response } from 'express'
import createMarkdown from 'markdown-it'
import type { Languages } from './language.ts'
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
const readmes = { ru: 'README.ru.md', en: 'README.md' } as const
const sampleBase = 'http://127.0.0.1:3000'
const access = 'maintenance'

/** `/readme`: the project's own manual, with the addresses of this installation. */
export function createManual({ baseOf, languages, render }: ManualOptions): Route[] {
  return [
    { method: 'get', path: '/readme', access, handle: showReadme },
    { method: 'get', path: '/readme/docs/:name', access, handle: showDocument },
  ]

  async function showReadme(req: Request, res: Response) {
    const language = req.query['language'] === 'en' || req.query['language'] === 'ru' ? req.query['language'] : null
    const name = readmes[language ?? languages.languageOf(req)]
    await show(req, res, { file: name, isManual: true })
  }

  async function showDocument(req: Request, res: Response, next: NextFunction) {
    const name = String(req.params['name'])
    // Nothing but what the folder itself lists.
    if (!(await readdir(join(root, 'docs'))).includes(name)) return next()
    if (name.endsWith('.png')) return res.sendFile(join(root, 'docs', name), { maxAge: '1h' })
    if (!name.endsWith('.md')) return next()
    await show(req, res, { file: `docs/${name}`, isManual: false })
  }

  async function show(req: Request, res: Response, { file, isManual }: { file: string; isManual: boolean }) {
    const base = baseOf(req)
    const text = (await readFile(join(root, file), 'utf8')).replaceAll(sampleBase, base)
    const here = `${req.baseUrl}/readme`
    render(req, res, 'maintenance/manual.njk', {
      ...renderManual(text, posix.dirname(file), here),
      ownBase: base,
      isManual,
    })
  }
}

/** @param folder that the links of the text start from, @param here where the manual is found */
function renderManual(text: string, folder: string, here: string) {
  const markdown = createMarkdown({ html: false })
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
  const [language] = Object.entries(readmes).find(([, name]) => name === file) ?? []
  if (language) return `${here}?language=${language}`
  return /^docs\/[\w.-]+\.(md|png)$/.test(file) ? `${here}/${file}` : null
}
