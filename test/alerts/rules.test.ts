import { afterEach, beforeEach, expect, it } from 'vitest'
import { sendTelegram } from '../../src/alerts/channels/telegram.ts'
import { botToken, startHttpSink } from '../support/alert-sinks.ts'
import { onEachDatabase } from '../support/databases.ts'
import { hour, minute, startWatch } from '../support/watched.ts'

onEachDatabase('the alerts', (database) => {
  let sink: Awaited<ReturnType<typeof startHttpSink>>
  beforeEach(async () => {
    sink = await startHttpSink()
  })
  afterEach(() => sink.close())

  const start = async (rules = {}, options = {}) => {
    const telegram = { token: botToken, chats: ['-1001'], api: sink.url }
    return startWatch(await database.fresh(), { channels: { telegram }, rules }, options)
  }
  const texts = () => sink.messages.map(({ text }) => text)

  it('say once that orders wait for a person, however many they are, and once that none does', async () => {
    const watched = await start()
    await watched.after(0)
    expect(texts()).toEqual([])
    await watched.receive(3)
    await watched.settle('dead', () => 'Z-7')
    for (let look = 0; look < 3; look++) await watched.after(minute / 2)
    expect(texts()).toEqual([
      [
        'Паром\n',
        '⚠ 3 заказа ждут человека',
        'Чаще всего: amoCRM не приняла данные',
        'Заказы: Z-7',
        'https://crm.example.ru/app/problems',
      ].join('\n'),
    ])
    await watched.receive(2)
    await watched.settle('dead')
    await watched.after(minute)
    expect(texts()).toHaveLength(1)

    await watched.inbox.redeliverWaiting({ account: 'shop.amocrm.ru', state: 'dead' })
    await watched.settle('delivered')
    await watched.after(28.5 * minute)
    expect(texts().slice(1)).toEqual(['Паром\n\n✓ Ни один заказ больше не ждёт человека. Длилось 30 мин'])
  })

  it('say it once more an hour later where they have become more, and not where they are the same', async () => {
    const watched = await start({ oldest_waiting: false })
    await watched.receive()
    await watched.settle('dead')
    await watched.after(0)
    await watched.after(2 * hour)
    expect(texts()).toHaveLength(1)
    await watched.receive()
    await watched.settle('dead')
    await watched.after(0)
    expect(texts()[1]).toMatch(/⚠ Человека ждут уже 2 заказа/)
    await watched.after(minute)
    expect(texts()).toHaveLength(2)
  })

  it('say that an order waits too long, and when the orders go out again', async () => {
    const watched = await start()
    const [id] = await watched.receive()
    await watched.after(15 * minute)
    expect(texts()).toEqual([])
    await watched.after(minute)
    expect(texts()).toEqual([
      `Паром\n\n⚠ Заказы не уходят в amoCRM: самый старый ждёт 16 мин\nhttps://crm.example.ru/app/transactions/${id}`,
    ])
    await watched.settle('delivered')
    await watched.after(4 * minute)
    expect(texts()[1]).toBe('Паром\n\n✓ Заказы снова уходят в amoCRM. Длилось 4 мин')
  })

  it('count the wait of an order that was sent again from then on', async () => {
    const watched = await start({ needs_person: false })
    await watched.receive()
    await watched.settle('dead')
    await watched.after(3 * hour)
    await watched.inbox.redeliverWaiting({ account: 'shop.amocrm.ru', state: 'dead' })
    await watched.after(10 * minute)
    expect(texts()).toEqual([])
    await watched.after(6 * minute)
    expect(texts()).toEqual([expect.stringContaining('самый старый ждёт 16 мин')])
  })

  it('say that the connection is lost, and that it is back', async () => {
    const watched = await start()
    watched.connect({ state: 'lost', lost: { reason: 'crm_payment_required', error: 'secret words', at: 1 } })
    await watched.after(0)
    watched.connect({})
    await watched.after(75 * minute)
    expect(texts()).toEqual([
      'Паром\n\n⚠ Потеряна связь с amoCRM: заказы принимаются и ждут\nПричина: аккаунт amoCRM не оплачен\nhttps://crm.example.ru/api/auth',
      'Паром\n\n✓ Связь с amoCRM восстановлена. Длилось 1 ч 15 мин',
    ])
  })

  it('say that the access ends within fourteen days', async () => {
    const watched = await start()
    watched.connect({ until: watched.world.now + 14 * 24 * hour + minute })
    await watched.after(0)
    expect(texts()).toEqual([])
    await watched.after(2 * minute)
    expect(texts()).toEqual([expect.stringMatching(/⚠ Доступ к amoCRM кончается 09\.12\.2026, 12:01/)])
    watched.connect({})
    await watched.after(0)
    expect(texts()[1]).toMatch(/✓ Доступ к amoCRM продлён/)
  })

  it('say that no orders came for so many working hours: nights and weekends do not count', async () => {
    const watched = await start({ no_orders: { hours: 3 }, oldest_waiting: false })
    await watched.after(24 * hour)
    expect(texts(), 'nobody has ever sent one').toEqual([])
    // Friday, 17:00; the day ends at 18:00.
    await watched.after(29 * hour)
    await watched.receive()
    await watched.after(24 * hour)
    expect(texts(), 'Saturday').toEqual([])
    await watched.after(41 * hour + 55 * minute)
    expect(texts(), 'Monday, 10:55').toEqual([])
    await watched.after(10 * minute)
    expect(texts(), 'Monday, 11:05').toEqual([
      expect.stringMatching(/⚠ Уже больше 3 рабочих часов нет заказов; последний пришёл 27\.11\.2026, 17:00/),
    ])
    await watched.after(72 * hour)
    expect(texts()).toHaveLength(1)
    await watched.receive()
    await watched.after(0)
    expect(texts()[1]).toMatch(/✓ Заказы снова приходят\. Длилось 3 дн\.?/)
  })

  it('say that the disk is nearly full', async () => {
    const watched = await start({ disk: { percent: 0, gigabytes: 1e9 } }, { file: '/tmp/parom.db' })
    await watched.after(0)
    expect(texts()).toEqual([expect.stringMatching(/⚠ Место на диске кончается: свободно [\d\s,]+ ГБ из [\d\s,]+ ГБ/)])
    watched.world.config = { ...watched.world.config, rules: { disk: { percent: 0, gigabytes: 0 } } }
    await watched.after(minute)
    expect(texts()[1]).toMatch(/✓ Места на диске снова достаточно/)
  })

  it('say nothing of rules that are switched off', async () => {
    const off = { needs_person: false, oldest_waiting: false, connection_lost: false } as const
    const watched = await start(off)
    await watched.receive(2)
    await watched.settle('dead')
    watched.connect({ state: 'lost' })
    await watched.after(hour)
    expect(texts()).toEqual([])
    expect((await watched.watch.standings()).filter(({ standing }) => standing)).toEqual([])
  })

  it('show what an order holds as it is, and nothing of its buyer', async () => {
    const watched = await start()
    await watched.receive()
    await watched.settle('dead', () => '<b>_1_</b> [x](http://evil.example)\n⚠ fake\u202e')
    await watched.after(0)
    const [{ text, ...rest }] = sink.messages as [(typeof sink.messages)[0]]
    expect(rest).toEqual({ chat_id: '-1001', link_preview_options: { is_disabled: true } })
    expect(text).toContain('Заказы: <b>_1_</b> [x](http://evil.example) ⚠ fake\n')
    expect(text).not.toMatch(/912/)
  })

  it('cut what is long between two characters: Telegram refuses half of one', async () => {
    const watched = await start()
    await watched.receive()
    await watched.settle('dead', () => `${'x'.repeat(58)}😀😀`)
    await watched.after(0)
    expect(texts()[0]).toContain(`Заказы: ${'x'.repeat(58)}`)
    expect(texts()[0]?.isWellFormed()).toBe(true)
    await sendTelegram({ token: botToken, api: sink.url }, '-1001', `${'x'.repeat(4094)}😀😀`)
    expect([texts()[1]?.isWellFormed(), texts()[1]?.length]).toEqual([true, 4096])
  })
})
