import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { amoFieldsMapperSchema, requestMapperSchema } from '../../src/config/mapper-schemas.ts'
import { inWords, wordedFields } from '../../src/mapping/in-words.ts'
import { systemFields } from '../../src/mapping/mapped-values.ts'
import { createMapper, type Rules } from '../../src/mapping/request.mapper.ts'
import { parseOrder } from '../../src/order/parse.ts'
import { createOrderSchema } from '../../src/order-api/order-schemas.ts'
import { accountFields } from '../fixtures/account.ts'
import { goldenAccount } from '../fixtures/golden-account.ts'
import { readGoldenOrders, readGoldenRules } from '../support/golden.ts'

/** What the guide shows is what comes out. */
describe.each(['mapping.ru.md', 'mapping.md'])('the examples of docs/%s', (file) => {
  const guide = readFileSync(join(import.meta.dirname, '../../docs', file), 'utf8')
  const blocks = (language: string) =>
    [...guide.matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``, 'g'))].map(([, text = '']) => text)

  async function readRules() {
    const [fields, mapper] = await Promise.all(
      blocks('ts').map(async (text) => (await import(`data:text/javascript,${encodeURIComponent(text)}`)).default),
    )
    const amoFields = amoFieldsMapperSchema.parse(fields)
    const { forms } = requestMapperSchema.parse(mapper)
    return { ...(await readGoldenRules()), amoFields, forms }
  }

  async function planOf(rules: Rules, body: string) {
    const order = await parseOrder({ source: 'lk', contentType: 'application/json', body: Buffer.from(body) })
    return createMapper(rules, goldenAccount)(order)
  }

  it('make of the order what the table says', async () => {
    const { lead, products, partnerId, warnings } = await planOf(await readRules(), blocks('json')[0] ?? '')
    const field = (name: string) => {
      const { id } = accountFields.find((candidate) => candidate.name === name) ?? {}
      return lead.fields.find(({ fieldId }) => fieldId === id)?.values[0]?.['value']
    }
    const [product] = products
    expect([partnerId, warnings]).toEqual(['2', []])
    expect(valuesInTable(guide, 3).flat()).toEqual([
      lead.name,
      String(lead.price),
      String(lead.statusId),
      ...lead.tags,
      field('Адрес: город'),
      field('Способ оплаты'),
      field('Комментарий'),
      product?.name,
      String(product?.quantity),
    ])
  })

  it('write the note of their template', async () => {
    const rules = await readRules()
    const own = { ...rules.templates.standard, note: blocks('njk')[0] ?? '' }
    const plan = await planOf(
      { ...rules, templates: { ...rules.templates, forms: { default: own } } },
      blocks('json')[0] ?? '',
    )
    expect(plan.note.replaceAll('\u00a0', ' ')).toBe(blocks('text')[0]?.trimEnd())
  })

  /** Rows of four cells: types, words, an example, what the CRM gets. */
  const conversions = (guide.match(/^\|.*\|$/gm) ?? []).flatMap((row) => {
    const cells = row.split('|').slice(1, -1)
    const [types = [], , [example = ''] = [], result = []] = cells.map(wordsOf)
    return cells.length === 4 && example !== '' ? types.map((type) => ({ type, example, result })) : []
  })

  it('name every type that an order can fill in', () => {
    expect(conversions.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['text', 'numeric', 'date', 'select', 'multitext', 'legal_entity', 'chained_list']),
    )
  })

  it.each(conversions)('$type: $example', async ({ type, example, result }) => {
    const rules = await readGoldenRules()
    const field = accountFields.find(
      (candidate) => candidate.entity === 'leads' && candidate.type === type && candidate.code,
    )
    const amoFields = { a: { id: field?.id } }
    const forms = requestMapperSchema.parse({
      forms: { default: { pipeline_id: 1731979, status_id: 26034988, mapping: { a: { mapped_id: 'a' } } } },
    }).forms
    const { lead, warnings } = await planOf(
      { ...rules, amoFields, forms },
      JSON.stringify({ customer_id: '1', a: example }),
    )
    const shown = lead.fields[0]?.values.map(({ value, enum_id, catalog_element_id }) => {
      const choice = field?.choices.find(({ id }) => id === enum_id && value === undefined)?.value
      const plain = choice ?? value ?? catalog_element_id
      return typeof plain === 'object' ? JSON.stringify(plain) : String(plain)
    })
    expect(warnings).toEqual([])
    expect(shown).toEqual(result)
  })

  it('name every field that is no custom field', () => {
    for (const name of systemFields) expect(guide).toContain(`\`${name}\``)
  })
})

describe.each(['mapping.ru.md', 'mapping.md'])('what docs/%s says of the order API', (file) => {
  const guide = readFileSync(join(import.meta.dirname, '../../docs', file), 'utf8')
  const { address, items, ...fields } = createOrderSchema.shape
  const inside = Object.keys(address.unwrap().shape).map((name) => `address.${name}`)

  it.each([...Object.keys(fields), ...inside, ...Object.keys(wordedFields), 'order_id', 'total'])(
    'names %s',
    (name) => {
      expect(guide).toContain(`\`${name}\``)
    },
  )

  it('is what comes out in words', async () => {
    const { contentType, body, known } =
      readGoldenOrders().find(({ name }) => name === 'api-of-a-partner') ?? expect.fail()
    const order = await parseOrder({ source: 'api-ro', contentType, body, ...known })
    const { translate } = await readGoldenRules()
    const worded = inWords(order, { timeZone: goldenAccount.timeZone, translate }).fields
    for (const name of ['deliveryText', 'deliveryDateText', 'addressText']) {
      const example = new RegExp(`^\\| \`${name}\` \\| .*\`(.+)\` \\|$`, 'm').exec(guide)?.[1] ?? expect.fail(name)
      const said = worded[name]
      for (const part of example.split(', ')) expect(said).toContain(part)
    }
  })
})

const wordsOf = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word)

/** The quoted words of the second column, row by row, of the first table below the JSON. */
function valuesInTable(guide: string, skip: number) {
  const rows = guide.slice(guide.indexOf('```json')).match(/^\|.*\|$/gm) ?? []
  return rows.slice(skip - 1, skip + 7).map((row) => wordsOf(row.split('|')[2] ?? ''))
}
