import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { createMysqlDatabase } from '../support/mariadb.ts'
import { sampleOrder } from '../support/orders.ts'
import { startParom } from '../support/parom.ts'
import { promtool, type Sample, scrape } from '../support/scrape.ts'
import { createVisitor } from '../support/visitor.ts'

const deploy = join(import.meta.dirname, '../../deploy')
const folder = mkdtempSync(join(tmpdir(), 'parom-metrics-'))
afterAll(() => rmSync(folder, { recursive: true }))
const read = (file: string) => readFileSync(join(deploy, file), 'utf8')

interface Panel {
  title: string
  type: string
  description?: string
  targets?: { expr: string; legendFormat: string; datasource: object }[]
}
const dashboard = JSON.parse(read('grafana/parom.json')) as {
  panels: Panel[]
  annotations: { list: { expr: string }[] }
  templating: { list: { name: string; query: string | { query: string } }[] }
}

/** What is asked, whom it is shown, and which labels the text around it names. */
const panels = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr, legendFormat }): [string, string, string[]] => [
    title,
    withoutVariables(expr),
    [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label),
  ]),
)
const alerts = read('prometheus/alerts.yml')
  .split('- alert: ')
  .slice(1)
  .map((rule): [string, string, string[]] => [
    rule.split('\n')[0] ?? '',
    /expr:(?: \|-)?([\s\S]+?)\n +(?:for|labels):/.exec(rule)?.[1] ?? '',
    [...rule.matchAll(/\$labels\.(\w+)/g)].map(([, label = '']) => label),
  ])

function withoutVariables(expr: string) {
  return expr.replaceAll('$job', 'parom').replaceAll('$instance', '.+').replaceAll('$__rate_interval', '1m')
}

/** Labels that Prometheus itself gives. */
const given = ['job', 'instance', 'le']

describe('what is shown and watched', () => {
  let samples: Sample[]
  beforeAll(async () => {
    const templates = inject('templates')
    const mysql = await createMysqlDatabase(inject('mariadbUrl'), { tables: templates.mysqlStatements })
    const all = await Promise.all([samplesOf(mysql), samplesOf(`sqlite:${join(folder, 'metrics.db')}`)])
    samples = [...all.flat(), { name: 'up', labels: {}, value: 1 }]
  })

  it.each([...panels, ...alerts])('in %s is what a server tells: %s', (_title, expr, named) => {
    const asked = [...expr.matchAll(/\b(parom_\w+|up)\b(?:\{([^}]*)\})?/g)]
    expect(asked).not.toEqual([])
    const known = new Set(given)
    for (const [, name, matchers = ''] of asked) {
      const wanted = [...matchers.matchAll(/(\w+)(=~|!~|!=|=)"([^"]*)"/g)]
      const told = samples.filter((sample) => sample.name === name)
      expect(told, name).not.toEqual([])
      for (const { labels } of told) for (const label of Object.keys(labels)) known.add(label)
      for (const [, label = '', how, value] of wanted) {
        expect([...known], `${name}: ${label}`).toContain(label)
        if (given.includes(label) || how !== '=') continue
        expect(
          told.map(({ labels }) => labels[label]),
          `${name}: ${label}`,
        ).toContain(value)
      }
    }
    const kept = [...expr.matchAll(/\b(?:by|on) \(([^)]*)\)/g)].flatMap(([, list = '']) =>
      list.split(/, */).filter(Boolean),
    )
    expect([...known]).toEqual(expect.arrayContaining(kept))
    expect(kept.length > 0 ? kept : [...known]).toEqual(expect.arrayContaining(named))
  })
})

/** After an order, a stranger and a wrong password. */
async function samplesOf(databaseUrl: string) {
  const parom = await startParom({ databaseUrl, env: { WEBHOOK_TOKEN: 'token-of-the-cabinet' } })
  try {
    const { body } = await parom.post(sampleOrder, { 'x-webhook-token': 'token-of-the-cabinet' })
    await parom.reaches(body.id, 'delivered')
    await parom.post(sampleOrder, { 'x-webhook-token': 'x' })
    await createVisitor(parom.url).signIn('admin', 'wrong')
    return (await scrape(parom.url)).samples
  } finally {
    await parom.close()
  }
}

it('every question of the dashboard is one that Prometheus understands', () => {
  const asked = [
    ...panels.map(([, expr]) => expr),
    ...dashboard.annotations.list.map(({ expr }) => withoutVariables(expr)),
  ]
  const rules = asked.map((expr, number) => ({ record: `panel:${number}`, expr }))
  const file = join(folder, 'dashboard.yml')
  // Every JSON is YAML.
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }))
  expect(promtool(['check', 'rules', file])).toContain(`SUCCESS: ${asked.length} rules found`)
})

it('the dashboard is imported into any Grafana: it asks for the data source, and every panel says what it is', () => {
  expect(dashboard.templating.list.map(({ name }) => name)).toEqual(['datasource', 'job', 'instance'])
  const shown = dashboard.panels.filter(({ type }) => type !== 'row')
  for (const { title, description = '', targets = [] } of shown) {
    expect(description, title).toMatch(/[a-z]/)
    for (const { datasource } of targets)
      expect(datasource).toEqual({ type: 'prometheus', uid: expect.stringMatching(/^\$\{datasource\}$/) })
  }
})

it('the alerts fire when they should, and only then', () => {
  expect(promtool(['check', 'rules', join(deploy, 'prometheus/alerts.yml')])).toContain(
    `SUCCESS: ${alerts.length} rules`,
  )
  expect(promtool(['test', 'rules', join(deploy, 'prometheus/alerts_test.yml')])).toContain('SUCCESS')
  const tested = [...read('prometheus/alerts_test.yml').matchAll(/alertname="(\w+)"/g)].map(([, name]) => name)
  expect(tested.sort()).toEqual(alerts.map(([name]) => name).sort())
})

it('each alert says in both languages what it is, and where to read what to do', () => {
  for (const rule of read('prometheus/alerts.yml').split('- alert: ').slice(1))
    for (const annotation of ['summary', 'description', 'summary_en', 'description_en', 'runbook', 'runbook_en'])
      expect(rule).toMatch(new RegExp(`\\n {10}${annotation}: \\S`))
})

it('the configuration that ships as an example is one', () => {
  expect(promtool(['check', 'config', '--syntax-only', join(deploy, 'prometheus/prometheus.yml')])).toContain('SUCCESS')
})
