import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { botToken, startHttpSink, startMailSink } from '../support/alert-sinks.ts'
import { onEachDatabase } from '../support/databases.ts'
import { hour, minute, startWatch } from '../support/watched.ts'

onEachDatabase('alerts are sent', (database) => {
  let sink: Awaited<ReturnType<typeof startHttpSink>>
  beforeEach(async () => {
    sink = await startHttpSink()
  })
  afterEach(() => sink.close())

  const telegram = () => ({ token: botToken, chats: ['-1001'], api: sink.url })
  const texts = () => sink.messages.map(({ text }) => text)
  const start = async (config = {}) =>
    startWatch(await database.fresh(), { channels: { telegram: telegram() }, ...config })
  type Watched = Awaited<ReturnType<typeof start>>

  async function strand(watched: Watched) {
    await watched.receive()
    await watched.settle('dead')
  }

  it('once by two processes, and by the second one when the first is gone', async () => {
    const watched = await start()
    const other = watched.another()
    await watched.watch.look()
    await strand(watched)
    await Promise.all([watched.watch.look(), other.look()])
    expect(texts()).toHaveLength(1)
    watched.connect({ state: 'lost' })
    watched.world.now += minute
    await other.look()
    expect(texts(), 'it is not its turn').toHaveLength(1)
    watched.world.now += minute
    await other.look()
    expect(texts()).toHaveLength(2)
  })

  it('again after a failure, later each time, and then once', async () => {
    const watched = await start()
    for (let time = 0; time < 3; time++) sink.refuseOnce(500, { ok: false, description: `broken ${botToken}` })
    await strand(watched)
    await watched.after(0)
    expect(sink.tries()).toBe(1)
    const [message] = await watched.watch.messages()
    expect(message).toMatchObject({ tries: 1, sent_at: null, error: '500 broken …' })
    await watched.after(20_000)
    expect(sink.tries(), 'not yet').toBe(1)
    await watched.after(10_000)
    expect(sink.tries()).toBe(2)
    await watched.after(minute)
    expect(sink.tries()).toBe(3)
    await watched.after(minute)
    expect(sink.tries(), 'not yet').toBe(3)
    await watched.after(minute)
    expect(texts()).toHaveLength(1)
    await watched.after(hour)
    expect(sink.tries()).toBe(4)
    expect(await watched.watch.messages()).toMatchObject([{ tries: 3, due_at: null, error: null }])
    expect(watched.logged.join()).not.toContain(botToken)
  })

  it('no sooner than Telegram asks for', async () => {
    const watched = await start()
    sink.refuseOnce(429, { ok: false, description: 'Too Many Requests', parameters: { retry_after: 300 } })
    await strand(watched)
    await watched.after(0)
    await watched.after(4 * minute)
    expect(sink.tries()).toBe(1)
    await watched.after(minute)
    expect(texts()).toHaveLength(1)
  })

  it('within three days, however much later a receiver wants it', async () => {
    const watched = await start()
    watched.world.config = { channels: { webhook: { url: `${sink.url}/hook` } } }
    sink.refuseOnce(503, {}, { 'retry-after': '9e300' })
    await strand(watched)
    await watched.after(0)
    await watched.after(3 * 24 * 60 * minute)
    expect([sink.tries(), sink.hooks.length]).toEqual([2, 1])
  })

  it('to one who can be reached while another cannot, who is given up after three days', async () => {
    const watched = await start()
    const gone = await startHttpSink()
    await gone.close()
    const dead = { ...telegram(), api: gone.url }
    watched.world.config = { channels: { telegram: dead, webhook: { url: `${sink.url}/hook` } } }
    await strand(watched)
    await watched.after(0)
    expect(sink.hooks).toHaveLength(1)
    for (let day = 0; day < 4; day++) await watched.after(24 * hour + minute)
    const unsent = (await watched.watch.messages()).filter(({ recipient }) => recipient.startsWith('telegram'))
    expect(unsent).toMatchObject([{ rule: 'needs_person', due_at: null, sent_at: null }])
    expect(unsent[0]?.error).toMatch(/ECONNREFUSED/)
  })

  it('follow no redirect', async () => {
    const watched = await start()
    sink.refuseOnce(302, {}, { location: `${sink.url}/elsewhere` })
    await strand(watched)
    await watched.after(0)
    expect(sink.tries()).toBe(1)
    expect(await watched.watch.messages()).toMatchObject([{ tries: 1, sent_at: null }])
  })

  it('in quiet hours only where it is serious, and the rest together afterwards', async () => {
    const watched = await start({ quiet_hours: { from: '11:00', to: '08:00' } })
    await strand(watched)
    await watched.receive()
    await watched.after(20 * minute)
    expect(texts()).toEqual([])
    watched.connect({ state: 'lost', lost: { reason: 'crm_unauthorized', error: '', at: 1 } })
    await watched.after(0)
    expect(texts()).toEqual([expect.stringContaining('Потеряна связь с amoCRM')])
    await watched.settle('delivered')
    await watched.after(19 * hour)
    expect(texts(), '07:20').toHaveLength(1)
    await watched.after(hour)
    expect(texts()).toHaveLength(2)
    for (const part of [/1 заказ ждёт человека/, /самый старый ждёт 20 мин/, /Заказы снова уходят/])
      expect(texts()[1]).toMatch(part)
  })

  it('to a webhook, signed, and with the same id when it is sent again', async () => {
    const key = Buffer.alloc(32, 7)
    const webhook = { url: `${sink.url}/hook?key=secret`, secret: `whsec_${key.toString('base64')}` }
    const watched = await start({ channels: { webhook } })
    sink.refuseOnce(503, {})
    await strand(watched)
    await watched.after(0)
    const [failed] = await watched.watch.messages()
    await watched.after(minute)
    const [{ headers, body }] = sink.hooks as [(typeof sink.hooks)[0]]
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
    expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`)
    expect(headers['webhook-timestamp']).toBe(String(watched.world.now / 1000))
    expect(headers['webhook-id']).toBe(failed?.id)
    expect(JSON.parse(body)).toMatchObject({
      type: 'alerts',
      alerts: [{ rule: 'needs_person', state: 'raised', details: { count: 1, reason: 'crm_rejected' } }],
    })
    expect((await watched.watch.recipients())[0]?.shown).not.toContain('secret')
  })

  it('by mail, and the password stays out of what is said of a failure', async () => {
    const mail = await startMailSink()
    const email = { smtp: mail.url, from: 'Паром <parom@example.ru>', to: ['shop@example.ru', 'boss@example.ru'] }
    const watched = await start({ channels: { email } })
    await strand(watched)
    await watched.after(0)
    expect(mail.mails).toHaveLength(1)
    expect(mail.mails[0]).toMatch(/^To: shop@example.ru, boss@example.ru$/m)
    const wrong = mail.url.replace('mail-secret', 'other-secret')
    watched.world.config = { channels: { email: { ...email, smtp: wrong } } }
    watched.connect({ state: 'lost' })
    await watched.after(minute)
    const [failed] = await watched.watch.messages()
    expect(failed?.error).toMatch(/535/)
    expect(failed?.error).not.toMatch(/other-secret/)
    await mail.close()
  })

  it('once more rather than never, where what was sent could not be written down', async () => {
    const watched = await start()
    await strand(watched)
    await watched.after(0)
    await watched.database.db.updateTable('alert_messages').set({ due_at: watched.world.now, sent_at: null }).execute()
    await watched.after(minute)
    expect(texts()).toHaveLength(2)
  })

  it('while the database is gone, after a minute and once, and when it is back', async () => {
    const watched = await start()
    await watched.after(0)
    const { db } = watched.database
    await db.schema.alterTable('duties').renameTo('lost').execute()
    await watched.after(0)
    await watched.after(50_000)
    expect(texts()).toEqual([])
    await watched.after(10_000)
    await watched.after(minute)
    expect(texts()).toEqual([expect.stringMatching(/⚠ База данных недоступна/)])
    await db.schema.alterTable('lost').renameTo('duties').execute()
    await watched.after(3 * minute)
    expect(texts()[1]).toMatch(/✓ База данных снова работает\. Длилось 5 мин/)
    expect((await watched.watch.messages()).map(({ kind }) => kind).toSorted()).toEqual(['over', 'raised'])
  })

  it('to nobody who is not named any more', async () => {
    const watched = await start()
    sink.refuseOnce(500, {})
    await strand(watched)
    await watched.after(0)
    watched.world.config = {}
    await watched.after(minute)
    expect(await watched.watch.messages()).toMatchObject([{ due_at: null, sent_at: null }])
    expect(sink.tries()).toBe(1)
  })
})
