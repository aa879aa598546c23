import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import en from '../../config/translations/en.ts'
import ru from '../../config/translations/ru.ts'
import { createTranslate } from '../../src/config/translate.ts'
import { apiFormats } from '../../src/order/order.ts'
import { type Operation, operations } from '../../src/order-api/contract.ts'
import { createOpenApi } from '../../src/order-api/openapi.ts'
import { fieldsOf, meaningKey } from '../../src/order-api/request-fields.ts'
import { exampleOf, withField } from '../support/api-fields.ts'

const translates = { ru: createTranslate(ru, 'ru'), en: createTranslate(en, 'en') }
const documentIn = (language: 'ru' | 'en') =>
  createOpenApi({ base: 'https://shop.example/parom', appName: 'Паром', translate: translates[language] })
const openapi = documentIn('ru')

const ajv = new Ajv2020({ strictTypes: false, strictRequired: false, formats: { email: true } })
ajv.addSchema({ $id: 'https://shop.example/', components: openapi.components }, 'openapi').addVocabulary(['components'])
let problems: unknown = null
/** Whether the document, which knows nothing of zod, takes it for what it names. */
function fits(name: string, value: unknown) {
  const validate = ajv.getSchema(`https://shop.example/#/components/schemas/${name}`) ?? expect.fail(name)
  problems = validate(value) ? null : validate.errors
  return problems === null
}

const withBody = operations.filter(({ body }) => body) as (Operation & { body: NonNullable<Operation['body']> })[]
const named = <Each extends { name: string }>(all: readonly Each[]) => all.map((each) => [each.name, each] as const)

describe('the contract of the order API', () => {
  it('has the operations of the document', () => {
    expect(operations.map(({ method, path, token }) => `${method} ${path} ${token}`)).toEqual([
      'post /api/create-order needed',
      'post /api/buy-click needed',
      'post /api/callback needed',
      'post /api/register none',
      'post /api/login none',
      'post /api/change-password needed',
      'post /api/logout needed',
      'get /api/test optional',
    ])
    expect(operations.filter(({ group }) => group === 'orders').map(({ name }) => name)).toEqual(apiFormats)
  })

  it('names the type of each field that the document names, also where others are taken as well', () => {
    const types = operations.flatMap((each) => fieldsOf(each).map(({ path, schema }) => `${path} ${schema.type}`))
    const strings = types.filter((each) => each.endsWith(' string'))
    const others = [...new Set(types)].filter((each) => !strings.includes(each))
    expect(others).toEqual([
      ...['lgsCompanyId number', 'lgsTariffId number', 'address object', 'address.elevator integer'],
      ...['address.latitude number', 'address.longitude number', 'paymentOption integer'],
      ...['desiredDeliveryDate integer', 'deliveryIntervalCost number', 'totalDeliveryPrice number'],
      ...['summWithoutDelivery number', 'totalWeight number', 'totalVolume number', 'items array'],
      ...['items[].productId integer', 'items[].itemId integer', 'items[].parentId integer'],
      ...['items[].price number', 'items[].quantity integer', 'items[].deliveryPrice number', 'items[].status integer'],
    ])
  })

  it.each(Object.entries({ ru, en }))('describes every field that is taken, and none besides: %s', (_, texts) => {
    const fields = operations.flatMap((each) => fieldsOf(each).map(({ path }) => meaningKey(each.group, path)))
    const described = Object.keys(texts).filter((key) => key.startsWith('api.field.'))
    expect(described.toSorted()).toEqual([...new Set(fields)].toSorted())
  })

  it.each(Object.entries(translates))('says of a closed list of values what each of them means: %s', (_, t) => {
    const closed = operations.flatMap(({ group, ...each }) =>
      fieldsOf({ group, ...each }).flatMap(({ path, schema }) =>
        schema.enum ? [{ text: t(meaningKey(group, path)), values: schema.enum }] : [],
      ),
    )
    expect(closed).toHaveLength(3)
    for (const { text, values } of closed)
      for (const value of values) expect(text).toMatch(new RegExp(`(^|\\s)${value}( —|:)`))
  })

  it.each(named(withBody))('%s: the example is what the operation takes, by zod and by the document', (_, { body }) => {
    expect(body.schema.safeParse(body.example)).toMatchObject({ success: true })
    expect([fits(body.name, body.example), problems]).toEqual([true, null])
  })

  it.each(apiFormats)('%s: the example of the shops’ own document is taken, too', (format) => {
    const { body } = withBody.find(({ name }) => name === format) ?? expect.fail()
    expect([fits(body.name, exampleOf(format)), problems]).toEqual([true, null])
  })

  it.each(named(operations))('%s: the examples of answers are answers that it gives', (_, { answers }) => {
    for (const { name, schema, example } of answers) {
      expect(schema.safeParse(example(translates.ru)), name).toMatchObject({ success: true })
      expect(fits(name, example(translates.ru)), name).toBe(true)
      expect(fits(name, { ...example(translates.ru), more: 1 }), name).toBe(false)
    }
  })
})

describe('the OpenAPI document', () => {
  it.each(['ru', 'en'] as const)('is valid OpenAPI 3.1: %s', async (language) => {
    const validator = new Validator()
    const result = await validator.validate(structuredClone(documentIn(language)))
    expect(result).toEqual({ valid: true })
    expect(validator.version).toBe('3.1')
    // Whatever is referred to is there.
    expect(() => validator.resolveRefs()).not.toThrow()
  })

  it('has each operation, its token, its key against repeats and its own address', () => {
    expect(openapi.servers).toEqual([{ url: 'https://shop.example/parom' }])
    expect(Object.keys(openapi.paths)).toEqual(operations.map(({ path }) => path))
    expect(openapi.paths['/api/create-order']?.['post']).toMatchObject({
      security: [{ token: [] }],
      parameters: [{ $ref: '#/components/parameters/IdempotencyKey' }],
    })
    expect(openapi.paths['/api/login']?.['post']).toMatchObject({ security: [] })
    expect(openapi.paths['/api/test']?.['get']).toMatchObject({ security: [{}, { token: [] }] })
    expect(openapi.components.securitySchemes.token).toMatchObject({ type: 'http', scheme: 'bearer' })
  })

  it('gives no two schemas one name', () => {
    const schemas = new Map<string, unknown>()
    for (const { name, schema } of operations.flatMap(({ answers }) => answers)) {
      expect(schemas.get(name) ?? schema, name).toBe(schema)
      schemas.set(name, schema)
    }
    const all = [...schemas.keys(), ...withBody.map(({ body }) => body.name)]
    expect(new Set(all).size).toBe(all.length)
  })

  it('leaves no text out', () => {
    const untranslated = JSON.stringify(openapi).match(/"api\.[^"]*"/g)
    expect(untranslated).toBeNull()
  })
})

describe('what the document says of a request is what the server looks at', () => {
  const deliveries = ['address', 'external', 'pickup', 'pickpoint']
  const full = {
    ...exampleOf('create-order'),
    ...{ lgsTerminalCode: 'KZN2', comment: 'Да', deliveryCompany: 'dpd' },
  }
  const cases = [
    ...deliveries.map((deliveryType) => [`create-order, ${deliveryType}`, { ...full, deliveryType }] as const),
    ['buy-click', exampleOf('buy-click')] as const,
    ['callback', exampleOf('callback')] as const,
    ...withBody.filter(({ group }) => group === 'account').map(({ name, body }) => [name, body.example] as const),
  ]

  it.each(cases)('%s, each field missing or of a wrong type', (what, order) => {
    const operation = withBody.find(({ name }) => name === what.split(',')[0]) ?? expect.fail()
    const { name, schema } = operation.body
    const verdicts = (value: unknown) => ({ document: fits(name, value), server: schema.safeParse(value).success })
    expect(verdicts(order)).toEqual({ document: true, server: true })
    const refused: string[] = []
    for (const { path } of fieldsOf(operation)) {
      const place = path.replaceAll('[]', '[0]')
      const without = verdicts(withField(order, place, undefined))
      expect(without.document, `without ${path}`).toBe(without.server)
      if (!without.server) refused.push(path)
      for (const odd of [true, { odd: 1 }, [[]]]) {
        if (path === 'address' && !Array.isArray(odd) && odd !== true) continue
        expect(verdicts(withField(order, place, odd)), `${path}: ${JSON.stringify(odd)}`).toEqual({
          document: false,
          server: false,
        })
      }
    }
    expect(refused).toEqual(needed(operation, order))
  })

  /** By the table on the page. */
  function needed(operation: Operation, order: Record<string, unknown>) {
    return fieldsOf(operation)
      .filter(
        ({ isRequired, demands }) =>
          isRequired || demands.some((demand) => 'is' in demand && order[demand.field] === demand.is),
      )
      .map(({ path }) => path)
  }

  it('a one-click purchase without a phone and an e-mail is refused by both', () => {
    const { phone: _, email: __, ...nobodys } = exampleOf('buy-click')
    const { body } = withBody.find(({ name }) => name === 'buy-click') ?? expect.fail()
    expect([fits('BuyClick', nobodys), body.schema.safeParse(nobodys).success]).toEqual([false, false])
  })
})
