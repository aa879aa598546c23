import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { createInstances } from '../../src/database/instances.ts'
import { openDatabase } from '../../src/database/open.ts'
import { onEachDatabase } from '../support/databases.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { startParom, startTestSandbox } from '../support/parom.ts'
import { createVisitor, formWith } from '../support/visitor.ts'

const day = 24 * 60 * 60_000
const json = { headers: { accept: 'application/json' } }

onEachDatabase('the overview', (database) => {
  let databaseUrl: string
  let sandbox: Awaited<ReturnType<typeof startTestSandbox>>
  let parom: Awaited<ReturnType<typeof startParom>>
  let admin: ReturnType<typeof createVisitor>
  let viewer: ReturnType<typeof createVisitor>
  beforeAll(async () => {
    databaseUrl = await database.fresh()
    sandbox = await startTestSandbox()
    parom = await startParom({ databaseUrl, sandbox, users: [{ login: 'vera', roles: ['viewer'] }] })
    admin = createVisitor(parom.url)
    viewer = createVisitor(parom.url)
    expect((await admin.signIn()).location).toBe('/app')
    await viewer.signIn('vera', 'vera-password')
  })
  afterAll(async () => {
    await parom.close()
    await sandbox.close()
  })

  const page = async (visitor = admin) => textOf((await visitor.visit('/app')).text)
  const textOf = (html: string) => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')
  const newOrder = async (order_id: string) => (await parom.post(asForm(anOrder({ order_id })))).body.id
  const withDatabase = async <Result>(work: (db: ReturnType<typeof openDatabase>['db']) => Promise<Result>) => {
    const { db, close } = openDatabase(databaseUrl)
    return work(db).finally(close)
  }
  const tick = async (item: string, done: string) => {
    const form = formWith('item', item, (await admin.visit('/app')).text)
    return admin.submit('/app/checklist', { ...form, done })
  }

  it('says how to send the first order, and waits for it', async () => {
    const { text } = await admin.visit('/app')
    expect(textOf(text)).toContain('○ Не сделано: Пришёл первый заказ')
    expect(text).toContain(`<code class="copy">${parom.url}/api/order/create</code>`)
    expect(text).toContain('Ждём заказ')
    const id = await newOrder('1')
    const after = await admin.visit('/app')
    expect(textOf(after.text)).toContain('✓ Сделано: Пришёл первый заказ')
    expect(after.text).toContain(`href="/app/transactions/${id}"`)
    expect(after.text).not.toContain('Ждём заказ')
    await parom.reaches(id, 'delivered')
  })

  it('ticks by itself what is done', async () => {
    expect(await page()).toContain('✓ Сделано: amoCRM подключена')
    expect(await page()).toContain('○ Не сделано: Поля и воронки из настроек найдены в amoCRM Проверки ещё не было')
    const form = formWith('_csrf', /./, (await admin.visit('/app/doctor')).text)
    await admin.submit('/app/doctor/checks', form)
    await expect.poll(page).toContain('✓ Сделано: Поля и воронки')
    expect(await page()).toContain('○ Не сделано: Есть второй администратор')
  })

  it('takes a word for the backups, and tells whose it was', async () => {
    expect(await tick('backup', '1')).toMatchObject({ status: 303, location: '/app' })
    await tick('backup', '1')
    expect(await page()).toContain('✓ Сделано: База данных копируется Так сказал admin')
    await tick('backup', '0')
    expect(await page()).toContain('○ Не сделано: База данных копируется')
    const deeds = await withDatabase((db) =>
      db.selectFrom('audit').select(['login', 'target', 'became']).where('action', '=', 'checklist_changed').execute(),
    )
    expect(deeds).toEqual([
      { login: 'admin', target: 'backup', became: '{"done":true}' },
      { login: 'admin', target: 'backup', became: '{"done":false}' },
    ])
    await admin.submit('/app/checklist', { ...formWith('item', 'backup', (await admin.visit('/app')).text), item: 'x' })
  })

  it('leaves the first steps out once somebody says so, and shows them again', async () => {
    await tick('dismissed', '1')
    expect(await page()).not.toContain('Пришёл первый заказ')
    await tick('dismissed', '0')
    expect(await page()).toContain('Пришёл первый заказ')
  })

  it('shows figures to who may only see, and nothing that he may not do', async () => {
    const { text } = await viewer.visit('/app')
    expect(text).toContain('Принято')
    expect(text).not.toContain('Первые шаги')
    expect(text).not.toContain('/app/checklist')
    expect(text).not.toContain('/api/auth')
    expect(text).not.toMatch(/Иванова|912 345/)
  })

  it('counts what has come, what was delivered and how long that took, also for machines', async () => {
    await withDatabase((db) =>
      db
        .updateTable('messages')
        .set((row) => ({ delivered_at: row('received_at', '+', 2000) }))
        .execute(),
    )
    parom.advance(60_000)
    const read = async () => JSON.parse((await viewer.visit('/app', json)).text)
    await expect.poll(read).toMatchObject({ today: { received: 1, delivered: 1, failed: 0, timed: 1 }, dead: 0 })
    const { today, last_7_days } = await read()
    expect(today.median / 2000).toBeCloseTo(1, 0.9)
    expect(last_7_days).toEqual(today)
    expect(await page()).toMatch(/половина за \S+ с по 1 заказу, судить рано/)
    const { text } = await admin.visit('/app')
    const rows = [...text.matchAll(/<th scope="row">[^<]*<\/th>\s*<td[^>]*>(\d+)<\/td>\s*<td[^>]*>(\d+)<\/td>/g)]
    expect(rows.map((row) => row.slice(1).join('/')).filter((row) => row !== '0/0')).toEqual(['1/1', '1/1'])
    expect(rows).toHaveLength(24 + 7)
  })

  it('lists the processes of the installation as long as they run', async () => {
    const traffic = () => ({ requests: 90, busiest: 3, answeredAt: parom.clock.now() })
    await withDatabase(async (db) => {
      const other = createInstances({
        db,
        host: 'elsewhere:7',
        version: '9.9',
        settings: () => '',
        traffic,
        now: parom.clock.now,
      })
      await other.tellOfThisOne()
      expect(await page()).toMatch(/Этот процесс \S+:\d+ версия \d.* Ещё процесс elsewhere:7 версия 9\.9, работает/)
      expect(await page()).toMatch(/Запросы к amoCRM [1-9],\d в секунду из 7/)
      parom.clock.advance(50_000)
      expect(await page()).toMatch(/elsewhere:7 версия 9\.9, молчит 50\sс/)
      await other.forgetThisOne()
      expect(await page()).not.toContain('elsewhere')
    })
  })

  it('is told of a process that comes, and of one that stops', async () => {
    const url = await database.fresh()
    const own = await startParom({ databaseUrl: url })
    const { db, close } = openDatabase(url)
    onTestFinished(close)
    const hosts = async () => (await db.selectFrom('instances').select('host').execute()).map(({ host }) => host)
    await expect.poll(hosts).toEqual([own.inbox.host])
    await own.close()
    expect(await hosts()).toEqual([])
  })

  it('says how often amoCRM is asked, when it last answered and how large the database is', async () => {
    const text = await page()
    expect(text).toMatch(/Запросы к amoCRM \d+(,\d)? в секунду из 7/)
    expect(text).toMatch(/Последний ответ amoCRM \d\d\.\d\d\.\d{4}/)
    expect(text).toMatch(/База данных \d+(,\d)?\sМБ/)
    expect(text.includes('на диске свободно')).toBe(database.name === 'SQLite')
  })

  it('says on every page how many orders wait, while amoCRM lets nobody in', async () => {
    const { text } = await admin.visit('/app/transactions')
    expect(text).not.toContain('Накопил')
    await sandbox.disconnect()
    const ids = [await newOrder('2'), await newOrder('3')]
    for (const id of ids) await parom.reaches(id, 'held')
    for (const path of ['/app', '/app/transactions', '/app/doctor'])
      expect(textOf((await admin.visit(path)).text)).toMatch(
        /потеряна, заказы ждут с \d\d\.\d\d\.\d{4}, [\d:]+ : amoCRM не принимает токен\. Накопились 2 заказа, они уйдут сами \. Подключить/,
      )
    expect(textOf((await viewer.visit('/app/transactions')).text)).toContain('они уйдут сами . Скажите администратору')
    expect(await page()).toMatch(/Ждут связи с amoCRM 2 /)
    expect(await page()).toContain('○ Не сделано: amoCRM подключена')
    const { oldest_received_at, held } = JSON.parse((await admin.visit('/app', json)).text)
    expect({ oldest_received_at, held }).toEqual({
      oldest_received_at: new Date((await parom.inbox.find(ids[0] ?? ''))?.received_at ?? 0).toISOString(),
      held: 2,
    })
  })

  it('reads as well in English', async () => {
    const visitor = createVisitor(parom.url)
    await visitor.signIn()
    await visitor.submit('/language', { ...formWith('_csrf', /./, (await visitor.visit('/app')).text), language: 'en' })
    const text = await page(visitor)
    expect(text).toContain('Overview')
    expect(text).toMatch(/2 orders are kept and will go out by themselves/)
    expect(text.replace(/Администратор|Паром|Русский|песочница/g, '')).not.toMatch(/[а-я]/i)
  })

  it('counts the days that are left of a token that ends soon', async () => {
    const own = await startParom({ databaseUrl: await database.fresh() })
    onTestFinished(() => own.close())
    const visitor = createVisitor(own.url)
    await visitor.signIn()
    const days = async () =>
      /<dd(?: class="(\w+)")?><time[^>]*>[^<]*<\/time><small>([^<]*)</
        .exec((await visitor.visit('/app')).text)
        ?.slice(1)
    expect(await days()).toEqual([undefined, ''])
    const ends = Date.parse(
      /Действует до<\/dt><dd><time datetime="([^"]+)"/.exec((await visitor.visit('/app')).text)?.[1] ?? '',
    )
    for (const [left, shown] of [
      [9.5, ['warned', 'осталось 10 дней']],
      [1.5, ['problem', 'осталось 2 дня']],
    ] as const) {
      own.clock.advance(ends - left * day - own.clock.now())
      await visitor.signIn()
      expect(await days()).toEqual(shown)
    }
  })
})
