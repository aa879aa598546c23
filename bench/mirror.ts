import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { TestDatabase } from '../test/support/databases.ts'
import { openMirror } from '../test/support/mirror.ts'
import { type Size, startCrm } from './crm.ts'
import { onEachDatabase } from './databases.ts'
import { median } from './quantiles.ts'

const rounds = 40
const lookupsPerRound = 50
const large = { contacts: 10_000, products: 5000 }
const small = { contacts: 50, products: 50 }

type Mirror = Awaited<ReturnType<typeof openMirror>>

/** What a look-up costs with many contacts and products against few, in turns, and what filling the many costs. */
export function benchMirror() {
  return onEachDatabase(measure)
}

async function measure({ name, fresh }: TestDatabase) {
  const [few, many] = [await filled(small, await fresh()), await filled(large, await fresh())]
  const times: Record<'few' | 'many', number[]> = { few: [], many: [] }
  for (let round = 0; round < rounds; round++) {
    times.few.push(await lookUp(few.mirror, small))
    times.many.push(await lookUp(many.mirror, large))
  }
  const [fewMs, manyMs] = [median(times.few), median(times.many)]
  console.log(`${name}: a look-up is contactsOf and products of an order with 3 lines`)
  console.table({
    'ms per look-up, 50 contacts and 50 products': fewMs.toFixed(3),
    'ms per look-up, 10,000 contacts and 5,000 products': manyMs.toFixed(3),
    ratio: (manyMs / fewMs).toFixed(3),
    's to fill 10,000 contacts and 5,000 products': (many.ms / 1000).toFixed(1),
    'longest pause of the event loop meanwhile, ms': many.longestPause.toFixed(1),
    'pauses of the event loop meanwhile, 99 %, ms': many.usualPause.toFixed(1),
    'longest pause when all is read again, ms': many.longestPauseAgain.toFixed(1),
  })
  await few.mirror.close()
  await many.mirror.close()
}

/** A mirror that has read everything, from a sandbox in a process of its own. */
async function filled(size: Size, databaseUrl: string) {
  await using sandbox = await startCrm()
  await sandbox.seed(size)
  await sandbox.settings({ rate_limit: null })
  const day = 24 * 60 * 60
  const ttl = { all_contacts: { ttl: day }, all_products: { ttl: day } }
  const mirror = await openMirror({ databaseUrl, sandbox, now: Date.now, ttl })
  const first = await watched(() => lookUp(mirror, size, 1))
  await mirror.forget()
  const again = await watched(() => lookUp(mirror, size, 1))
  return { mirror, ...first, longestPauseAgain: again.longestPause }
}

async function watched(work: () => Promise<unknown>) {
  const resolution = 1
  const delay = monitorEventLoopDelay({ resolution })
  delay.enable()
  const start = performance.now()
  await work()
  const ms = performance.now() - start
  delay.disable()
  return { ms, longestPause: delay.max / 1e6 - resolution, usualPause: delay.percentile(99) / 1e6 - resolution }
}

/** Ms per look-up. */
async function lookUp(mirror: Mirror, { contacts, products }: Size, times = lookupsPerRound) {
  const start = performance.now()
  for (let index = 0; index < times; index++) {
    const found = await mirror.contactsOf(`P${(index * 37) % contacts}`)
    const wanted = [1, 2, 3].map((line) => ({ name: `Товар ${(index * 41 + line) % products}`, sku: '' }))
    const elements = await mirror.products(wanted, ['name'])
    if (found.length !== 1 || elements?.found.includes(null)) throw new Error('not found')
  }
  return (performance.now() - start) / times
}
