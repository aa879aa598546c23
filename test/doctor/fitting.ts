import { expect } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { rulesOf } from '../../src/config/rules.ts'
import { createTranslate, translateOf } from '../../src/config/translate.ts'
import { examine } from '../../src/doctor/examine.ts'
import type { AccountState, Facts, Setup } from '../../src/doctor/facts.ts'
import { describeFinding } from '../../src/doctor/finding.ts'
import type { FieldReference } from '../../src/mapping/amo-fields.mapper.ts'
import type { Form, Mapping } from '../../src/mapping/form.ts'
import { accountFields } from '../fixtures/account.ts'
import { account as everyField } from '../mapping/account.ts'

export const now = Date.parse('2026-07-04T12:00:00Z')
export const day = 24 * 60 * 60_000

/** An account that the configuration fits. */
export const account: AccountState = {
  ...everyField,
  fields: accountFields,
  currency: 'RUB',
  clockAhead: 400,
  partners: { contacts: 69, withPartner: 65, duplicatePartners: [] },
  catalog: {
    name: 'Товары',
    canLinkMultiple: true,
    fields: ['SKU', 'PRICE'].map((code) => ({ name: code, code, isRequired: false })),
  },
  webhooks: [],
  missingContacts: [],
}

export const facts: Facts = {
  now,
  timeZone: 'UTC',
  connection: {
    state: 'connected',
    kind: 'long_lived',
    baseUrl: 'https://shop.amocrm.ru',
    account: { id: 1, name: 'Магазин' },
    user: { id: 504141, name: 'Администратор', isAdmin: true },
    until: now + 90 * day,
    since: now,
    lost: null,
    pausedUntil: null,
    stopped: null,
  },
  account,
  trouble: null,
  server: [],
}

const config = await loadConfig({ ENV_TYPE: 'local' })
const russian = createTranslate(config.translations.ru, 'ru')
const languages = [russian, createTranslate(config.translations.en, 'en')]

const rules = rulesOf(config, translateOf(config))

/** The configuration that ships, as far as it is for orders of the webhook. */
export const setup: Setup = {
  rules: { ...rules, forms: { default: rules.forms['default'] ?? expect.fail() } },
  partnerFieldId: 641351,
  configuredHost: 'shop.amocrm.ru',
  publicBase: null,
  webhookToken: null,
  sources: config.sources,
  mayRegister: false,
  isProxyUnknown: false,
  isLocal: true,
}

/** All that is not fine: level, code and place. It can be said in every language. */
export function faultsOf(changedFacts: Facts, changedSetup: Setup = setup) {
  const findings = examine(changedFacts, changedSetup)
  for (const translate of languages) {
    for (const finding of findings) {
      const { text, cause, mend } = describeFinding(finding, translate)
      expect(`${text} ${cause} ${mend}`).not.toMatch(/\{\{|doctor\.|warning\./)
    }
  }
  const faults = findings.filter(({ level }) => level !== 'ok')
  return faults.map(({ level, code, params }) => [level, code, params['where']].filter(Boolean).join(' '))
}

/** The whole report, as it is read in Russian. */
export function textOf(changedFacts: Facts, changedSetup: Setup) {
  const described = examine(changedFacts, changedSetup).map((finding) => describeFinding(finding, russian))
  return described.map(({ text, cause, mend }) => [text, cause, mend].filter(Boolean).join('\n')).join('\n')
}

export function withAccount(changes: Partial<AccountState>): Facts {
  return { ...facts, account: { ...account, ...changes } }
}

export function withConnection(changes: Partial<Facts['connection']>): Facts {
  return { ...facts, connection: { ...facts.connection, ...changes } }
}

export function withForm(changes: Partial<Form>, amoFields: Record<string, FieldReference> = {}): Setup {
  const form = { ...(setup.rules.forms['default'] as Form), ...changes }
  const names = { ...setup.rules.amoFields, ...amoFields }
  return { ...setup, rules: { ...setup.rules, amoFields: names, forms: { default: form } } }
}

/** A form that maps one thing to one field. */
export function withMapping(
  mapping: Partial<Mapping>,
  reference: FieldReference,
  changes: Partial<Form> = {},
  source = 'x',
): Setup {
  return withForm({ ...changes, mapping: { [source]: { mapped_id: 'f', ...mapping } } }, { f: reference })
}
