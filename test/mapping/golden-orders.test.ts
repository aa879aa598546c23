import { beforeAll, describe, it } from 'vitest'
import { createMapper, type Mapper } from '../../src/mapping/request.mapper.ts'
import { parseOrder } from '../../src/order/parse.ts'
import { goldenAccount } from '../fixtures/golden-account.ts'
import { readGoldenOrders, readGoldenRules } from '../support/golden.ts'

/**
 * `_webhook.*` goes in, `order.json` and `plan.json` come out. `vitest -u` writes what comes out; look at it before you
 * commit it, as a shop's owner would.
 */
describe('golden orders', () => {
  let mapOrder: Mapper
  beforeAll(async () => {
    mapOrder = createMapper(await readGoldenRules(), goldenAccount)
  })

  it.each(readGoldenOrders())('$name', async ({ contentType, body, known, matches }) => {
    const order = await parseOrder({ source: known ? 'api-ro' : 'lk', contentType, body, ...known })
    await matches('order.json', order)
    await matches('plan.json', mapOrder(order))
  })
})
