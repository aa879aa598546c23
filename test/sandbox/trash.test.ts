import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Client, connect, faultsOf, tell } from './client.ts'

const discard = (amo: Client, entity: string, id: number) => amo.admin('/delete', { entity, id })

tell('a record that a person has deleted', [
  [
    'RU:leads-api',
    'is gone for reading: by its id, from lists and from what was linked to it',
    async (amo) => {
      const id = await amo.lead({ _embedded: { contacts: [{ id: 7143599 }], companies: [{ id: 7143801 }] } })
      const product = { to_entity_id: 525439, to_entity_type: 'catalog_elements', metadata: { catalog_id: 4521 } }
      await amo.post(`/leads/${id}/link`, [product])
      for (const [entity, gone] of [
        ['contacts', 7143599],
        ['companies', 7143801],
        ['elements', 525439],
      ] as const) {
        expect(await discard(amo, entity, gone)).toMatchObject({ status: 200, body: { id: gone, is_deleted: true } })
      }
      const lead = (await amo.get(`/leads/${id}?with=contacts,catalog_elements`)).body
      expect(lead._embedded).toEqual({ tags: [], companies: [], contacts: [], catalog_elements: [] })
      expect((await amo.get(`/leads/${id}/links`)).status).toBe(204)
      for (const path of ['/contacts/7143599', '/companies/7143801', '/catalogs/4521/elements/525439']) {
        expect(await amo.get(path), path).toMatchObject({ status: 204, text: '' })
      }
      const ids = async (path: string, name: string) =>
        (await amo.get(`${path}?limit=250`)).body._embedded[name].map((each: { id: number }) => each.id)
      expect(await ids('/contacts', 'contacts')).not.toContain(7143599)
      expect(await ids('/companies', 'companies')).toEqual([7143803])
      expect(await ids('/catalogs/4521/elements', 'elements')).not.toContain(525439)
    },
  ],
  [
    'RU:leads-api',
    'is listed in short where leads in the trash are asked for',
    async (amo) => {
      const [id] = [await amo.lead({ price: 5 }), await amo.lead()]
      expect((await amo.get('/leads?with=only_deleted')).status).toBe(204)
      amo.advance(1000)
      await discard(amo, 'leads', id ?? 0)
      const { body } = await amo.get('/leads?with=only_deleted')
      expect(body._embedded.leads).toEqual([
        { id, updated_at: amo.seconds(), updated_by: 504141, is_deleted: true, _links: expect.anything() },
      ])
      expect((await amo.get('/leads')).body._embedded.leads).toHaveLength(1)
    },
  ],
  [
    'RU:error-codes',
    'is not a valid choice for any write',
    async (amo) => {
      const [id, other] = [await amo.lead(), await amo.lead()]
      await discard(amo, 'leads', id)
      await discard(amo, 'contacts', 7143599)
      const contact = { to_entity_id: 7143599, to_entity_type: 'contacts' }
      const note = { note_type: 'common', params: { text: 'a' } }
      const answers = [
        await amo.patch('/leads', [{ id, name: 'x' }]),
        await amo.patch(`/leads/${id}`, { name: 'x' }),
        await amo.patch('/contacts', [{ id: 7143599, name: 'x' }]),
        await amo.post('/leads', [{ _embedded: { contacts: [{ id: 7143599 }] } }]),
        await amo.post('/leads/complex', [{ _embedded: { contacts: [{ id: 7143599 }] } }]),
        await amo.post('/leads/link', [{ entity_id: id, to_entity_id: 7143601, to_entity_type: 'contacts' }]),
        await amo.post(`/leads/${other}/link`, [contact]),
        await amo.post('/leads/notes', [{ entity_id: id, ...note }]),
        await amo.post('/tasks', [{ text: 'a', complete_till: 5, entity_id: id, entity_type: 'leads' }]),
      ]
      expect(answers.flatMap(faultsOf)).toEqual([
        '0: id NotSupportedChoice',
        '0: id NotSupportedChoice',
        '0: id NotSupportedChoice',
        '0: _embedded.contacts.0.id NotSupportedChoice',
        '0: _embedded.contacts.0.id NotSupportedChoice',
        '0: entity_id NotSupportedChoice',
        '0: to_entity_id NotSupportedChoice',
        '0: entity_id NotSupportedChoice',
        '0: entity_id NotSupportedChoice',
      ])
    },
  ],
  [
    '§14.3',
    'can be restored with everything that was linked to it',
    async (amo) => {
      const id = await amo.lead({ name: 'A', _embedded: { contacts: [{ id: 7143599 }] } })
      await discard(amo, 'leads', id)
      expect((await amo.get('/contacts/7143599?with=leads')).body._embedded.leads).toEqual([])
      expect(await amo.admin('/restore', { entity: 'leads', id })).toMatchObject({ body: { is_deleted: false } })
      expect((await amo.get(`/leads/${id}?with=contacts`)).body).toMatchObject({
        name: 'A',
        is_deleted: false,
        _embedded: { contacts: [{ id: 7143599, is_main: true }] },
      })
    },
  ],
  [
    '§4.3',
    'is found by query again as late as any other change',
    async (amo) => {
      const id = await amo.lead({ name: 'Заказ ORD-9' })
      await discard(amo, 'leads', id)
      amo.advance(60_000)
      await amo.admin('/restore', { entity: 'leads', id })
      expect((await amo.get('/leads?query=ORD-9')).status).toBe(204)
      amo.advance(2000)
      expect((await amo.get('/leads?query=ORD-9')).status).toBe(200)
    },
  ],
  [
    '§14.3',
    'is no longer on the board, and a seed can have it',
    async (amo) => {
      const id = await amo.lead({ name: 'Заказ ORD-9' })
      const board = async () => (await amo.call('GET', '/')).text
      expect(await board()).toContain('ORD-9')
      await discard(amo, 'leads', id)
      expect(await board()).not.toContain('ORD-9')
      for (const [entity, gone] of [
        ['contacts', 7143599],
        ['elements', 525439],
      ] as const)
        await discard(amo, entity, gone)
      await amo.admin('/reset', (await amo.admin('/state')).body)
      expect((await amo.get('/leads?with=only_deleted')).body._embedded.leads).toMatchObject([{ id }])
      expect((await amo.get('/contacts/7143599')).status).toBe(204)
      expect((await amo.get('/catalogs/4521/elements/525439')).status).toBe(204)
    },
  ],
  [
    '§14.3',
    'has to be there to be deleted, and deleted to be restored',
    async (amo) => {
      expect(await discard(amo, 'leads', 1)).toMatchObject({
        status: 404,
        body: { detail: expect.stringContaining('id') },
      })
      expect((await amo.admin('/restore', { entity: 'contacts', id: 7143599 })).status).toBe(404)
      expect(await discard(amo, 'tags', 1)).toMatchObject({
        status: 400,
        body: { detail: expect.stringContaining('entity') },
      })
    },
  ],
])

describe('an id', () => {
  it('is not given away again, not even after a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sandbox-'))
    const file = join(folder, 'state.jsonl')
    const create = async (amo: Client): Promise<number> =>
      (await amo.post('/leads/custom_fields', [{ name: 'A', type: 'text' }])).body._embedded.custom_fields[0].id
    const first = await connect({ file })
    const gone = await create(first)
    await first.call('DELETE', `/api/v4/leads/custom_fields/${gone}`)
    await first.sandbox.close()
    for (const _restart of [1, 2]) {
      const again = await connect({ file })
      await again.sandbox.close()
    }
    const last = await connect({ file })
    expect(await create(last)).toBeGreaterThan(gone)
    await last.sandbox.close()
    rmSync(folder, { recursive: true })
  })
})
