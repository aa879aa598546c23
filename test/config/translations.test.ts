import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import en from '../../config/translations/en.ts'
import ru from '../../config/translations/ru.ts'
import { auditActions } from '../../src/admin/audit.ts'
import { auditFields } from '../../src/admin/audit-page.ts'
import { benchCases } from '../../src/admin/bench-cases.ts'
import { knownFaults } from '../../src/admin/crm-faults.ts'
import { mendLinks } from '../../src/admin/explain.ts'
import { periods } from '../../src/admin/list-query.ts'
import { readyViews } from '../../src/admin/saved-views.ts'
import { userStates } from '../../src/admin/source-page.ts'
import { stageNames, stageStates } from '../../src/admin/story.ts'
import { createTranslate } from '../../src/config/translate.ts'
import { messageStates, runOutcomes, runStates } from '../../src/database/tables.ts'
import { groups } from '../../src/doctor/finding.ts'
import { reasons } from '../../src/inbox/message.ts'
import { retentionTasks } from '../../src/inbox/retention.ts'
import { skips } from '../../src/inbox/run-scope.ts'
import { stepNames } from '../../src/inbox/steps.ts'
import { addressLines } from '../../src/mapping/values/addresses.ts'
import { apiFormats } from '../../src/order/order.ts'
import { operations } from '../../src/order-api/contract.ts'
import { answerKey, guides } from '../../src/order-api/openapi.ts'
import { expectations } from '../../src/order-api/order-schemas.ts'
import { fieldsOf, meaningKey } from '../../src/order-api/request-fields.ts'

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
  ...matches(
    all,
    /'((?:order|default|page|auth|start|cli|plan|doctor|listing|story|runs|problems|home|alerts|people|audit|mapping|maintenance|readme|api|sources)\.[\w.]*\w)'/g,
  ).flat(),
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
  ...matches(read('src/cli/audit'), /\b(?:danger|advice)\('(\w+)'/g).flatMap(([code]) => [
    `cli.audit.${code}`,
    `cli.audit.${code}.mend`,
  ]),
  ...groups.map((group) => `doctor.group.${group}`),
  ...['leads', 'contacts', 'companies'].map((entity) => `doctor.entity.${entity}`),
  ...addressLines.map((line) => `doctor.part.${line}`),
  ...['error', 'warning', 'ok'].map((level) => `doctor.level.${level}`),
  ...reasons.map((reason) => `reason.${reason}`),
  ...[...messageStates, 'retrying', 'sending', 'unknown_outcome', 'conflict'].map((state) => `state.${state}`),
  ...periods.map((period) => `listing.period.${period}`),
  ...['q', 'source', 'form', 'partner', 'from', 'to'].map((filter) => `listing.chip.${filter}`),
  ...readyViews.map(({ name }) => `listing.view.${name}`),
  ...reasons.flatMap((reason) => [`story.why.${reason}`, `story.mend.${reason}`]),
  ...Object.values(mendLinks).flatMap((links) => links.map(({ text }) => `story.link.${text}`)),
  ...stageNames.map((stage) => `story.stage.${stage}`),
  ...stageStates.map((state) => `story.stage_state.${state}`),
  ...knownFaults.map((code) => `story.fault.${code}`),
  ...[...messageStates, 'retrying'].map((state) => `state.${state}`),
  ...stepNames.map((step) => `step.${step}`),
  ...expectations.map((expected) => `api.expected.${expected}`),
  ...['none', 'connected', 'expiring', 'lost'].map((state) => `auth.state.${state}`),
  ...['none', 'expiring', 'lost'].map((state) => `auth.banner.${state}`),
  ...['oauth', 'long_lived'].map((kind) => `auth.kind.${kind}`),
  ...holdReasons.map((reason) => `auth.mend.${reason}`),
  ...runStates.map((state) => `runs.state.${state}`),
  ...runOutcomes.map((outcome) => `runs.outcome.${outcome}`),
  ...skips.map((skip) => `runs.skip.${skip}`),
  ...messageStates.map((state) => `runs.name.${state}`),
  ...['dead', 'held', 'pending', 'rejected'].map((state) => `runs.sendable.${state}`),
  ...['nothing', 'not_understood'].map((fault) => `runs.fault.${fault}`),
  ...['connected', 'fields', 'order', 'admins', 'backup', 'alerts'].map((step) => `home.step.${step}`),
  ...auditFields.map((field) => `audit.field.${field}`),
  ...['at', 'login', 'action', 'target', 'address', 'changes'].map((title) => `audit.${title}`),
  ...['open', 'invited', 'link_over', 'closed', 'in_file'].map((state) => `people.state.${state}`),
  ...['people.everybody', 'people.reset'].flatMap((what) => [what, `${what}.hint`, `${what}.submit`]),
  ...['needs_person', 'oldest_waiting', 'connection_lost', 'connection_ends', 'no_orders', 'database', 'disk'].flatMap(
    (rule) => [`alerts.rule.${rule}`, `alerts.over.${rule}`],
  ),
  ...['telegram', 'email', 'webhook'].map((channel) => `alerts.channel.${channel}`),
  ...['ok', 'raised', 'off'].map((state) => `alerts.state.${state}`),
  ...['raised', 'more', 'over'].map((kind) => `alerts.kind.${kind}`),
  ...['settings', 'caches', 'doctor', 'alerts', 'sign_out', 'sessions', 'hash'].flatMap((name) => [
    `maintenance.${name}`,
    `maintenance.${name}.hint`,
  ]),
  ...['age', 'buyer'].map((why) => `order.erased.for.${why}`),
  ...retentionTasks.map((task) => `maintenance.kept.${task}`),
  ...auditActions.map((action) => `audit.action.${action}`),
  ...userStates.map((state) => `sources.state.${state}`),
  ...['open', 'invitation', 'closed'].flatMap((mode) => [
    `sources.registration.${mode}`,
    `sources.registration.${mode}.hint`,
  ]),
  ...['header', 'field'].map((place) => `sources.same.${place}`),
  ...['saved', 'revoked', 'blocked', 'unblocked'].map((deed) => `sources.done.${deed}`),
  ...operations.flatMap((operation) => [
    ...[`api.group.${operation.group}`, `api.operation.${operation.name}`, `api.operation.${operation.name}.what`],
    ...fieldsOf(operation).map(({ path }) => meaningKey(operation.group, path)),
    ...operation.answers.flatMap((answer) => [
      answerKey(answer),
      ...Object.keys(answer.schema.shape).map((field) => `api.answer_field.${field}`),
      ...Object.keys(answer.headers ?? {}).map((name) => `api.header.${name}`),
    ]),
  ]),
  ...[...guides, 'refused', 'limits'].flatMap((name) => [`api.rule.${name}`, `api.guide.${name}`]),
  ...['open', 'invitation', 'closed'].map((registration) => `api.token.${registration}`),
  ...benchCases.map((name) => `mapping.case.${name}`),
  ...['auto', 'json', 'form'].map((type) => `mapping.bench.type.${type}`),
  ...apiFormats.map((format) => `order.kind.${format}`),
  ...['gone', 'unfit'].map((mark) => `mapping.mark.${mark}`),
  ...['lead', 'contact', 'company'].map((card) => `mapping.creates.${card}`),
  ...['leads', 'contacts', 'companies'].map((entity) => `mapping.lists.fields.${entity}`),
  ...['planned', 'sent', 'confirmed', 'failed', 'unknown'].map((state) => `step.state.${state}`),
])

/** Of a text that says how many, each language has as many forms as it has plurals. */
const plural = /_(?:zero|one|two|few|many|other)$/
function keysOf(texts: Record<string, string>) {
  return [...new Set(Object.keys(texts).map((key) => key.replace(plural, '')))]
}

// Files of these names.
asked.delete('alerts.config')
asked.delete('sources.config')
asked.delete('sources.config.ts')

describe('the texts', () => {
  it('are the same in both languages, down to what is filled in', () => {
    expect(keysOf(en)).toEqual(keysOf(ru))
    const filledIn = (text: string) =>
      matches(text, /\{\{(\w+)\}\}/g)
        .flat()
        .sort()
    const english: Record<string, string> = en
    for (const [key, text] of Object.entries(ru)) {
      const other = english[key] ?? english[key.replace(plural, '_other')] ?? ''
      expect(filledIn(other), key).toEqual(filledIn(text))
    }
  })

  it('are those that the pages and messages ask for: none is missing, none is left over', () => {
    expect([...asked].sort()).toEqual(keysOf(ru).sort())
  })

  it.each(Object.entries({ ru, en }))('say how many in every plural of the language: %s', (language, texts) => {
    const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions()
    const keys = Object.keys(texts)
    for (const key of keys.filter((each) => plural.test(each))) {
      const base = key.replace(plural, '')
      const forms = keys.filter((each) => plural.test(each) && each.replace(plural, '') === base)
      expect(forms.sort(), key).toEqual(pluralCategories.map((category) => `${base}_${category}`).sort())
    }
  })

  it('take what is filled in for text, whatever it looks like', () => {
    const translate = createTranslate({ say: 'Сказано: {{words}}' }, 'ru')
    for (const words of ['{{words}}', '$t(say)', '<b>&amp;', '$1 $& %s'])
      expect(translate('say', { words })).toBe(`Сказано: ${words}`)
    expect(translate('no.such.key')).toBe('no.such.key')
  })
})
