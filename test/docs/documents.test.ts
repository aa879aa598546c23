import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const named = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'))
const documents = [...named.map((name) => `docs/${name}`), 'README.md', 'README.ru.md']

/** As GitHub and /readme make it. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-')

describe.each(documents)('%s', (file) => {
  it('leads to what is there', () => {
    for (const [, target = ''] of read(file).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue
      const [path = '', anchor] = target.split('#')
      const found = path === '' ? file : join(file, '..', path)
      expect(existsSync(join(root, found)), target).toBe(true)
      if (anchor === undefined) continue
      const headings = [...read(found).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading))
      expect(headings, target).toContain(anchor)
    }
  })

  it('is there in the other language, with the same commands', () => {
    const twin = file.endsWith('.ru.md') ? file.replace('.ru.md', '.md') : file.replace('.md', '.ru.md')
    const commands = (text: string) => text.match(/^```sh vps\n[\s\S]*?^```/gm)
    expect(commands(read(twin))).toEqual(commands(read(file)))
  })
})

it.each(readdirSync(join(root, 'docs/pictures')).filter((name) => name.endsWith('.png')))('%s is small', (name) => {
  expect(statSync(join(root, 'docs/pictures', name)).size).toBeLessThan(150 * 1024)
})

it.each(['docs/api.ru.md', 'docs/api.md'])('%s holds every command, metric and key of app.config', (file) => {
  const text = read(file)
  const namesIn = (path: string, pattern: RegExp) => [...read(path).matchAll(pattern)].map(([, name = '']) => name)
  const metrics = readdirSync(join(root, 'src/metrics')).flatMap((name) =>
    namesIn(`src/metrics/${name}`, /'(parom_\w+)'/g),
  )
  const commands = namesIn('src/cli/parom.ts', /^ {2}\['([\w-]+)', \{/gm)
  const keys = namesIn('config/prod/app.config.ts', /^ {2}(?:\/\/ )?([a-z_]+): /gm)
  expect(Math.min(metrics.length - 40, commands.length - 15, keys.length - 15)).toBeGreaterThan(0)
  for (const name of [...metrics, ...commands, ...keys]) expect(text).toMatch(new RegExp(`[\`|,] ?${name}[\` (]`))
})

it('every variable that a key can be set by is in the document of variables', () => {
  const variables = [...read('config/prod/app.config.ts').matchAll(/\(([A-Z_]{3,})\)/g)].map(([, name = '']) => name)
  expect(variables.length).toBeGreaterThan(5)
  for (const name of variables)
    for (const file of ['docs/api.ru.md', 'docs/api.md']) expect(read(file)).toContain(`\`${name}\``)
})
