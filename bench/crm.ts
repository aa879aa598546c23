import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../test/support/mariadb.ts'
import { contactOf } from '../test/support/mirror.ts'
import { run } from '../test/support/process.ts'

/** A request as the sandbox's journal has it. */
export interface JournalEntry {
  /** Of the arrival. */
  time: string
  /** From the arrival to the answer. */
  ms: number
  method: string
  path: string
  status: number
  grant_type?: string
  token_digest?: string
  fault?: string
}

export interface Size {
  contacts: number
  products: number
}

export type Crm = Awaited<ReturnType<typeof startCrm>>

/** A sandbox in a process of its own, so that its work does not delay ours. */
export async function startCrm() {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const sandbox = run('src/sandbox/main.ts', [], { SANDBOX_PORT: String(port) })
  // biome-ignore lint/suspicious/noExplicitAny: the sandbox answers what its addresses promise
  const get = async (path: string): Promise<any> => (await fetch(`${url}/__sandbox/${path}`)).json()
  const post = (path: string, body: unknown) => postJson(`${url}/__sandbox/${path}`, body)
  while (
    !(await get('settings').then(
      () => true,
      () => false,
    ))
  ) {
    if (sandbox.child.exitCode !== null) throw new Error(`the sandbox ended at once:\n${sandbox.output()}`)
    await sleep(50)
  }
  return {
    url,
    credentials: () => get('credentials'),
    state: () => get('state'),
    journal: async (): Promise<JournalEntry[]> => (await get('journal')).requests,
    /** All of a list of its API, page by page, without a limit to its requests. */
    async all(list: string, token: string) {
      await post('settings', { rate_limit: null })
      const headers = { authorization: `Bearer ${token}` }
      const entities = []
      for (let page = 1; ; page++) {
        const answer = await fetch(`${url}/api/v4/${list}${list.includes('?') ? '&' : '?'}limit=250&page=${page}`, {
          headers,
        })
        if (answer.status === 204) return entities
        const { _embedded } = (await answer.json()) as { _embedded: Record<string, object[]> }
        entities.push(...(Object.values(_embedded)[0] ?? []))
      }
    },
    faults: (faults: object[]) => post('faults', faults),
    settings: (settings: object) => post('settings', settings),
    /** Starts anew, with so many partners (`P0`, `P1`, …) and products (`Товар 0`, `Товар 1`, …). */
    seed: (size: Size) => post('reset', seedOf(size)),
    [Symbol.asyncDispose]: async () => void (await sandbox.kill('SIGTERM')),
  }
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

async function postJson(url: string, body: unknown) {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`)
}

/** The most requests that any second saw arrive, wherever it begins. */
export function mostInASecond(requests: JournalEntry[]) {
  const times = requests.map(({ time }) => Date.parse(time))
  return Math.max(0, ...times.map((time) => times.filter((other) => other >= time && other < time + 1000).length))
}
