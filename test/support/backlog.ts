import { expect, vi } from 'vitest'
import { markerCode } from '../../src/amocrm/marker.ts'
import { openDatabase } from '../../src/database/open.ts'
import type { TestDatabase } from './databases.ts'
import { anOrder, asForm, type TestOrder } from './orders.ts'
import { type ParomOptions, startParom } from './parom.ts'

const sold = ['Автоклав - Бак с переливом', 'Бак - Реактор', 'Бак из черного метала - 300 л.', 'Бак "Премиум" & Ко']

/** Orders of one partner, no two of them alike: one to four products in quantities of their own. */
export function manyOrders(count: number, fields: (index: number) => TestOrder = () => ({})): TestOrder[] {
  return Array.from({ length: count }, (_, index) => {
    const products = sold.slice(0, 1 + (index % 4)).map((name, line) => ({
      product_id: String(line + 1),
      name,
      quantity: 1 + ((index + line) % 9),
      price: '100.0000',
    }))
    return anOrder({
      order_id: `${index}`,
      telephone: phoneOf(index),
      comment: `Заказ ${index}.`,
      products,
      ...fields(index),
    })
  })
}

export function phoneOf(index: number) {
  return `8 (921) 555-${String(1000 + index)}`
}

/** The server that ships, after it has delivered an order; what comes then can be kept back, so that it goes together. */
export async function startBacklog(database: TestDatabase, options: Omit<ParomOptions, 'databaseUrl'> = {}) {
  const databaseUrl = await database.fresh()
  const parom = await startParom({ databaseUrl, ...options })
  const { sandbox, inbox } = parom
  const { db, close } = openDatabase(databaseUrl)
  const first = await parom.post(asForm(anOrder({ order_id: 'first' })))
  await parom.reaches(first.body.id, 'delivered')
  const before = await sandbox.state()
  let from = 0

  const stop = (stopped_at: number | null) => db.updateTable('connections').set({ stopped_at }).execute()
  const readMessages = (ids: string[]) => db.selectFrom('messages').selectAll().where('id', 'in', ids).execute()

  async function post(orders: TestOrder[]) {
    const answers = await Promise.all(orders.map((order) => parom.post(asForm(order))))
    return answers.map(({ body }) => body.id)
  }

  async function letGo() {
    from = (await sandbox.requests()).length
    await stop(null)
    parom.advance(0)
  }

  async function allReach(ids: string[], states: Record<string, number>) {
    await vi.waitFor(
      async () => {
        const byState = Map.groupBy(await readMessages(ids), ({ state }) => state)
        expect(Object.fromEntries([...byState].map(([state, { length }]) => [state, length]))).toEqual(states)
      },
      { timeout: 15_000, interval: 25 },
    )
  }

  /** What the CRM has of orders now that it had not before: by the orders' keys. */
  async function seen() {
    const state: CrmState = await sandbox.state()
    const isNew = ({ id }: Lead) => !before.leads.some((lead: Lead) => lead.id === id)
    return Map.groupBy(
      state.leads.filter(isNew).map((lead) => seeLead(lead, state)),
      ({ key }) => key ?? '',
    )
  }

  return {
    ...parom,
    db,
    before,
    post,
    letGo,
    readMessages,
    seen,
    /** Posts orders and keeps them back. Gives their ids. */
    async keepBack(orders: TestOrder[]) {
      await stop(1)
      return post(orders)
    },
    /** Fulfilled once all of them are delivered. */
    delivered: (ids: string[]) => allReach(ids, { delivered: ids.length }),
    /** Fulfilled once so many of them are in each state. */
    allReach,
    /** Every request since the orders were let go. */
    requests: async () => (await sandbox.requests()).slice(from),
    /** What was written since then, with its items. */
    async writes(kind = '') {
      const writes = (await sandbox.requests()).slice(from).filter(({ method }) => method === 'POST')
      const wanted = writes.filter(({ path }) => path.startsWith('/api/v4/') && path.endsWith(kind))
      return Promise.all(
        wanted.map(async ({ path, status, request_id, time }) => {
          const items: unknown[] = JSON.parse((await sandbox.exchange(request_id)).request.body)
          return { path: path.replace('/api/v4/', ''), status, items: items.length, time: Date.parse(time) }
        }),
      )
    },
    /** Moves time on from try to try until none of them waits for another. */
    async patiently(ids: string[]) {
      await vi.waitFor(
        async () => {
          const waiting = (await readMessages(ids)).filter(({ state }) => state === 'pending')
          const dueAt = Math.min(...waiting.map(({ next_attempt_at }) => next_attempt_at ?? 0))
          const isIdle = waiting.every(({ lease_until }) => lease_until === null) && dueAt > parom.clock.now()
          // Those that failed together are due together, but for a ms or two.
          if (waiting.length > 0 && isIdle) parom.advance(dueAt - parom.clock.now() + 20)
          expect(waiting.length).toBe(0)
        },
        { timeout: 20_000, interval: 25 },
      )
    },
    /**
     * Each has one lead with what is its own, and the CRM has no others.
     * @param bare the ids of those whose comment is on the note alone
     */
    async expectEachOnce(ids: string[], orders: TestOrder[], bare: string[] = []) {
      const leads = await seen()
      expect([...leads.keys()].toSorted()).toEqual(ids.toSorted())
      for (const [index, id] of ids.entries()) {
        const { comment, products = [] } = orders[index] ?? {}
        const wanted = products.map(({ name, quantity }) => [name, quantity]).toSorted()
        const field = bare.includes(id) ? undefined : comment
        const notes = [expect.stringContaining(`${comment}`)]
        expect(leads.get(id), id).toEqual([
          { key: id, id: expect.any(Number), comment: field, products: wanted, notes },
        ])
      }
    },
    /** Another lead with the same key, as nobody makes one. Gives its id. */
    async doubleLead(key: string): Promise<number> {
      const { access_token } = await sandbox.credentials()
      const { leads } = await sandbox.state()
      const isMarked = ({ custom_fields_values }: Lead) => JSON.stringify(custom_fields_values).includes(key)
      const { name, custom_fields_values } = leads.find(isMarked)
      const response = await fetch(`${sandbox.url}/api/v4/leads`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
        body: JSON.stringify([{ name, custom_fields_values: custom_fields_values.map(asSent) }]),
      })
      expect(response.status).toBe(200)
      return ((await response.json()) as { _embedded: { leads: [{ id: number }] } })._embedded.leads[0].id
    },
    /** An order's warnings by their codes. */
    async codesOf(id: string) {
      const warnings: { code: string }[] = JSON.parse((await inbox.find(id))?.warnings ?? '[]')
      return warnings.map(({ code }) => code)
    },
    async [Symbol.asyncDispose]() {
      await close()
      await parom.close()
    },
  }
}

interface Lead {
  id: number
  custom_fields_values: {
    field_id: number
    field_code: string | null
    field_name: string
    values: { value: string }[]
  }[]
  _embedded: { catalog_elements: { id: number; metadata: { quantity: number } }[] }
}

const asSent = ({ field_id, values }: Lead['custom_fields_values'][number]) => ({ field_id, values })

interface CrmState {
  leads: Lead[]
  notes: { entity_id: number; params: { text: string } }[]
  elements: { id: number; name: string }[]
}

function seeLead({ id, custom_fields_values, _embedded }: Lead, { notes, elements }: CrmState) {
  const field = (name: string) =>
    custom_fields_values.find(({ field_code, field_name }) => [field_code, field_name].includes(name))?.values[0]?.value
  const nameOf = (id: number) => elements.find((element) => element.id === id)?.name
  return {
    id,
    key: field(markerCode),
    comment: field('Комментарий'),
    products: _embedded.catalog_elements.map(({ id, metadata }) => [nameOf(id), metadata.quantity]).toSorted(),
    notes: notes.filter(({ entity_id }) => entity_id === id).map(({ params }) => params.text),
  }
}
