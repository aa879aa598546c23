import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { amoFieldsMapperSchema, requestMapperSchema } from '../../src/config/mapper-schemas.ts'
import { systemFields } from '../../src/mapping/mapped-values.ts'
import { noteWithWarnings, splitNote } from '../../src/mapping/note.ts'
import { createMapper, type Rules } from '../../src/mapping/request.mapper.ts'
import { UnreadableBodyError } from '../../src/order/body.ts'
import { parseOrder } from '../../src/order/parse.ts'
import { goldenAccount } from '../fixtures/golden-account.ts'
import { readGoldenRules } from '../support/golden.ts'

const { fields, pipelines, users } = goldenAccount

/** Names that mean something to Parom, to JavaScript or to nobody. */
const name = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('total', 'lastname', 'telephone', 'comment', 'form_id', 'products', 'a.b') },
  { weight: 2, arbitrary: fc.constantFrom('__proto__', 'constructor', 'toString', 'length', 'customer_id', 'entries') },
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
)

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom(
    'да',
    '04.07.2026',
    '12 500,50 ₽',
    '+7 912 345-67-89, 8 912 1',
    'Курьер',
    'Баки; Насосы',
    '12235',
    '*',
  ),
  fc.constantFrom(
    'entity###contact_name',
    'mapping###comment',
    'custom###',
    '{{ fields }}',
    '\u0000',
    '\ud83d',
    '&amp;',
  ),
  fc.constantFrom(' ', ',', '1', '&', '👩‍👧', '\n', 'a ').map((piece) => piece.repeat(20_000)),
)

/** Files are UTF-8, which has no half characters. */
const written = text.map((any) => any.toWellFormed())

const value = fc.oneof(
  { weight: 6, arbitrary: text },
  fc.oneof(fc.double(), fc.boolean(), fc.constant(null)),
  fc.array(text, { maxLength: 4 }),
  fc.jsonValue({ maxDepth: 5 }),
)

const body = fc.dictionary(name, value, { maxKeys: 12 })

const reference = fc.record(
  {
    id: fc.constantFrom(...fields.map(({ id }) => id), 7),
    name: fc.constantFrom(...fields.map((field) => field.name), 'нет такого'),
    code: fc.constantFrom(...fields.flatMap(({ code }) => code ?? []), 'LEADS.EXTRA_PHONE.HOME', 'CONTACTS..', '.'),
    entity: fc.constantFrom('leads' as const, 'contacts' as const, 'companies' as const),
    part: fc.constantFrom('HOME', 'city', 'country', 'инн', 'name', 'нет такой'),
  },
  { requiredKeys: ['id'] },
)

const amoFields = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', '__proto__'), reference)

const target = fc.constantFrom('a', 'b', 'c', 'd', '__proto__', 'nowhere', ...systemFields)
const responsible = fc.constantFrom<'contact' | number>('contact', ...(users ?? []).map(({ id }) => id), 1)
const place = {
  pipeline_id: fc.constantFrom(...pipelines.map(({ id }) => id), 5),
  status_id: fc.constantFrom(...pipelines.flatMap(({ statuses }) => statuses.map(({ id }) => id)), 5),
}
const tags = fc.array(
  fc.oneof(
    written,
    name.map((field) => `mapping###${field}`),
  ),
  { maxLength: 3 },
)

const form = fc.record(
  {
    ...place,
    sources: fc.array(fc.constantFrom('lk', 'metform')),
    responsible_user_id: responsible,
    lead_name: written,
    entities_create: fc.subarray(['lead' as const, 'contact' as const, 'company' as const]),
    mapping: fc.dictionary(
      fc.oneof(
        name,
        name.map((field) => `custom###${field}`),
      ),
      fc.record(
        {
          mapped_id: fc.oneof(target, fc.array(target, { minLength: 1, maxLength: 3 })),
          value: written,
          values: fc.dictionary(written, written, { maxKeys: 3 }),
          default: written,
        },
        { requiredKeys: ['mapped_id', 'value'] },
      ),
      { maxKeys: 8 },
    ),
    logic: fc.dictionary(
      name,
      fc.dictionary(
        fc.oneof(written, name),
        fc.record({ ...place, responsible_user_id: responsible }, { requiredKeys: [] }),
      ),
    ),
    tags: fc.record({ lead: tags, contact: tags, company: tags }),
    partner_not_found: fc.constantFrom('warn' as const, 'create' as const, { contact_id: 5 }),
    products: fc.record({ not_found: fc.constantFrom('warn' as const, 'create' as const) }),
  },
  { requiredKeys: ['pipeline_id', 'status_id'] },
)

const forms = fc
  .dictionary(name, form, { maxKeys: 2 })
  .chain((others) => form.map((standard) => ({ ...others, default: standard })))

/** Ms that no order may take to be read and mapped; machines that do other things as well are slow. */
const longest = 1000

describe('mapping', () => {
  let standard: Rules
  beforeAll(async () => {
    standard = await readGoldenRules()
  })

  it('never throws and never loops, whatever the order and the rules', async () => {
    await fc.assert(
      fc.asyncProperty(
        forms,
        amoFields,
        fc.array(body, { minLength: 1, maxLength: 4 }),
        async (forms, fields, bodies) => {
          const mapper = requestMapperSchema.safeParse({ forms })
          const references = amoFieldsMapperSchema.safeParse(fields)
          fc.pre(mapper.success && references.success)
          const mapOrder = createMapper(
            { ...standard, forms: mapper.data.forms, amoFields: references.data },
            goldenAccount,
          )
          for (const each of bodies) {
            const before = performance.now()
            const order = await parse(each)
            const plan = mapOrder(order)
            const notes = splitNote(noteWithWarnings(plan.note, plan.warnings, standard.translate))
            expect(performance.now() - before).toBeLessThan(longest)
            expect(plan.lead.name).not.toBe('')
            expect(notes.length).toBeGreaterThan(0)
            expect(isSendable(plan)).toBe(true)
            for (const { code, params } of plan.warnings)
              expect(standard.translate(`warning.${code}`, params)).not.toBe(`warning.${code}`)
          }
        },
      ),
      { numRuns: 400 },
    )
  })

  it('reads any bytes of any type, or says that they are no order', async () => {
    const mapOrder = createMapper(standard, goldenAccount)
    const types = fc.constantFrom(
      'application/x-www-form-urlencoded',
      'application/x-www-form-urlencoded; charset=windows-1251',
      'application/json',
      'multipart/form-data; boundary=x',
      '',
    )
    const pairs = fc.array(fc.tuple(name, text)).map((all) => Buffer.from(all.map((pair) => pair.join('=')).join('&')))
    const parts = fc
      .array(fc.tuple(name, text))
      .map((all) => all.map(([key, each]) => `--x\r\nContent-Disposition: form-data; name="${key}"\r\n\r\n${each}\r\n`))
      .map((all) => Buffer.from(`${all.join('')}--x--\r\n`))
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 200 }).map(Buffer.from), pairs, parts)
    await fc.assert(
      fc.asyncProperty(types, bytes, async (contentType, body) => {
        const order = await parseOrder({ source: 'lk', contentType, body }).catch((error: unknown) => {
          expect(error).toBeInstanceOf(UnreadableBodyError)
          return null
        })
        if (order) expect(isSendable(mapOrder(order))).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it.each([' ', '\n', ',', '1', '&', ';a', '1 ', '<', '\u2028', 'a.', '\u00a0'])(
    'maps 400 KB of %j in every field in no time',
    async (piece) => {
      const hostile = `a${piece.repeat(400_000 / piece.length)}b`
      const mapOrder = createMapper(standard, goldenAccount)
      for (const [form_id, { mapping }] of Object.entries(standard.forms)) {
        const order = await parse({ form_id, comment: hostile, products: [{ name: hostile, quantity: hostile }] })
        for (const field of Object.keys(mapping)) order.fields[field] = hostile
        const before = performance.now()
        mapOrder(order)
        expect(performance.now() - before, form_id).toBeLessThan(longest * 10)
      }
    },
  )
})

const parse = (each: object) =>
  parseOrder({ source: 'lk', contentType: 'application/json', body: Buffer.from(JSON.stringify(each)) })

/** Nothing is lost or changed on the way to the CRM: no NaN, no undefined, no half characters. */
function isSendable(plan: object) {
  const sent = JSON.stringify(plan)
  return sent.isWellFormed() && !sent.includes('\\ud8') && JSON.stringify(JSON.parse(sent)) === sent
}
