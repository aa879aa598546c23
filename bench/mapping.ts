import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig } from '../src/config/load.ts'
import { rulesOf } from '../src/config/rules.ts'
import { translateOf } from '../src/config/translate.ts'
import { createFieldFinder } from '../src/mapping/amo-fields.mapper.ts'
import { routeLead } from '../src/mapping/form.ts'
import { createLayout } from '../src/mapping/layout.ts'
import { createValueMapping } from '../src/mapping/mapped-values.ts'
import { createPeopleMapping } from '../src/mapping/people.ts'
import { addUpProducts } from '../src/mapping/products.ts'
import { createMapper } from '../src/mapping/request.mapper.ts'
import { parseOrder } from '../src/order/parse.ts'
import { goldenAccount } from '../test/fixtures/golden-account.ts'

const sample = {
  source: 'lk',
  contentType: 'application/x-www-form-urlencoded',
  body: readFileSync(join(import.meta.dirname, '../test/fixtures/orders/opencart-sample/_webhook.txt')),
}
const goal = 20_000
const seconds = 2

/** How many orders one core maps a second: the sample order by the local configuration. */
export async function benchMapping() {
  const config = await loadConfig({ ENV_TYPE: 'local' })
  const rules = rulesOf(config, translateOf(config))
  const mapOrder = createMapper(rules, goldenAccount)
  const order = await parseOrder(sample)
  const mapping = perSecond(() => mapOrder(order))
  const both = await perSecondAsync(async () => mapOrder(await parseOrder(sample)))
  console.log(`the sample order, ${sample.body.length} bytes, on one core; goal: ${goal} mapped a second`)
  console.table({
    map: { 'orders/s': Math.round(mapping), 'µs each': micros(mapping) },
    'parse and map': { 'orders/s': Math.round(both), 'µs each': micros(both) },
  })

  const form = rules.forms['default']
  if (!form) throw new Error('request.mapper has no form "default"')
  const findField = createFieldFinder(goldenAccount.fields)
  const mapValues = createValueMapping(form, { amoFields: rules.amoFields, findField, account: goldenAccount })
  const mapPeople = createPeopleMapping(form, { defaultNames: rules.defaultNames, account: goldenAccount })
  const layOut = createLayout('default', rules)
  const mapped = mapValues(order)
  const parts: Record<string, () => unknown> = {
    values: () => mapValues(order),
    'lead’s name and note': () => layOut(order, ''),
    route: () => routeLead(order, form, goldenAccount),
    people: () => mapPeople(order, mapped, null),
    products: () => addUpProducts(order.products),
  }
  console.table(
    Object.fromEntries(
      Object.entries(parts).map(([name, part]) => {
        const rate = perSecond(part)
        return [name, { 'µs each': micros(rate), share: `${Math.round((mapping / rate) * 100)} %` }]
      }),
    ),
  )
}

const micros = (rate: number) => Number((1e6 / rate).toFixed(1))

/** The first rounds are for the compiler. */
function perSecond(work: () => unknown) {
  for (let round = 0; round < 2000; round++) work()
  const start = performance.now()
  let rounds = 0
  for (; performance.now() - start < seconds * 1000; rounds += 100) for (let each = 0; each < 100; each++) work()
  return rounds / ((performance.now() - start) / 1000)
}

async function perSecondAsync(work: () => Promise<unknown>) {
  for (let round = 0; round < 2000; round++) await work()
  const start = performance.now()
  let rounds = 0
  for (; performance.now() - start < seconds * 1000; rounds++) await work()
  return rounds / ((performance.now() - start) / 1000)
}
