import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Client, connect } from './client.ts'

/** Answers are anything but a failure of the sandbox itself. */
describe('whatever is sent', () => {
  let amo: Client
  let fields: number[]

  beforeAll(async () => {
    amo = await connect()
    await amo.settings({ rate_limit: null })
    fields = [641201, 641351, ...(await newFields(amo))]
  })
  beforeEach(() => amo.settings({ is_api_filter_enabled: true }))
  afterAll(() => amo.sandbox.close())

  const lists = ['/leads', '/contacts', '/companies', '/leads/notes', '/leads/links', '/leads/unsorted', '/leads/tags']
  const setup = [
    '/catalogs',
    '/catalogs/4521/elements',
    '/leads/custom_fields',
    '/users',
    '/leads/loss_reasons',
    '/account',
  ]

  it('in a query, a list is answered or refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...lists, ...setup), queries(), async (path, query) => {
        expect((await amo.get(`${path}?${query}`)).status, query).toBeLessThan(500)
      }),
      { numRuns: 250 },
    )
  })

  const placed = [...lists, '/leads/complex', '/leads/link', '/leads/unlink', '/contacts/link', '/leads/unsorted/forms']
  const writable = [...placed, ...setup.slice(0, 3), '/leads/pipelines', '/leads/pipelines/1731979/statuses']

  it('as a body, it is written or refused', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('POST', 'PATCH'),
        fc.constantFrom(...writable),
        bodies(),
        async (method, path, body) => {
          expect((await amo.call(method, `/api/v4${path}`, body)).status, JSON.stringify(body)).toBeLessThan(500)
        },
      ),
      { numRuns: 400 },
    )
  })

  it('as the value of a field, it is read back or refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), values(), async (place, value) => {
        const field_id = fields[place % fields.length]
        const type = field_id === 641201 || field_id === 641351 ? 'contacts' : 'leads'
        const custom_fields_values = [{ field_id, values: value }]
        const answer = await amo.post(`/${type}`, [{ custom_fields_values }])
        expect([200, 400], JSON.stringify(value)).toContain(answer.status)
        if (answer.status !== 200) return
        const { id } = answer.body._embedded[type][0]
        expect((await amo.get(`/${type}/${id}`)).status).toBe(200)
        if (type === 'leads')
          expect((await amo.call('GET', `/leads/detail/${id}`)).status, JSON.stringify(value)).toBe(200)
      }),
      { numRuns: 600 },
    )
  })

  it('as a setting or a deletion, it is taken or refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('/delete', '/restore'), bodies(), async (path, body) => {
        expect((await amo.admin(path, body)).status).toBeLessThan(500)
      }),
      { numRuns: 100 },
    )
  })
})

async function newFields(amo: Client): Promise<number[]> {
  const types = [
    ...['text', 'numeric', 'checkbox', 'select', 'multiselect', 'date', 'birthday', 'smart_address', 'legal_entity'],
    ...['chained_list', 'file', 'monetary'],
  ]
  const extras = { enums: [{ value: 'A', code: 'a' }], currency: 'RUB', chained_lists: [{ catalog_id: 4521 }] }
  const { body } = await amo.post(
    '/leads/custom_fields',
    types.map((type) => ({ name: type, type, ...extras })),
  )
  return body._embedded.custom_fields.map(({ id }: { id: number }) => id)
}

/** Words that mean something somewhere, and those that mean something to JavaScript. */
const words = [
  ...['id', 'name', 'from', 'to', 'filter', 'with', 'order', 'page', 'limit', 'query', 'updated_at', 'statuses'],
  ...['custom_fields_values', 'entity_id', 'to_entity_type', 'note_type', 'type', '685731', '641201', '0', '-1'],
  ...['constructor', '__proto__', 'toString', 'length', '1e999', 'NaN', '%', '[', '&', 'only_deleted', 'desc', ''],
]

const word = () => fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 6 }))

function queries() {
  const key = fc.tuple(
    fc.constantFrom('filter', 'order', 'with', 'page', 'limit', 'query', 'id'),
    fc.array(word(), { maxLength: 3 }),
  )
  const pair = fc
    .tuple(key, word())
    .map(
      ([[first, rest], value]) =>
        `${first}${rest.map((each) => `[${encodeURIComponent(each)}]`).join('')}=${encodeURIComponent(value)}`,
    )
  return fc.array(pair, { maxLength: 5 }).map((pairs) => pairs.join('&'))
}

const keys = [
  ...['id', 'name', 'price', 'status_id', 'pipeline_id', 'custom_fields_values', 'field_id', 'field_code', 'values'],
  ...['value', 'enum_id', '_embedded', 'tags', 'contacts', 'companies', 'metadata', 'catalog_id', 'entity_id'],
  ...['to_entity_id', 'to_entity_type', 'note_type', 'params', 'text', 'type', 'enums', 'created_at', 'request_id'],
  ...[
    'statuses',
    'sort',
    'tags_to_add',
    'source_uid',
    'source_name',
    'loss_reason_id',
    'category',
    'entity',
    '__proto__',
  ],
]

/** JSON of the right words in any arrangement. */
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof({ depthSize: 'small', withCrossShrink: true }, tie('leaf'), tie('list'), tie('record')),
  leaf: fc.oneof(
    word(),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constantFrom(null, 685731, 7143599, 4521, 'leads', 'common', 'text'),
  ),
  list: fc.array(tie('tree'), { maxLength: 3 }),
  record: fc.dictionary(fc.constantFrom(...keys), tie('tree'), { maxKeys: 5 }),
}))

const bodies = () =>
  fc.oneof(tree, fc.array(fc.dictionary(fc.constantFrom(...keys), tree, { maxKeys: 6 }), { maxLength: 3 }))

function values() {
  const entryKeys = ['value', 'enum_id', 'enum_code', 'catalog_id', 'catalog_element_id']
  const leaf = fc.oneof(
    fc.constantFrom(
      '',
      '7',
      '1e5',
      '-0',
      '2026-07-04T00:00:00Z',
      'city',
      'A',
      'a',
      1,
      4521,
      525439,
      1e300,
      -1,
      0.5,
      true,
      null,
    ),
    fc.string({ unit: 'binary', maxLength: 300 }),
    tree,
  )
  const entry = fc.oneof(fc.record({ value: leaf }), fc.dictionary(fc.constantFrom(...entryKeys), leaf, { maxKeys: 3 }))
  return fc.oneof({ weight: 9, arbitrary: fc.array(entry, { maxLength: 2 }) }, { weight: 1, arbitrary: tree })
}
