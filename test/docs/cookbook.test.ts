import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { amoFieldsMapperSchema, requestMapperSchema } from '../../src/config/mapper-schemas.ts'
import type { FieldValue, Plan } from '../../src/mapping/plan.ts'
import { createMapper } from '../../src/mapping/request.mapper.ts'
import { parseOrder } from '../../src/order/parse.ts'
import { accountFields } from '../fixtures/account.ts'
import { goldenAccount } from '../fixtures/golden-account.ts'
import { readGoldenRules } from '../support/golden.ts'

const languages = {
  'cookbook.ru.md': {
    form: 'форма',
    pipeline: 'воронка',
    stage: 'этап',
    responsible: 'ответственный',
    name: 'название',
    budget: 'бюджет',
    tags: 'теги',
    contact: 'контакт',
    contactTags: 'теги контакта',
    company: 'компания',
    product: 'товар',
    productsBy: 'искать товар по',
    noProduct: 'нет товара',
    noPartner: 'нет партнёра',
    warning: 'предупреждение',
  },
  'cookbook.md': {
    form: 'form',
    pipeline: 'pipeline',
    stage: 'stage',
    responsible: 'responsible',
    name: 'name',
    budget: 'budget',
    tags: 'tags',
    contact: 'contact',
    contactTags: 'tags of the contact',
    company: 'company',
    product: 'product',
    productsBy: 'products by',
    noProduct: 'no such product',
    noPartner: 'no such partner',
    warning: 'warning',
  },
}
type Words = (typeof languages)['cookbook.md']

const files = {
  fields: '// amo-fields.mapper.ts',
  form: '// request.mapper.ts, form',
  forms: '// request.mapper.ts, forms',
}

/** A sentence that nobody can follow is no recipe: what each one shows is what comes out. */
describe.each(Object.entries(languages))('the recipes of docs/%s', (file, words) => {
  const recipes = recipesOf(readFileSync(join(import.meta.dirname, '../../docs', file), 'utf8'))

  it('are many', () => {
    expect(recipes.length).toBeGreaterThanOrEqual(20)
  })

  it.each(recipes)('$title', async ({ config, template, order, result }) => {
    const plan = await planOf(config, template, order)
    const expected = result.trim().split('\n')
    const isOfWarnings = (line: string) => line.startsWith(words.warning)
    const lines = describePlan(plan, words)
    expect(lines).toEqual(expect.arrayContaining(expected))
    expect(lines.filter(isOfWarnings)).toEqual(expected.filter(isOfWarnings))
  })
})

function recipesOf(guide: string) {
  return guide.split(/^## /m).flatMap((section) => {
    const block = (language: string) => new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, 'm').exec(section)?.[1] ?? ''
    const [title = ''] = section.split('\n')
    return block('json')
      ? [{ title, config: block('ts'), template: block('njk'), order: block('json'), result: block('text') }]
      : []
  })
}

async function planOf(config: string, template: string, order: string) {
  const { fields, form, forms } = await readConfig(config)
  const base = { pipeline_id: 1731979, status_id: 26034988, ...form }
  const rules = await readGoldenRules()
  const { standard } = rules.templates
  const mapOrder = createMapper(
    {
      ...rules,
      amoFields: amoFieldsMapperSchema.parse(fields),
      forms: requestMapperSchema.parse({ forms: { default: base, ...forms } }).forms,
      templates: template
        ? { standard, forms: { default: { ...standard, leadName: template.trim() } } }
        : rules.templates,
    },
    goldenAccount,
  )
  const body = Buffer.from(JSON.stringify({ customer_id: '2', ...JSON.parse(order) }))
  return mapOrder(await parseOrder({ source: 'lk', contentType: 'application/json', body }))
}

/** What the block has to say of each file, as objects. */
async function readConfig(config: string) {
  const parts = { fields: '', form: '', forms: '' }
  for (const part of config.split(/^(?=\/\/ )/m)) {
    const [first = '', ...lines] = part.split('\n')
    const [name] = Object.entries(files).find(([, line]) => line === first) ?? []
    if (part.trim() !== '') parts[(name ?? expect.fail(first)) as keyof typeof parts] += lines.join('\n')
  }
  const { fields, form, forms } = parts
  const code = `export default { fields: {${fields}}, form: {${form}}, forms: {${forms}} }`
  return (await import(`data:text/javascript,${encodeURIComponent(code)}`)).default
}

/** Line by line, with the names of things in place of their ids. */
function describePlan({ form, lead, contact, company, products, fallbacks, warnings }: Plan, words: Words) {
  const pipeline = goldenAccount.pipelines.find(({ id }) => id === lead.pipelineId)
  const stage =
    pipeline?.statuses.find(({ id }) => id === lead.statusId) ?? (lead.statusId === null ? pipeline?.statuses[0] : null)
  const user = goldenAccount.users?.find(({ id }) => id === lead.responsible)
  const { partner, product, productMatch } = fallbacks
  const plain = (name: string, value: unknown) => (value ? [`${name} = ${value}`] : [])
  return [
    ...plain(words.form, form),
    ...plain(words.pipeline, pipeline?.name),
    ...plain(words.stage, stage?.name),
    ...plain(words.responsible, user?.name),
    ...plain(words.name, lead.name.replaceAll('\u00a0', ' ')),
    ...plain(words.budget, lead.price),
    ...plain(words.tags, lead.tags.join(', ')),
    ...plain(words.contact, contact?.name),
    ...plain(words.contactTags, contact?.tags.join(', ')),
    ...plain(words.company, company?.name),
    ...products.map(({ name, quantity }) => `${words.product} = ${name} × ${quantity}`),
    ...plain(words.productsBy, productMatch.join(', ')),
    ...plain(words.noProduct, product),
    ...plain(words.noPartner, typeof partner === 'object' ? partner.contactId : partner),
    ...[...lead.fields, ...(contact?.fields ?? []), ...(company?.fields ?? [])].map(describeField),
    ...warnings.map(({ code }) => `${words.warning} = ${code}`),
  ]
}

function describeField({ fieldId, values }: FieldValue) {
  const field = accountFields.find(({ id }) => id === fieldId) ?? expect.fail(String(fieldId))
  const shown = values.map(({ value, enum_id }) => value ?? field.choices.find(({ id }) => id === enum_id)?.value)
  return `${field.name} = ${shown.join('; ')}`
}
