import { expect, it } from 'vitest'
import { AmocrmError, errorOfAnswer, withFieldNames } from '../../src/amocrm/errors.ts'
import { causeOf } from '../../src/inbox/cause.ts'

/** What the delivery writes down of such an answer. */
function saidOf(status: number, faults: object[], name: string | null = null) {
  const body = { title: 'Bad Request; or so', detail: 'x', 'validation-errors': [{ request_id: 'r1', errors: faults }] }
  const error = errorOfAnswer('POST', 'POST /api/v4/leads', { status, body, retryAfter: null })
  return withFieldNames(error, () => name).message
}
const path = 'custom_fields_values.3.values.0.value'

it.each([
  [
    'the field by our name, and the word',
    saidOf(400, [{ path, code: 'NotSupportedChoice', detail: 'a; b' }], 'Доставка'),
    'Доставка · NotSupportedChoice',
  ],
  [
    'the place without its indexes',
    saidOf(400, [{ path, code: 'InvalidType', detail: '' }]),
    'custom_fields_values.values.value · InvalidType',
  ],
  [
    'the first of several',
    saidOf(400, [
      { path: 'price', code: 'TooBig', detail: '1' },
      { path, code: 'X', detail: '' },
    ]),
    'price · TooBig',
  ],
  ['the word alone', saidOf(400, [{ path: '', code: 'NotUnique', detail: '' }]), 'NotUnique'],
  ['the status where nothing was named', saidOf(400, []), 'HTTP 400'],
  ['nothing where nothing was said', 'cut short', null],
])('names %s', (_, error, detail) => {
  expect(causeOf('crm_rejected', error)).toEqual({ reason: 'crm_rejected', detail })
})

it('is the same for orders that differ', () => {
  const of = (index: number, value: string) =>
    causeOf(
      'crm_rejected',
      saidOf(400, [{ path: `custom_fields_values.${index}.values.0.value`, code: 'X1', detail: value }], 'Дата'),
    )
  expect(of(1, 'Иванова')).toEqual(of(17, 'Петров'))
})

it.each(['internal', 'order_unreadable', 'unknown_outcome'])(
  'holds nothing of what %s said, which may be the buyer’s',
  (reason) => {
    expect(causeOf(reason, 'cannot read Иванова; +79990001122: Xx yy')).toEqual({ reason, detail: null })
  },
)

it('takes a word that it does not know for trouble of our own', () => {
  expect(causeOf('nonsense', null)).toEqual({ reason: 'internal', detail: null })
  expect(new AmocrmError('rejected', 'x').message).toBe('x')
})
