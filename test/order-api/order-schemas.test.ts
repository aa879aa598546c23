import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import en from '../../config/translations/en.ts'
import ru from '../../config/translations/ru.ts'
import { createTranslate } from '../../src/config/translate.ts'
import type { ApiFormat } from '../../src/order/order.ts'
import { errorIn, expectations } from '../../src/order-api/order-schemas.ts'
import { problemsOf } from '../../src/order-api/problems.ts'
import { anyOrder, exampleOf, fieldsIn, formats, problem, withField } from '../support/api-fields.ts'

const translate = createTranslate(ru, 'ru')

function problemsIn(format: ApiFormat, body: unknown, texts = translate) {
  const error = errorIn(format, structuredClone(body) as Record<string, unknown>)
  return error ? problemsOf(error, texts) : []
}

describe.each(formats)('an order to %s', (format) => {
  const fields = fieldsIn(format)

  it('passes as any that the document allows', () => {
    fc.assert(
      fc.property(anyOrder(format), (body) => {
        expect(problemsIn(format, body)).toEqual([])
      }),
    )
  })

  it('with one field broken is told of exactly that field', () => {
    const broken = fc
      .constantFrom(...fields)
      .chain((field) => fc.tuple(fc.constant(field), fc.constantFrom(...field.bad)))
    fc.assert(
      fc.property(anyOrder(format), broken, (body, [{ path }, [value, words]]) => {
        expect(problemsIn(format, withField(body, path, value))).toEqual([problem(path, words)])
      }),
    )
  })

  it('is told of all its faults together, each once, however many', () => {
    fc.assert(
      fc.property(anyOrder(format), fc.subarray(fields, { minLength: 1 }), (body, chosen) => {
        const wanted: string[] = []
        let order = body
        for (const { path, bad } of chosen) {
          const [value, words] = bad[0] ?? []
          order = withField(order, path, value)
          if (words) wanted.push(problem(path, words))
        }
        expect(problemsIn(format, order).sort()).toEqual(wanted.sort())
      }),
    )
  })

  it('may bear fields of which nobody knows, and keys that mean something to JavaScript', () => {
    const hostile =
      '"__proto__":{"name":1},"constructor":{"prototype":1},"toString":"x","hasOwnProperty":null,"extra":[1]'
    const body = JSON.parse(JSON.stringify(exampleOf(format)).replace('{', `{${hostile},`))
    expect(errorIn(format, body)).toBeUndefined()
    expect(({} as Record<string, unknown>)['name']).toBeUndefined()
  })

  it.each(['[]', '"order"', '5', 'null', '{}', '{"__proto__":{"phone":"+79991234567"}}'])('is not %s', (body) => {
    expect(problemsIn(format, JSON.parse(body))).not.toEqual([])
  })
})

it('is the same with blanks in place of what it leaves open, however deep it goes', () => {
  const deep = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`)
  const blank = { ...exampleOf('callback'), comment: null, name: ' \n', deep, deeper: { a: [null, ''] } }
  expect(errorIn('callback', blank)).toBeUndefined()
  expect(problemsIn('callback', { phone: ' ', name: null, comment: '' })).toEqual([problem('phone', 'present')])
})

it('tells of fifty faults, and how many more there are', () => {
  const { items } = exampleOf('buy-click') as { items: object[] }
  const many = Array.from({ length: 100 }, () => ({ ...items[0], price: -1 }))
  const problems = problemsIn('buy-click', { ...exampleOf('buy-click'), items: many })
  expect(problems).toHaveLength(51)
  expect(problems.at(49)).toBe('Поле items[49].price: нужно число не меньше нуля')
  expect(problems.at(50)).toBe('И ещё ошибок: 50')
})

it('has words for all that it expects, in both languages', () => {
  for (const word of expectations)
    for (const texts of [ru, en]) expect(Object.keys(texts)).toContain(`api.expected.${word}`)
  expect(problemsIn('callback', {}, createTranslate(en, 'en'))).toEqual(['Field phone: is required, fill it in'])
})
