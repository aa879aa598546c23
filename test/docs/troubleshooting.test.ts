import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ruleNames } from '../../src/alerts/rules.ts'
import { connectionStates } from '../../src/amocrm/connection-status.ts'
import { messageStates } from '../../src/database/tables.ts'
import { groups } from '../../src/doctor/finding.ts'
import { reasons } from '../../src/inbox/message.ts'
import { answeredReasons, Refusal } from '../../src/intake/refusal.ts'

const rules = readFileSync(join(import.meta.dirname, '../../deploy/prometheus/alerts.yml'), 'utf8')
const alertsOfPrometheus = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name)

/** Below which heading of the second order each closed list stands. */
const lists = [
  { words: messageStates, ru: 'Состояния заказа', en: 'States of an order' },
  { words: reasons, ru: 'Почему', en: 'Why' },
  { words: answeredReasons, ru: 'Почему запрос отклонён', en: 'Why a request was refused' },
  { words: connectionStates, ru: 'Связь с amoCRM', en: 'The connection to amoCRM' },
  { words: ruleNames, ru: 'Оповещения', en: 'Alerts' },
  { words: alertsOfPrometheus, ru: 'Оповещения Prometheus', en: 'Alerts of Prometheus' },
  { words: groups, ru: 'Проверка настроек', en: 'Checking the settings' },
]

describe.each([
  ['troubleshooting.ru.md', 'ru'],
  ['troubleshooting.md', 'en'],
] as const)('docs/%s', (file, language) => {
  const guide = readFileSync(join(import.meta.dirname, '../../docs', file), 'utf8')
  const sections = guide.split(/^## /m).slice(1)
  const entriesBelow = (title: string) =>
    sections
      .filter((section) => section.startsWith(title))
      .flatMap((section) => section.split(/^### /m).slice(1))
      .map((entry) => ({ word: entry.split('\n')[0] ?? '', text: entry.split('\n').slice(1).join('\n').trim() }))

  it.each(lists)('explains every word of the list below "$en", once', ({ words, [language]: title }) => {
    const entries = entriesBelow(title)
    expect(entries.map(({ word }) => word).filter((word) => words.some((each) => each === word))).toHaveLength(
      words.length,
    )
    for (const { word, text } of entries) expect(text.length, word).toBeGreaterThan(40)
  })

  it('explains no word that does not exist', () => {
    const known = new Set<string>(lists.flatMap(({ words }) => words))
    const explained = [...guide.matchAll(/^### (.+)$/gm)].map(([, word = '']) => word)
    expect(explained.filter((word) => !known.has(word))).toEqual([])
    expect(explained).toHaveLength(new Set(explained).size)
  })

  it.each(answeredReasons)('names the status of %s, above and in the table', (reason) => {
    const { status } = new Refusal(reason)
    const entry = entriesBelow(lists[2]?.[language] ?? '').find(({ word }) => word === reason)
    expect(entry?.text).toMatch(new RegExp(`^\`${status}\``))
    expect(guide).toMatch(new RegExp(`^\\| \`${status}\` .*\\[${reason}\\]\\(#${reason}\\)`, 'm'))
  })

  it('is where each alert of Prometheus leads to', () => {
    const key = language === 'ru' ? 'runbook' : 'runbook_en'
    const leads = [...rules.matchAll(new RegExp(`^ +${key}: (.+)$`, 'gm'))].map(([, lead]) => lead)
    expect(leads).toEqual(alertsOfPrometheus.map((name) => `docs/${file}#${name.toLowerCase()}`))
  })

  it('leads only to places that it has', () => {
    const headings = [...guide.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading)
    for (const [, anchor] of guide.matchAll(/\]\(#([\w-]+)\)/g)) expect(headings).toContain(anchor)
  })
})
