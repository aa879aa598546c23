import { beforeAll, expect, it } from 'vitest'
import { migrate } from '../../src/database/migrate.ts'
import { openDatabase } from '../../src/database/open.ts'
import { createInbox } from '../../src/inbox/inbox.ts'
import type { Outcome } from '../../src/inbox/message.ts'
import type { Refused } from '../../src/inbox/refused.ts'
import { onEachDatabase } from '../support/databases.ts'
import { run } from '../support/process.ts'
import { aRefusal } from '../support/refused.ts'

/** The account of the configuration that ships. */
const account = 'sandbox.amocrm.ru'
const rejected: Outcome = { kind: 'dead', reason: 'crm_rejected', error: 'x' }

onEachDatabase('npx parom', (database) => {
  let databaseUrl: string
  beforeAll(async () => {
    databaseUrl = await database.fresh()
    const opened = openDatabase(databaseUrl)
    await migrate(opened)
    await opened.close()
  })

  async function command(...args: string[]) {
    const { exited, output } = run('src/cli/parom.ts', args, { ENV_TYPE: 'local', DATABASE_URL: databaseUrl })
    return { code: await exited, output: output() }
  }

  async function withInbox<Result>(work: (inbox: ReturnType<typeof createInbox>) => Promise<Result>) {
    const database = openDatabase(databaseUrl)
    try {
      return await work(createInbox(database, Date.now))
    } finally {
      await database.close()
    }
  }

  /** An order whose first attempt ended so; null: it is at work. */
  function anOrder(outcome: Outcome | null) {
    return withInbox(async (inbox) => {
      const message = { account, source: 'lk', dedupeWindow: null, contentType: 'text/plain', headers: {} }
      const dedupeKey = String(Math.random())
      const { id } = await inbox.accept({ ...message, dedupeKey, body: Buffer.from('x') })
      const [claim] = await inbox.claim(account, 1)
      if (outcome && claim) await inbox.settle([{ claim, outcome }])
      return id
    })
  }
  /** A request that was refused; gives its id. */
  function aRefused(refusal: Partial<Refused> = {}) {
    return withInbox(async (inbox) => {
      await inbox.keepRefused({ ...aRefusal(account), body: Buffer.from(`order_id=${Math.random()}`), ...refusal })
      const { messages } = await inbox.list({ limit: 1, state: 'rejected' })
      return messages[0]?.id ?? expect.fail('it was not kept')
    })
  }
  const find = (id: string) => withInbox((inbox) => inbox.find(id))

  it('redeliver sends the orders that are named, and says of each other why not', async () => {
    const ids = [await anOrder(rejected), await anOrder({ kind: 'held', reason: 'not_connected', error: 'x' })]
    const delivered = await anOrder({ kind: 'delivered' })
    const unknown = await anOrder({ ...rejected, reason: 'unknown_outcome' })
    const atWork = await anOrder(null)
    const { code, output } = await command('redeliver', ...ids, delivered, unknown, atWork, 'no-such-order')
    expect(code).toBe(1)
    expect(output.trim().split('\n').sort()).toEqual(
      [
        `${delivered}: уже доставлен, ничего не отправлено`,
        `${unknown}: неизвестно, создана ли сделка; ответьте на странице заказа`,
        `${atWork}: с ним сейчас работает Паром`,
        'no-such-order: такого заказа нет',
        'Поставлено в очередь: 2',
      ].sort(),
    )
    for (const id of ids) expect(await find(id)).toMatchObject({ state: 'pending', attempts_before: 1 })
    expect(await find(delivered)).toMatchObject({ state: 'delivered', edition: 1 })
  })

  it('redeliver sends all that wait in one way', async () => {
    const id = await anOrder(rejected)
    const other = await anOrder({ ...rejected, reason: 'internal' })
    expect(await command('redeliver', '--state', 'dead', '--reason', 'crm_rejected')).toEqual({
      code: 0,
      output: 'Поставлено в очередь: 1\n',
    })
    expect([await find(id), await find(other)]).toMatchObject([{ state: 'pending' }, { state: 'dead' }])
    expect((await command('redeliver', '--state', 'held')).output).toBe('Поставлено в очередь: 0\n')
    expect((await command('redeliver', other)).code).toBe(0)
  })

  it('redeliver accepts what was refused for one reason, but what is known', async () => {
    const body = Buffer.from('order_id=7')
    const ids = [await aRefused(), await aRefused({ body })]
    const known = await aRefused({ body })
    const foreign = await aRefused({ reason: 'rate_limited' })
    expect(await command('redeliver', '--state', 'rejected', '--reason', 'unauthorized')).toEqual({
      code: 0,
      output: 'Поставлено в очередь: 2\n',
    })
    for (const id of ids) expect(await find(id)).toMatchObject({ state: 'pending', source: 'lk', reason: null })
    for (const id of [known, foreign]) expect(await find(id)).toMatchObject({ state: 'rejected' })
    const hopeless = await aRefused({ reason: 'empty', body: Buffer.alloc(0) })
    const { code, output } = await command('redeliver', foreign, known, hopeless)
    expect({ code, lines: output.trim().split('\n').sort() }).toEqual({
      code: 1,
      lines: [
        `${known}: этот заказ уже есть (${ids[1]}), второй раз он не принят`,
        `${hopeless}: запрос отклонён, и принять его как заказ нельзя`,
        'Поставлено в очередь: 1',
      ].sort(),
    })
  })

  it.each([
    [[]],
    [['--state', 'rejected']],
    [['--state', 'rejected', '--reason', 'empty']],
    [['--state', 'rejected', '--reason', 'internal']],
    [['--state', 'delivered']],
    [['--state', 'dead', '--reason', 'nonsense']],
    [['--reason', 'internal']],
    [['--state', 'dead', 'some-id']],
    [['some-id', '--reason', 'internal']],
    [['--all']],
  ])('redeliver %j says how it is used, and sends nothing', async (args) => {
    const { code, output } = await command('redeliver', ...args)
    expect({ code, output }).toEqual({
      code: 2,
      output: expect.stringMatching(/^npx parom redeliver <id>… \| --state/),
    })
  })

  it('pause stops the delivery, and resume lets it go on', async () => {
    const stopped = async () => {
      const { db, close } = openDatabase(databaseUrl)
      const row = await db.selectFrom('connections').select(['stopped_at', 'stopped_by']).executeTakeFirst()
      await close()
      return row
    }
    expect(await command('resume')).toMatchObject({ code: 0, output: 'Доставку никто не останавливал\n' })
    expect(await command('pause')).toMatchObject({ code: 0, output: expect.stringContaining('npx parom resume') })
    expect(await stopped()).toEqual({ stopped_at: expect.any(Number), stopped_by: 'npx parom pause' })
    expect(await command('pause')).toMatchObject({ code: 0, output: expect.stringContaining('уже остановлена') })
    expect(await command('resume')).toMatchObject({ code: 0, output: 'Доставка продолжается\n' })
    expect(await stopped()).toEqual({ stopped_at: null, stopped_by: null })
  })
})

it.each(['redeliver', 'pause'])('npx parom %s says that the database does not answer', async (name) => {
  const env = { ENV_TYPE: 'local', DATABASE_URL: 'mysql://parom:secret@127.0.0.1:1/parom' }
  const { exited, output } = run('src/cli/parom.ts', [name, ...(name === 'redeliver' ? ['some-id'] : [])], env)
  expect(await exited).toBe(1)
  expect(output()).toContain('DATABASE_URL')
  expect(output()).not.toMatch(/secret|\n {4}at /)
})
