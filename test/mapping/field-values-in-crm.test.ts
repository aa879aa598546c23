import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { completeValues, convertValue } from '../../src/mapping/field-values.ts'
import type { ApiValue, CrmField, Entity } from '../../src/mapping/plan.ts'
import { accountField, accountFields, accountSeed } from '../fixtures/account.ts'
import { startTestSandbox } from '../support/parom.ts'
import { goodCases } from './value-cases.ts'

let sandbox: Awaited<ReturnType<typeof startTestSandbox>>
let token: string
beforeAll(async () => {
  sandbox = await startTestSandbox()
  await fetch(`${sandbox.url}/__sandbox/reset`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(accountSeed),
  })
  await sandbox.settings({ rate_limit: null, account_rate_limit: null })
  token = (await sandbox.credentials()).access_token
})
afterAll(() => sandbox.close())

interface Filled {
  field_id: number
  values: ApiValue[]
}

interface Answer {
  'validation-errors'?: unknown
  _embedded: Record<Entity, { id: number }[]>
}

/** Makes one lead, contact or company for each list of fields; gives what the CRM then has in them. */
async function create(entity: Entity, cards: Filled[][]): Promise<Filled[][]> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const body = JSON.stringify(cards.map((custom_fields_values) => ({ name: 'x', custom_fields_values })))
  const answer = await fetch(`${sandbox.url}/api/v4/${entity}`, { method: 'POST', headers, body })
  const answered = (await answer.json()) as Answer
  expect({ status: answer.status, errors: answered['validation-errors'] }).toEqual({ status: 200, errors: undefined })
  const ids = answered._embedded[entity].map(({ id }) => id)
  const { [entity]: all } = await sandbox.state()
  const fieldsById = new Map<number, Filled[] | null>(
    all.map(({ id, custom_fields_values }: { id: number; custom_fields_values: Filled[] | null }) => [
      id,
      custom_fields_values,
    ]),
  )
  return ids.map((id) => fieldsById.get(id) ?? [])
}

it.each<Entity>(['leads', 'contacts', 'companies'])(
  'every value that %s are sent is taken and kept',
  async (entity) => {
    const cards = goodCases.map(([written, value]) => {
      const [code = '', part = null] = written.split('/')
      const field = accountField(code, entity)
      return { field, values: convertValue({ field, part }, 'x', value, { timeZone: 'Europe/Moscow' }).values }
    })
    const kept = await create(
      entity,
      cards.map(({ field, values }) => [{ field_id: field.id, values }]),
    )
    expect(kept).toMatchObject(
      cards.map(({ field, values }) => [{ field_id: field.id, values: values.map((value) => asKept(field, value)) }]),
    )
  },
)

/** Of a choice the CRM shows all that it knows; of a date the seconds. */
function asKept({ type, choices }: CrmField, sent: ApiValue): ApiValue {
  if (['date', 'date_time', 'birthday'].includes(type)) return { value: Date.parse(String(sent['value'])) / 1000 }
  const choice = choices.find(({ id, code }) => id === sent['enum_id'] || (code !== null && code === sent['enum_code']))
  return choice ? { value: choice.value, ...sent, enum_id: choice.id, enum_code: choice.code } : sent
}

it('whatever an order holds, the CRM refuses nothing of it', async () => {
  const words = [
    'да',
    '4.7.26',
    '1 250,50',
    'Курьер, Баки',
    'WORK',
    'ru',
    '1,2',
    'a.ru',
    '\0',
    'я'.repeat(300),
    '1e400',
  ]
  const word = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...words))
  const keys = fc.constantFrom('name', 'инн', 'entity_type', 'city', 'country', 'file_uuid', 'file_size', '__proto__')
  const value = fc.oneof(
    word,
    fc.double(),
    fc.integer(),
    fc.date().map(String),
    fc.jsonValue({ maxDepth: 3 }),
    fc.array(word, { maxLength: 4 }),
    fc.dictionary(keys, word),
  )
  const part = fc.constantFrom(null, 'WORK', 'city', 'country', 'инн', 'nope')
  const fields = accountFields.filter(({ entity }) => entity === 'leads')
  const card = fc.array(fc.tuple(fc.constantFrom(...fields), part, value), { minLength: 10, maxLength: 20 })

  await fc.assert(
    fc.asyncProperty(fc.array(card, { minLength: 20, maxLength: 50 }), async (cards) => {
      const kept = await create(
        'leads',
        cards.map((given) => given.map(([field, part, value]) => fill({ field, part }, value))),
      )
      // What the CRM takes for no number it keeps as nothing.
      expect(kept.flat().flatMap(({ values }) => values)).not.toContainEqual({ value: '' })
    }),
    { numRuns: 20 },
  )
})

function fill(target: { field: CrmField; part: string | null }, value: unknown): Filled {
  const { values } = convertValue(target, 'x', value, { timeZone: 'Asia/Kamchatka' })
  return { field_id: target.field.id, values: completeValues(target, 'x', values, '').values }
}
