import { afterEach, beforeEach, expect, it } from 'vitest'
import { openDatabase } from '../../src/database/open.ts'
import { botToken, startHttpSink, startMailSink } from '../support/alert-sinks.ts'
import { onEachDatabase } from '../support/databases.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { startParom } from '../support/parom.ts'
import { createVisitor, formWith } from '../support/visitor.ts'

onEachDatabase('the page of alerts', (database) => {
  let sink: Awaited<ReturnType<typeof startHttpSink>>
  let mail: Awaited<ReturnType<typeof startMailSink>>
  let url: string
  let parom: Awaited<ReturnType<typeof startParom>>
  let visitor: ReturnType<typeof createVisitor>
  beforeEach(async () => {
    sink = await startHttpSink()
    mail = await startMailSink()
    url = await database.fresh()
    const channels = {
      telegram: { token: botToken, chats: ['-1001234567890'], api: sink.url },
      email: { smtp: mail.url, from: 'parom@example.ru', to: ['shop@example.ru'] },
      webhook: { url: `${sink.url}/hook/very-secret` },
    }
    parom = await startParom({ databaseUrl: url, alerts: { channels, quiet_hours: { from: '22:00', to: '08:00' } } })
    visitor = createVisitor(parom.url)
    await visitor.signIn()
  })
  afterEach(async () => {
    await parom.close()
    await sink.close()
    await mail.close()
  })

  const page = async () => (await visitor.visit('/app/alerts')).text
  async function test(recipient: string) {
    const { text } = await visitor.submit('/app/alerts/tests', formWith('recipient', recipient, await page()))
    return text
  }

  it('shows who is told of what, and no secret', async () => {
    const text = await page()
    for (const words of [
      'Telegram <code>…7890</code>',
      's…@example.ru',
      'Заказ не уходит дольше 15 мин',
      'С 22:00 до 08:00',
    ])
      expect(text).toContain(words)
    for (const secret of [botToken, 'mail-secret', 'very-secret', 'shop@']) expect(text).not.toContain(secret)
  })

  it('sends a test to each of them, and says what was answered', async () => {
    expect(await test('telegram:-1001234567890')).toMatch(
      /Проверочное сообщение отправлено: Telegram …7890\. Ответ: ok/,
    )
    expect(sink.messages[0]?.text).toContain('Её отправил admin')
    expect(await test('email')).toMatch(/Ответ: 250 2\.0\.0 taken as 42/)
    expect(mail.mails).toHaveLength(1)
    expect(await test('webhook')).toMatch(/Ответ: 200 \{&quot;ok&quot;:true/)
    expect(JSON.parse(sink.hooks[0]?.body ?? '')).toMatchObject({ type: 'test' })
    const { db, close } = openDatabase(url)
    const audited = await db
      .selectFrom('audit')
      .select(['action', 'target', 'login'])
      .where('action', '=', 'alert_tested')
      .execute()
    await close()
    expect(audited.map(({ target }) => target).toSorted()).toEqual([
      expect.stringContaining('email'),
      'telegram …7890',
      expect.stringContaining('webhook 127.0.0.1'),
    ])
  })

  it('says why a test did not get through', async () => {
    sink.refuseOnce(400, { ok: false, description: `Bad Request: chat not found <b>${botToken}` })
    const text = await test('telegram:-1001234567890')
    expect(text).toContain('400 Bad Request: chat not found &lt;b&gt;…')
    const form = formWith('recipient', 'email', await page())
    const { status } = await visitor.submit('/app/alerts/tests', { ...form, recipient: 'telegram:1' })
    expect(status).toBe(404)
  })

  it('shows what is wrong since when, and what was told', async () => {
    await parom.sandbox.disconnect()
    await parom.reaches((await parom.post(asForm(anOrder()))).body.id, 'held')
    parom.advance(1)
    await expect.poll(() => sink.messages.length).toBe(1)
    await expect
      .poll(page)
      .toMatch(/Потеряна связь с amoCRM[\s\S]*?требует внимания[\s\S]*?Последние сообщения[\s\S]*?ушло/)
    expect(sink.messages[0]?.text).toMatch(new RegExp(`${parom.url}/api/auth$`))
  })
})
