import { afterEach, beforeEach, expect, it } from 'vitest'
import { onEachDatabase } from '../support/databases.ts'
import { openMirror } from '../support/mirror.ts'
import { startTestSandbox } from '../support/parom.ts'

const elements = '/api/v4/catalogs/4521/elements'

function element(id: number, name: string, sku?: string, created_at = 1_700_000_000) {
  const custom_fields_values = sku === undefined ? [] : [{ field_code: 'SKU', values: [{ value: sku }] }]
  return { catalog_id: 4521, id, name, created_at, updated_at: created_at, custom_fields_values }
}

const named = (...names: string[]) => names.map((name) => ({ name, sku: '' }))

onEachDatabase('the products of the mirror', (database) => {
  let sandbox: Awaited<ReturnType<typeof startTestSandbox>>
  let mirror: Awaited<ReturnType<typeof openMirror>>
  let now: number

  async function start(seed: object) {
    await sandbox.seed(seed)
    const ttl = { all_products: { ttl: 3600 } }
    mirror = await openMirror({ databaseUrl: await database.fresh(), sandbox, now: () => now, ttl })
  }

  beforeEach(async () => {
    now = Date.now()
    sandbox = await startTestSandbox()
  })
  afterEach(async () => {
    await mirror.close()
    await sandbox.close()
  })

  const questions = async () =>
    (await sandbox.requests())
      .filter(({ method, path }) => method === 'GET' && path.startsWith(elements))
      .map(({ path }) => new URL(path, 'http://crm').searchParams.get('query'))

  async function add(...products: object[]) {
    const { access_token } = await sandbox.credentials()
    const headers = { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' }
    const answer = await fetch(`${sandbox.url}${elements}`, { method: 'POST', headers, body: JSON.stringify(products) })
    expect(answer.status).toBe(200)
    await sandbox.advance(10_000)
  }

  it('are found on whatever page they stand, in the order in which they are wanted', async () => {
    await start({ elements: Array.from({ length: 600 }, (_, index) => element(600_000 + index, `Товар ${index}`)) })
    const found = await mirror.products(named('Товар 599', 'Товар 0', 'Товар 599'), ['name'])
    expect(found).toEqual({ catalogId: 4521, found: [600_599, 600_000, 600_599] })
  })

  it('are found by the first key that leads to one', async () => {
    await start({ elements: [element(1, 'Бак', 'A-1'), element(2, 'Бочка', 'A-2'), element(3, 'Ведро')] })
    const wanted = [
      { name: 'Бак', sku: 'a-2' },
      { name: 'Ведро', sku: 'A-9' },
      { name: 'Бочка', sku: '' },
    ]
    expect((await mirror.products(wanted, ['sku', 'name']))?.found).toEqual([2, 3, 2])
    expect((await mirror.products(wanted, ['name', 'sku']))?.found).toEqual([1, 3, 2])
    expect((await mirror.products(wanted, ['sku']))?.found).toEqual([2, null, null])
  })

  it('are never taken for one another', async () => {
    await start({
      elements: [element(1, 'Бак &quot;Премиум&quot;'), element(2, 'Бак', 'SKU-10'), element(3, 'Бак 2', 'SKU-1')],
    })
    expect((await mirror.products(named('Бак "Премиум"', 'бак', 'Ба', 'Бак  2 '), ['name']))?.found).toEqual([
      1,
      null,
      null,
      3,
    ])
    expect((await mirror.products([{ name: 'x', sku: 'SKU' }], ['sku', 'name']))?.found).toEqual([null])
  })

  it('give the oldest of namesakes', async () => {
    await start({ elements: [element(1, 'Бак', '', 1_700_000_500), element(2, 'Бак', '', 1_700_000_000)] })
    expect((await mirror.products(named('Бак'), ['name']))?.found).toEqual([2])
  })

  it('are asked for when they are missing, compared letter by letter, and not asked for again soon', async () => {
    await start({ elements: [element(1, 'Бак')] })
    await mirror.products(named('Бак'), ['name'])
    await add({ name: 'Дирижабль большой' }, { name: 'Дирижабль' })
    const wanted = named('Дирижабль', 'Нет такого')
    const found = await mirror.products(wanted, ['name'])
    expect(found?.found).toEqual([expect.any(Number), null])
    const { elements: all } = await sandbox.state()
    expect(all.find(({ id }: { id: number }) => id === found?.found[0])?.name).toBe('Дирижабль')
    expect(await questions()).toEqual([null, 'Дирижабль', 'Нет такого'])

    expect(await mirror.products(wanted, ['name'])).toEqual(found)
    now += 5 * 60_000 - 1
    await mirror.products(wanted, ['name'])
    expect(await questions()).toHaveLength(3)
    now += 1
    await mirror.products(wanted, ['name'])
    expect((await questions()).slice(3)).toEqual(['Нет такого'])
  })

  it('are simply unknown when the CRM cannot even be asked for them', async () => {
    await start({ elements: [element(1, 'Бак')] })
    await mirror.products(named('Бак'), ['name'])
    await sandbox.faults([{ path: elements, effect: 'status', status: 400 }])
    const wanted = named('Бак', 'Странный 🙏', 'длинный '.repeat(1000))
    expect((await mirror.products(wanted, ['name']))?.found).toEqual([1, null, null])
  })

  it('are all read again when many are missing, but not twice within a minute', async () => {
    await start({ elements: [element(1, 'Бак')] })
    await mirror.products(named('Бак'), ['name'])
    const names = Array.from({ length: 11 }, (_, index) => `Новый ${index}`)
    await add(...names.map((name) => ({ name })))
    expect((await mirror.products(named(...names), ['name']))?.found).toEqual(names.map(() => null))
    expect(await questions()).toHaveLength(1)
    now += 60_000
    expect((await mirror.products(named(...names), ['name']))?.found).toEqual(names.map(() => expect.any(Number)))
    expect(await questions()).toEqual([null, null])
  })

  it('are read again once the time is over', async () => {
    await start({ elements: [element(1, 'Бак')] })
    await mirror.products(named('Бак'), ['name'])
    await sandbox.seed({ elements: [element(2, 'Бак')] })
    now += 3_600_000 - 1
    expect((await mirror.products(named('Бак'), ['name']))?.found).toEqual([1])
    now += 1
    expect((await mirror.products(named('Бак'), ['name']))?.found).toEqual([2])
  })

  it('are none in an account that has no list of them, until it has', async () => {
    await start({ catalogs: [], elements: [], custom_fields: undefined })
    expect(await mirror.products(named('Бак'), ['name'])).toBeNull()
    await sandbox.seed({ elements: [element(1, 'Бак')] })
    expect(await mirror.products(named('Бак'), ['name'])).toBeNull()
    now += 60_000
    expect(await mirror.products(named('Бак'), ['name'])).toEqual({ catalogId: 4521, found: [1] })
  })

  it('are all read when somebody looks, such as after a lost answer', async () => {
    await start({ elements: [element(1, 'Бак')] })
    await mirror.products(named('Бак'), ['name'])
    await add({ name: 'Дирижабль' })
    await mirror.look('products')
    const before = await questions()
    expect((await mirror.products(named('Дирижабль'), ['name']))?.found).toEqual([expect.any(Number)])
    expect(await questions()).toEqual(before)
  })
})
