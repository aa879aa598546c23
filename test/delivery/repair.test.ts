import { expect, it } from 'vitest'
import { onEachDatabase } from '../support/databases.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { startParom } from '../support/parom.ts'

const patient = { timeout: 20_000 }

onEachDatabase('a value that the CRM does not take', (database) => {
  it('keeps no order back: the lead is made without it, and the note and the order’s page tell of it', async () => {
    const parom = await startParom({ databaseUrl: await database.fresh() })
    await parom.sandbox.settings({ textarea_max: 100 })
    await parom.sandbox.faults([
      { method: 'POST', path: '/api/v4/leads/notes', effect: 'status', status: 502, times: 1 },
    ])
    const comment = 'слишком длинно '.repeat(10).trim()
    const { body } = await parom.post(asForm(anOrder({ comment })))
    await expect.poll(async () => (await parom.inbox.find(body.id))?.reason).toBe('crm_unavailable')
    parom.advance(60_000)
    const { warnings } = await parom.reaches(body.id, 'delivered')
    expect(JSON.parse(warnings ?? '')).toEqual([
      { code: 'field_refused', params: { field: 'lead.cf.comment', value: comment } },
    ])
    const { leads, notes } = await parom.sandbox.state()
    expect([leads.length, notes.length]).toEqual([1, 1])
    const fields = leads[0].custom_fields_values.map(({ field_name }: { field_name: string }) => field_name)
    expect(fields).toContain('Покупатель')
    expect(fields).not.toContain('Комментарий')
    expect(notes[0].params.text).toContain(`amoCRM не приняла значение поля «lead.cf.comment»: ${comment}`)
    const contactReads = (await parom.sandbox.requests()).filter(({ path }) => path.startsWith('/api/v4/contacts?'))
    expect(contactReads).toHaveLength(1)
    await parom.close()
  })

  it('is told of once, and also where the answer to the lead without it gets lost', async () => {
    const parom = await startParom({ databaseUrl: await database.fresh() })
    await parom.sandbox.settings({ textarea_max: 100 })
    const create = { method: 'POST', path: '/api/v4/leads', times: 1, probability: 0.5 }
    // These seeds strike at the third create and at the sixth.
    await parom.sandbox.faults([
      { ...create, effect: 'status', status: 502, seed: 5 },
      { ...create, effect: 'lost_answer', seed: 10 },
    ])
    const { body } = await parom.post(asForm(anOrder({ comment: 'слишком длинно '.repeat(10).trim() })))
    await expect
      .poll(async () => {
        const { state, lease_until, next_attempt_at } = (await parom.inbox.find(body.id)) ?? {}
        const waitMs = (next_attempt_at ?? 0) - parom.clock.now()
        if (state === 'pending' && lease_until === null && waitMs > 0) parom.advance(waitMs)
        return state
      }, patient)
      .not.toBe('pending')
    const { warnings } = await parom.reaches(body.id, 'delivered')
    expect(JSON.parse(warnings ?? '').map(({ code }: { code: string }) => code)).toEqual(['field_refused'])
    const creates = (await parom.sandbox.requests()).filter(
      ({ method, path }) => method === 'POST' && path === '/api/v4/leads',
    )
    expect(creates).toHaveLength(6)
    const { leads, notes } = await parom.sandbox.state()
    expect([leads.length, notes.length]).toEqual([1, 1])
    expect(notes[0].params.text.match(/не приняла значение/g)).toHaveLength(1)
    await parom.close()
  })

  it('keeps no order back where something else is refused once that is left out', async () => {
    const parom = await startParom({ databaseUrl: await database.fresh() })
    await parom.sandbox.settings({ textarea_max: 100 })
    const errors = [{ code: 'NotFound', path: '_embedded.contacts.0.id', detail: 'Contact not found' }]
    const refusal = { 'validation-errors': [{ request_id: '0', errors }] }
    // This seed strikes at the third create.
    const third = { method: 'POST', path: '/api/v4/leads', times: 1, probability: 0.5, seed: 5 }
    await parom.sandbox.faults([{ ...third, effect: 'status', status: 400, body: refusal }])
    const { body } = await parom.post(asForm(anOrder({ comment: 'слишком длинно '.repeat(10).trim() })))
    const { warnings } = await parom.reaches(body.id, 'delivered')
    expect(JSON.parse(warnings ?? '').map(({ code }: { code: string }) => code)).toEqual(['field_refused'])
    expect((await parom.sandbox.state()).leads).toHaveLength(1)
    await parom.close()
  })
})
