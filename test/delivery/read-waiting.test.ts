import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createWaitingReader } from '../../src/delivery/read-waiting.ts'
import { onEachDatabase } from '../support/databases.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { startParom, startTestSandbox } from '../support/parom.ts'

const order = {
  order_id: 'ТФ-1203',
  customer_id: 'Партнёр 7',
  telephone: '+7 (916) 123-45-67',
  email: 'Olga@Mail.Example',
  total: '12 500,50',
}
const grace = 2000

onEachDatabase('an order that waits', (database) => {
  let databaseUrl: string
  let sandbox: Awaited<ReturnType<typeof startTestSandbox>>
  let parom: Awaited<ReturnType<typeof startParom>>
  beforeEach(async () => {
    databaseUrl = await database.fresh()
    sandbox = await startTestSandbox()
    parom = await disconnected()
  })
  afterEach(async () => {
    await parom.close()
    await sandbox.close()
  })

  const disconnected = () => startParom({ databaseUrl, sandbox, env: { AMO_ACCESS_TOKEN: '' } })

  const found = async (text: string) => (await parom.inbox.list({ text, limit: 10 })).messages.map(({ id }) => id)

  /** Until the server has looked at what waits. */
  async function untilFound(text: string, ids: string[]) {
    parom.advance(grace)
    await vi.waitFor(
      async () => {
        parom.advance(0)
        expect(await found(text)).toEqual(ids)
      },
      { timeout: 15_000, interval: 50 },
    )
  }

  it('is found by all that is known of it while amoCRM does not let us in', async () => {
    const { body } = await parom.post(asForm(anOrder(order)))
    await parom.reaches(body.id, 'held')
    await untilFound('тф-1203', [body.id])
    for (const text of ['ТФ-12', 'партнёр 7', '8 916 123-45-67', '+79161234567', '916 123 45 67', 'olga@', body.id])
      expect(await found(text), text).toEqual([body.id])
    expect(await found('ТФ-1204')).toEqual([])
    const { messages } = await parom.inbox.list({ partner: 'Партнёр 7', form: 'default', limit: 10 })
    expect(messages).toMatchObject([
      { id: body.id, state: 'held', order_number: 'ТФ-1203', total: 12500.5, email: 'olga@mail.example' },
    ])
  })

  it('is delivered after that as if nobody had looked at it, and found by its lead', async () => {
    const { body } = await parom.post(asForm(anOrder(order)))
    await untilFound('тф-1203', [body.id])
    await parom.close()
    parom = await startParom({ databaseUrl, sandbox })
    const delivered = await parom.reaches(body.id, 'delivered')
    expect(delivered).toMatchObject({ form: 'default', total: 12500.5, delivered_at: expect.any(Number) })
    expect(await found(String(delivered.lead_id))).toEqual([body.id])
    expect(await parom.inbox.findOfLead(delivered.lead_id ?? 0)).toEqual({ id: body.id })
    expect((await sandbox.state()).leads).toHaveLength(1)
  })

  it('keeps the time at which it was first delivered when another lead of it is made', async () => {
    await parom.close()
    parom = await startParom({ databaseUrl, sandbox })
    const { body } = await parom.post(asForm(anOrder(order)))
    const { delivered_at, lead_id } = await parom.reaches(body.id, 'delivered')
    parom.clock.advance(60_000)
    expect(await parom.inbox.askForAnotherLead(body.id, 1)).toBe(true)
    const again = await parom.reaches(body.id, 'delivered')
    expect(again).toMatchObject({ delivered_at, edition: 2, lead_id: expect.not.toBeOneOf([lead_id]) })
    expect(await found(String(lead_id))).toEqual([body.id])
    expect(await found(String(again.lead_id))).toEqual([body.id])
  })

  it('is found though another one that cannot be read came before it, which is looked at once', async () => {
    const unreadable = await parom.inbox.accept({
      account: 'sandbox.amocrm.ru',
      source: 'lk',
      dedupeKey: 'unreadable',
      dedupeWindow: null,
      contentType: 'application/json',
      headers: {},
      body: Buffer.from('{"order_id":'),
    })
    const { body } = await parom.post(asForm(anOrder(order)))
    await untilFound('тф-1203', [body.id])
    expect(await parom.inbox.find(unreadable.id)).toMatchObject({ form: '', order_number: null })
    expect(await parom.inbox.takeUnread(parom.clock.now(), null, 10)).toMatchObject({ messages: [], isMore: false })
  })

  it('is found though the database failed when it was written down', async () => {
    const { body } = await parom.post(asForm(anOrder(order)))
    const { inbox } = parom
    const failures: unknown[] = []
    const reader = createWaitingReader({
      inbox: {
        takeUnread: inbox.takeUnread,
        keepReadings: async (readings) => {
          if (failures.length === 0) throw new Error('the database is gone')
          await inbox.keepReadings(readings)
        },
      },
      rules: () => ({ forms: {}, formOfSource: new Map() }),
      now: () => parom.clock.now() + grace,
      broken: (error) => failures.push(error),
    })
    await vi.waitFor(() => expect(failures).toHaveLength(1))
    reader.wake()
    await vi.waitFor(async () => expect(await found('тф-1203')).toEqual([body.id]), { timeout: 15_000, interval: 50 })
    await reader.stop()
  })

  it('is found too when it bears the number of another one', async () => {
    const headers = { 'idempotency-key': 'request of shop 1' }
    const first = await parom.post(asForm(anOrder(order)), headers)
    await parom.post(asForm(anOrder({ ...order, order_id: 'ТФ-1204' })), headers)
    const { messages } = await parom.inbox.list({ reason: 'conflict', limit: 10 })
    expect(messages).toHaveLength(1)
    await untilFound('тф-120', [messages[0]?.id ?? '', first.body.id])
    expect(await found(' request of shop 1 ')).toEqual([first.body.id])
    expect(await found('request of shop 2')).toEqual([])
  })
})
