import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { createConnection } from 'mysql2/promise'
import { freePort, startMariadb } from '../test/support/mariadb.ts'
import { contactOf, openMirror } from '../test/support/mirror.ts'
import { run } from '../test/support/process.ts'

const rounds = 40
const lookupsPerRound = 50
const large = { contacts: 10_000, products: 5000 }
const small = { contacts: 50, products: 50 }

type Mirror = Awaited<ReturnType<typeof openMirror>>
type Size = typeof large

/** What a look-up costs with many contacts and products against few, in turns, and what filling the many costs. */
export async function benchMirror() {
  const folder = mkdtempSync(join(tmpdir(), 'parom-bench-'))
  const mariadb = await startMariadb()
  try {
    await measure('SQLite', async (name) => `sqlite:${join(folder, `${name}.db`)}`)
    await measure('MariaDB', async (name) => {
      const connection = await createConnection(mariadb.url)
      await connection.query(`CREATE DATABASE ${name}`)
      await connection.end()
      return `${mariadb.url}/${name}`
    })
  } finally {
    await mariadb.stop()
    rmSync(folder, { recursive: true })
  }
}

async function measure(database: string, fresh: (name: string) => Promise<string>) {
  const [few, many] = [await filled(small, await fresh('few')), await filled(large, await fresh('many'))]
  const times: Record<'few' | 'many', number[]> = { few: [], many: [] }
  for (let round = 0; round < rounds; round++) {
    times.few.push(await lookUp(few.mirror, small))
    times.many.push(await lookUp(many.mirror, large))
  }
  const [fewMs, manyMs] = [median(times.few), median(times.many)]
  console.log(`${database}: a look-up is contactsOf and products of an order with 3 lines`)
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
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const sandbox = run('src/sandbox/main.ts', [], { SANDBOX_PORT: String(port) })
  try {
    while (
      !(await fetch(`${url}/__sandbox/state`).then(
        () => true,
        () => false,
      ))
    )
      await sleep(50)
    await post(`${url}/__sandbox/reset`, seedOf(size))
    await post(`${url}/__sandbox/settings`, { rate_limit: null })
    const credentials = async () => (await fetch(`${url}/__sandbox/credentials`)).json()
    const day = 24 * 60 * 60
    const ttl = { all_contacts: { ttl: day }, all_products: { ttl: day } }
    const mirror = await openMirror({ databaseUrl, sandbox: { url, credentials }, now: Date.now, ttl })
    const first = await watched(() => lookUp(mirror, size, 1))
    await mirror.forget()
    const again = await watched(() => lookUp(mirror, size, 1))
    return { mirror, ...first, longestPauseAgain: again.longestPause }
  } finally {
    await sandbox.kill('SIGTERM')
  }
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

function seedOf({ contacts, products }: Size) {
  const written = { created_at: 1_700_000_000, updated_at: 1_700_000_000 }
  return {
    contacts: Array.from({ length: contacts }, (_, index) => ({
      ...contactOf({
        id: 8_000_000 + index,
        name: `Партнёр ${index}`,
        partner: `P${index}`,
        phones: [`+7912${String(index).padStart(7, '0')}`],
        emails: [`partner${index}@shop.example`],
      }),
      ...written,
    })),
    elements: Array.from({ length: products }, (_, index) => ({
      catalog_id: 4521,
      id: 600_000 + index,
      name: `Товар ${index}`,
      custom_fields_values: [{ field_code: 'SKU', values: [{ value: `S-${index}` }] }],
    })),
  }
}

async function post(url: string, body: unknown) {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`)
}

function median(values: number[]) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
