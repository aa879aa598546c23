import { randomBytes, randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { openDatabase } from '../../src/database/open.ts'
import { onEachDatabase } from '../support/databases.ts'
import { anOrder, asForm, sampleOrder } from '../support/orders.ts'
import { startParom, startTestSandbox } from '../support/parom.ts'

onEachDatabase('a delivery', (database) => {
  it('leaves a lost create to a person where the account cannot hold the marker', async () => {
    const parom = await startParom({ databaseUrl: await database.fresh() })
    await parom.sandbox.faults([
      { method: 'POST', path: '/api/v4/leads/custom_fields', effect: 'status', status: 403 },
      { method: 'POST', path: '/api/v4/leads', effect: 'lost_answer', times: 1 },
    ])
    const { body } = await parom.post(sampleOrder)
    await parom.reaches(body.id, 'pending')
    for (let tries = 0; tries < 50 && (await parom.inbox.find(body.id))?.state === 'pending'; tries++) {
      parom.advance(5_000)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    expect(await parom.inbox.find(body.id)).toMatchObject({ state: 'dead', reason: 'unknown_outcome', lead_id: null })
    expect((await parom.sandbox.state()).leads).toHaveLength(1)
    await parom.close()
  })

  it('keeps orders while there is no token, and sends them once there is one', async () => {
    const databaseUrl = await database.fresh()
    const sandbox = await startTestSandbox()
    const before = await startParom({ databaseUrl, sandbox, env: { AMO_ACCESS_TOKEN: '' } })
    const { body } = await before.post(sampleOrder)
    expect(await before.reaches(body.id, 'held')).toMatchObject({ reason: 'not_connected' })
    expect(await sandbox.requests()).toEqual([])
    await before.close()

    const after = await startParom({ databaseUrl, sandbox })
    expect(await after.reaches(body.id, 'delivered')).toMatchObject({ reason: null })
    await after.close()
    await sandbox.close()
  })

  it('shows that a connection works which some other process called lost long ago', async () => {
    const databaseUrl = await database.fresh()
    const parom = await startParom({ databaseUrl })
    const first = await parom.post(asForm(anOrder({ order_id: '1' })))
    await parom.reaches(first.body.id, 'delivered')
    const { db, close } = openDatabase(databaseUrl)
    const lost = async () => (await db.selectFrom('connections').select('lost_reason').executeTakeFirst())?.lost_reason
    await db
      .updateTable('connections')
      .set({ lost_reason: 'crm_unauthorized', lost_error: 'x', lost_at: parom.clock.now() })
      .execute()
    const soon = await parom.post(asForm(anOrder({ order_id: '2' })))
    await parom.reaches(soon.body.id, 'delivered')
    expect(await lost()).toBe('crm_unauthorized')
    parom.advance(60 * 60_000)
    const late = await parom.post(asForm(anOrder({ order_id: '3' })))
    await parom.reaches(late.body.id, 'delivered')
    await expect.poll(lost).toBeNull()
    await close()
    await parom.close()
  })

  it('is gone on with by the next process when the first one stops in the middle', async () => {
    const databaseUrl = await database.fresh()
    const sandbox = await startTestSandbox()
    await sandbox.faults([
      { method: 'POST', path: '/api/v4/leads/link', effect: 'status', status: 500, commit: false, times: 1 },
    ])
    const first = await startParom({ databaseUrl, sandbox })
    const { body } = await first.post(sampleOrder)
    await expect.poll(async () => (await first.inbox.find(body.id))?.reason).toBe('crm_unavailable')
    const halfway = await first.inbox.find(body.id)
    expect(halfway).toMatchObject({ lead_id: expect.any(Number), products_linked_at: null, note_id: null })
    await first.close()

    const second = await startParom({ databaseUrl, sandbox, clock: first.clock })
    second.advance(10_000)
    expect(await second.reaches(body.id, 'delivered')).toMatchObject({ lead_id: halfway?.lead_id, attempts: 2 })
    const { leads, notes } = await sandbox.state()
    expect([leads.length, notes.length, leads[0]._embedded.catalog_elements.length]).toEqual([1, 1, 3])
    const creates = (await sandbox.requests()).filter(
      ({ method, path }) => method === 'POST' && path === '/api/v4/leads',
    )
    expect(creates).toHaveLength(1)
    await second.close()
    await sandbox.close()
  })

  it('is left to a process that the CRM lets in by one that it does not', async () => {
    const databaseUrl = await database.fresh()
    const sandbox = await startTestSandbox()
    const shut = await startParom({ databaseUrl, sandbox })
    const first = await shut.post(asForm(anOrder({ order_id: '1' })))
    await shut.reaches(first.body.id, 'delivered')
    // Another key: what this one stores, the first one cannot read any more.
    const open = await startParom({ databaseUrl, sandbox, env: { APP_KEY: randomBytes(32).toString('base64') } })
    const second = await shut.post(asForm(anOrder({ order_id: '2' })))
    expect(await shut.reaches(second.body.id, 'delivered')).toMatchObject({ reason: null })
    await open.close()
    await shut.close()
    await sandbox.close()
  })

  it('costs an order no try when another process takes over in the middle of it', async () => {
    const databaseUrl = await database.fresh()
    const parom = await startParom({ databaseUrl })
    await parom.sandbox.faults([{ method: 'POST', path: '/api/v4/leads', effect: 'delay', delay_ms: 1700, times: 1 }])
    const { body } = await parom.post(sampleOrder)
    await expect.poll(async () => (await parom.inbox.find(body.id))?.lead_request_at).toBeTruthy()
    const { db, close } = openDatabase(databaseUrl)
    const [delivery_owner, delivery_until] = [randomUUID(), parom.clock.now() + 4000]
    await db.updateTable('connections').set({ delivery_owner, delivery_until }).execute()
    await expect.poll(async () => (await parom.inbox.find(body.id))?.reason, { timeout: 4000 }).toBe('crm_rate_limited')
    expect(await parom.inbox.find(body.id)).toMatchObject({ state: 'pending', attempts: 1, attempts_before: 1 })
    parom.advance(10_000)
    await parom.reaches(body.id, 'delivered')
    expect((await parom.sandbox.state()).leads).toHaveLength(1)
    await close()
    await parom.close()
  })
})
