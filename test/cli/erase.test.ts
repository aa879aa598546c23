import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type Kysely, sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Database, openDatabase } from '../../src/database/open.ts'
import type { Tables } from '../../src/database/tables.ts'
import { onEachDatabase } from '../support/databases.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { startParom } from '../support/parom.ts'
import { run } from '../support/process.ts'
import { aRefusal } from '../support/refused.ts'
import { createVisitor } from '../support/visitor.ts'

const account = 'sandbox.amocrm.ru'
const phone = '+7 913 246-80-13'
const email = 'anna@mail.example'
/** However it may be written. */
const written = /913(?:[^\da-z]|%20|%29|%28|\+){0,6}246(?:[^\da-z]|%20){0,3}80(?:[^\da-z]|%20){0,3}13|anna(@|%40)mail/i

const tables = [
  'messages',
  'search_keys',
  'attempts',
  'steps',
  'runs',
  'audit',
  'alert_messages',
  'alerts',
  'saved_views',
  'mirror_items',
  'mirror_keys',
] as const

async function tracesIn(db: Kysely<Tables>) {
  const found: string[] = []
  for (const table of tables) {
    const { rows } = await sql<Record<string, unknown>>`SELECT * FROM ${sql.table(table)}`.execute(db)
    for (const row of rows)
      for (const [column, value] of Object.entries(row)) {
        const text = value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)
        if (written.test(text)) found.push(`${table}.${column}`)
      }
  }
  return [...new Set(found)]
}

onEachDatabase('npx parom erase', (database) => {
  let databaseUrl: string
  let parom: Awaited<ReturnType<typeof startParom>>
  let opened: Database
  let folder: string
  const orders: Record<'delivered' | 'other' | 'mention', string> = { delivered: '', other: '', mention: '' }
  let dead: string
  const order = anOrder({ telephone: phone, email, order_id: '77', lastname: 'Анна' })

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'parom-proof-'))
    databaseUrl = await database.fresh()
    parom = await startParom({ databaseUrl })
    opened = openDatabase(databaseUrl)
    const send = async (fields: object) => {
      const { body } = await parom.post(asForm({ ...order, ...fields }))
      await parom.reaches(body.id, 'delivered')
      return body.id
    }
    orders.delivered = await send({})
    orders.other = await send({ order_id: '78', telephone: '+7 999 000-11-22', email: 'oleg@mail.example' })
    orders.mention = await send({
      ...{ order_id: '79/89132468013', telephone: '+7 999 000-11-22', email: 'oleg@mail.example' },
      comment: `Звоните Анне: 8 (913) 246-80-13`,
    })
    const conflict = await parom.post(asForm({ ...order, lastname: 'Другая' }))
    expect(conflict.status).toBe(200)
    const held = await opened.db
      .selectFrom('messages')
      .select('id')
      .where('state', '=', 'dead')
      .executeTakeFirstOrThrow()
    dead = held.id
    const escaped = JSON.stringify({ phone }).replaceAll('9', '\\u0039').replaceAll(' ', '\\u0020')
    for (const [body, headers] of [
      [Buffer.from(`{"escaped":${escaped},"plain":"89132468013"}`), {}],
      [gzipSync(`telephone=${encodeURIComponent(phone)}`), { 'content-encoding': 'gzip' }],
    ] as const)
      await parom.inbox.keepRefused({ ...aRefusal(account), body, headers })
    await parom.inbox.keepRefused({ ...aRefusal(account), body: Buffer.from('telephone=1') })
    const view = { login: 'admin', name: `Анна ${phone}`, query: `q=${encodeURIComponent(phone)}`, created_at: 1 }
    await opened.db
      .insertInto('saved_views')
      .values({ id: 'view', ...view })
      .execute()
    const deed = { at: 1, login: 'admin', address: null, action: 'exported', target: null, was: null }
    await opened.db
      .insertInto('audit')
      .values({ id: 'deed', ...deed, became: `{"q":"${phone}"}` })
      .execute()
    const run = { account, name: `run ${phone}`, created_at: 1, created_by: 'a', scope: '{}', position: null }
    await opened.db
      .insertInto('runs')
      .values({ id: 'run', state: 'done', ended_at: 1, ...run })
      .execute()
  })
  afterAll(async () => {
    await opened.close()
    await parom.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function command(...args: string[]) {
    const env = { ENV_TYPE: 'local', DATABASE_URL: databaseUrl, AMO_BASE_URL: parom.sandbox.url }
    const { exited, output } = run('src/cli/parom.ts', ['erase', ...args, '--proof', folder], env)
    return { code: await exited, output: output() }
  }

  it('says what there is, and changes nothing, when it is only tried', async () => {
    const before = await tracesIn(opened.db)
    expect(before).toEqual(expect.arrayContaining(['messages.body', 'steps.request', 'search_keys.value', 'runs.name']))
    const { code, output } = await command('--phone', phone, '--email', email, '--dry-run')
    expect(code).toBe(0)
    expect(output).toContain('Доставленные заказы: 2')
    expect(output).toContain('Заказы, которые ещё не доставлены: 1')
    expect(output).toContain('Отклонённые запросы: 2')
    // One that merely waits for a person may not be read yet.
    expect(output).toMatch(/где-то в тексте: [12]/)
    expect(output).toContain(`${parom.sandbox.url}/leads/detail/`)
    expect(output).toContain('•••8013, •••@mail.example')
    expect(output).not.toMatch(written)
    expect(await tracesIn(opened.db)).toEqual(before)
  })

  it('refuses while an order is not delivered, and without a word of who types', async () => {
    const refused = [command('--phone', phone, '--yes'), command('--phone', phone, '--unfinished')]
    const outputs = (await Promise.all(refused)).map(({ code, output }) => `${code} ${output}`)
    expect(outputs).toEqual([
      expect.stringMatching(/^1.*поэтому ничего не стёрто/s),
      expect.stringMatching(/^1.*Ничего не стёрто/s),
    ])
    expect((await parom.inbox.find(orders.delivered))?.erased_at).toBe(null)
    expect(readdirSync(folder)).toEqual([])
  })

  it('erases nothing when the proof has no place', async () => {
    const env = { ENV_TYPE: 'local', DATABASE_URL: databaseUrl, STATE_DIRECTORY: '/dev/null' }
    const { exited, output } = run('src/cli/parom.ts', ['erase', '--order', '78', '--yes'], env)
    expect([await exited, output()]).toEqual([1, expect.stringContaining('Справку некуда записать: /dev/null/erased')])
    expect((await parom.inbox.find(orders.other))?.erased_at).toBe(null)
  })

  it('proves what was begun, too, when it cannot end it', async () => {
    const before = readdirSync(folder)
    await sql`ALTER TABLE search_keys RENAME TO elsewhere`.execute(opened.db)
    const { code } = await command('--phone', phone, '--yes', '--unfinished')
    await sql`ALTER TABLE elsewhere RENAME TO search_keys`.execute(opened.db)
    expect(code).toBe(1)
    const [name = '', ...others] = readdirSync(folder).filter((each) => !before.includes(each))
    expect(others).toEqual([])
    const proof = JSON.parse(readFileSync(join(folder, name), 'utf8'))
    expect(proof).toMatchObject({ isFinished: false, unfinished: [dead] })
    expect(proof.delivered).toContain(orders.delivered)
    expect(await tracesIn(opened.db)).toContain('messages.body')
    rmSync(join(folder, name))
  })

  it('leaves nothing of the buyer in the database, and everything of others', async () => {
    const other = await parom.inbox.find(orders.other)
    const { code, output } = await command('--phone', phone, '--email', email, '--unfinished', '--yes')
    expect(output).toContain('Стёрто. Справка:')
    expect(code).toBe(0)
    expect(await tracesIn(opened.db)).toEqual([])
    expect(await parom.inbox.find(orders.other)).toEqual(other)
    expect(await parom.inbox.attempts(orders.other)).not.toEqual([])
    expect(await parom.inbox.find(dead)).toMatchObject({ state: 'rejected', reason: 'erased', erased_for: 'buyer' })
    expect((await parom.inbox.list({ limit: 9, state: 'rejected' })).messages).toHaveLength(2)
    const views = await opened.db.selectFrom('saved_views').select(['name', 'query']).execute()
    expect(views).toEqual([{ name: 'Анна ***', query: '' }])
  })

  if (database.name === 'SQLite')
    it('leaves nothing of the buyer in the file either', () => {
      const file = databaseUrl.slice('sqlite:'.length)
      for (const each of [file, `${file}-wal`]) expect(readFileSync(each).toString('latin1'), each).not.toMatch(written)
    })

  it('proves it without a word of whom, for nobody else to read', async () => {
    const [name = ''] = readdirSync(folder)
    const file = join(folder, name)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const text = readFileSync(file, 'utf8')
    expect(text).not.toMatch(written)
    const proof = JSON.parse(text)
    const lead = (await parom.inbox.find(orders.delivered))?.lead_id
    expect(proof).toMatchObject({
      delivered: expect.arrayContaining([orders.delivered, orders.mention]),
      unfinished: [dead],
      counts: { orders: 3, refused: 2, mentions: 3 },
      left: [],
      isLogEmpty: true,
      isFinished: true,
      wanted: [{ kind: 'phone', digest: expect.stringMatching(/^[\w-]{43}$/) }, { kind: 'email' }],
      notErased: { amocrm: { leads: expect.arrayContaining([lead]) } },
    })
    const audit = await opened.db.selectFrom('audit').selectAll().where('action', '=', 'buyer_erased').execute()
    expect(audit).toEqual([expect.objectContaining({ became: JSON.stringify({ orders: 5, proof: name }) })])
  })

  it('knows the order when it comes again, and has its page say what became of it', async () => {
    expect((await parom.post(asForm(order))).body).toMatchObject({ id: orders.delivered, duplicate: true })
    const visitor = createVisitor(parom.url)
    await visitor.signIn()
    const { text } = await visitor.visit(`/app/transactions/${orders.delivered}`)
    expect(text).toContain('Данные покупателя стёрты')
    expect(text).toContain('Об этом попросил покупатель.')
    expect((await visitor.visit(`/app/transactions/${dead}`)).text).toContain('Заказ не был доставлен и уже не будет.')
  })

  it('finds nothing a second time, and one order by its number', async () => {
    const [again, byNumber, unknown] = await Promise.all([
      command('--phone', phone, '--email', email, '--yes'),
      command('--order', '78', '--yes'),
      command('--order', 'нет такого', '--yes'),
    ])
    expect(again).toEqual({ code: 0, output: expect.stringContaining('Ничего не найдено.') })
    expect(byNumber?.code).toBe(0)
    expect(unknown).toEqual({ code: 1, output: expect.stringContaining('Заказа нет такого нет.') })
    expect(await parom.inbox.find(orders.other)).toMatchObject({ erased_for: 'buyer', phone_digits: null })
  })

  if (database.name === 'SQLite')
    it('keeps the proof where the server keeps what is its own', async () => {
      const env = { ENV_TYPE: 'local', DATABASE_URL: databaseUrl, STATE_DIRECTORY: folder }
      const { exited } = run('src/cli/parom.ts', ['erase', '--order', '78', '--yes'], env)
      expect(await exited).toBe(0)
      expect(readdirSync(join(folder, 'erased'))).toHaveLength(1)
    })

  if (database.name === 'SQLite')
    it('understands nobody whom it could take for somebody else', async () => {
      const said = [
        [['--phone', '345-67-89'], 1, 'хотя бы 10 цифр'],
        [['--email', 'anna'], 1, 'не адрес почты'],
        [[], 2, 'npx parom erase [--phone'],
      ] as const
      const answers = await Promise.all(said.map(([args]) => command(...args)))
      expect(answers).toEqual(said.map(([, code, text]) => ({ code, output: expect.stringContaining(text) })))
    })
})
