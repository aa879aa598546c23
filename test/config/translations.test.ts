import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import en from '../../config/translations/en.ts'
import ru from '../../config/translations/ru.ts'
import { createTranslate } from '../../src/config/translate.ts'
import { messageStates } from '../../src/database/tables.ts'
import { groups } from '../../src/doctor/finding.ts'
import { reasons, refusalReasons } from '../../src/inbox/message.ts'
import { stepNames } from '../../src/inbox/steps.ts'
import { addressLines } from '../../src/mapping/values/addresses.ts'

const root = join(import.meta.dirname, '../..')

function read(folder: string) {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|njk)$/.test(file) && !file.startsWith('sandbox'))
    .map((file) => readFileSync(join(root, folder, file), 'utf8'))
    .join('\n')
}

const holdReasons = ['not_connected', 'crm_unauthorized', 'crm_payment_required', 'crm_forbidden']
const all = ['src', 'views'].map(read).join('\n')
const matches = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].map((match) => match.slice(1).filter(Boolean))

/** Every key that the code asks for, also where it is put together. */
const asked = new Set([
  ...matches(all, /'((?:order|default|page|auth|start|cli|plan|doctor)\.[\w.]*\w)'/g).flat(),
  ...matches(read('config/templates'), /"((?:order|default)\.\w+)"/g).flat(),
  ...matches(read('src/intake'), /new Refusal\('(\w+)'(?:,\s*'(\w+)')?/g).map((words) => `intake.${words.at(-1)}`),
  ...matches(
    ['src/mapping', 'src/delivery'].map(read).join('\n'),
    /[`']((?:lead|partner|buyer|contact|company|products?|catalog|quantity|field|value|tag|pipeline|status|user|template|price)_(?:missing|unknown|substituted|unchanged|unnamed|default|ambiguous|doubled|created|not_created|refused|invalid|cut|type|computed|failed|idle_\w+|not_\w+|no_name|kind_unknown|keys_unknown))'/g,
  )
    .flat()
    .map((code) => `warning.${code}`),
  ...matches(read('src/doctor'), /\b(?:error|warning|ok)\('(\w+)'/g).map((code) => `doctor.${code}`),
  ...matches(read('src/doctor'), /\b(?:error|warning)\('(\w+)'/g).map((code) => `doctor.${code}.mend`),
  ...groups.map((group) => `doctor.group.${group}`),
  ...['leads', 'contacts', 'companies'].map((entity) => `doctor.entity.${entity}`),
  ...addressLines.map((line) => `doctor.part.${line}`),
  ...['error', 'warning', 'ok'].map((level) => `doctor.level.${level}`),
  ...reasons.map((reason) => `reason.${reason}`),
  ...refusalReasons.flatMap((reason) => [`page.refused.${reason}`, `page.refused.${reason}.mend`]),
  ...[...messageStates, 'retrying'].map((state) => `state.${state}`),
  ...stepNames.map((step) => `step.${step}`),
  ...['none', 'connected', 'expiring', 'lost'].map((state) => `auth.state.${state}`),
  ...['none', 'expiring', 'lost'].map((state) => `auth.banner.${state}`),
  ...['oauth', 'long_lived'].map((kind) => `auth.kind.${kind}`),
  ...holdReasons.map((reason) => `auth.mend.${reason}`),
  ...['planned', 'sent', 'confirmed', 'failed', 'unknown'].map((state) => `step.state.${state}`),
])

describe('the texts', () => {
  it('are the same in both languages, down to what is filled in', () => {
    expect(Object.keys(en)).toEqual(Object.keys(ru))
    const filledIn = (text: string) =>
      matches(text, /\{\{(\w+)\}\}/g)
        .flat()
        .sort()
    for (const [key, text] of Object.entries(ru)) {
      expect(filledIn(en[key as keyof typeof en]), key).toEqual(filledIn(text))
    }
  })

  it('are those that the pages and messages ask for: none is missing, none is left over', () => {
    expect([...asked].sort()).toEqual(Object.keys(ru).sort())
  })

  it('take what is filled in for text, whatever it looks like', () => {
    const translate = createTranslate({ say: 'Сказано: {{words}}' }, 'ru')
    for (const words of ['{{words}}', '$t(say)', '<b>&amp;', '$1 $& %s'])
      expect(translate('say', { words })).toBe(`Сказано: ${words}`)
    expect(translate('no.such.key')).toBe('no.such.key')
  })
})
