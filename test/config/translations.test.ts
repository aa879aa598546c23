import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import en from '../../config/translations/en.ts'
import ru from '../../config/translations/ru.ts'
import { createTranslate } from '../../src/config/translate.ts'
import { reasons } from '../../src/inbox/message.ts'

const root = join(import.meta.dirname, '../..')
const sources = ['src', 'views'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|njk)$/.test(file))
    .map((file) => readFileSync(join(root, folder, file), 'utf8')),
)

describe('the texts', () => {
  it('are the same in both languages, down to what is filled in', () => {
    expect(Object.keys(en)).toEqual(Object.keys(ru))
    const filledIn = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort()
    for (const [key, text] of Object.entries(ru))
      expect(filledIn(en[key as keyof typeof en]), key).toEqual(filledIn(text))
  })

  it('hold every key that a page or a message asks for', () => {
    const asked = sources.flatMap((text) =>
      [...text.matchAll(/(?:\bt|translate)\('([a-zA-Z_.0-9]+)'[,)]/g)].map(([, key]) => key ?? ''),
    )
    expect(asked.length).toBeGreaterThan(40)
    for (const key of asked) expect(ru, key).toHaveProperty([key])
    for (const reason of reasons) expect(ru).toHaveProperty([`reason.${reason}`])
  })

  it('take what is filled in for text, whatever it looks like', () => {
    const translate = createTranslate({ say: 'Сказано: {{words}}' }, 'ru')
    for (const words of ['{{words}}', '$t(say)', '<b>&amp;', '$1 $& %s'])
      expect(translate('say', { words })).toBe(`Сказано: ${words}`)
    expect(translate('no.such.key')).toBe('no.such.key')
  })
})
