import { pino } from 'pino'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openDatabase } from '../../src/database/open.ts'
import { onEachDatabase } from '../support/databases.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { createClock, startParom, startTestSandbox } from '../support/parom.ts'
import { createVisitor, formWith } from '../support/visitor.ts'

onEachDatabase('stopping the delivery by hand', (database) => {
  let databaseUrl: string
  let sandbox: Awaited<ReturnType<typeof startTestSandbox>>
  let parom: Awaited<ReturnType<typeof startParom>>
  let other: Awaited<ReturnType<typeof startParom>>
  let admin: ReturnType<typeof createVisitor>
  let _csrf: string
  const logged: string[] = []
  beforeAll(async () => {
    databaseUrl = await database.fresh()
    sandbox = await startTestSandbox()
    const clock = createClock()
    const log = pino({ level: 'info' }, { write: (line: string) => logged.push(line) })
    parom = await startParom({ databaseUrl, sandbox, clock, log })
    other = await startParom({ databaseUrl, sandbox, clock })
    admin = createVisitor(parom.url)
    await admin.signIn()
    _csrf = formWith('_csrf', /./, (await list()).text)['_csrf'] ?? ''
  })
  afterAll(async () => {
    await parom.close()
    await other.close()
    await sandbox.close()
  })
  const list = () => admin.visit('/app/transactions')
  const press = (button: 'pause' | 'resume', fields: Record<string, string> = {}) =>
    admin.submit(`/app/delivery/${button}`, { _csrf, ...fields })
  const newOrder = async () => (await parom.post(asForm(anOrder({ comment: String(Math.random()) })))).body.id

  /** Fulfilled once whoever delivers has looked whether there is something to do, and has done it. */
  async function twoLooksLater() {
    const { db, close } = openDatabase(databaseUrl)
    const turnEndsAt = async () =>
      (await db.selectFrom('connections').select('delivery_until').executeTakeFirst())?.delivery_until ?? 0
    for (let looks = 0; looks < 2; looks++) {
      parom.advance(2000)
      other.advance(0)
      await expect.poll(turnEndsAt).toBeGreaterThan(parom.clock.now() + 4000)
    }
    await close()
  }

  it('keeps what comes, in every process, until somebody lets it go on', async () => {
    expect((await press('pause')).location).toBe('/app/transactions')
    const id = await newOrder()
    await twoLooksLater()
    expect(await parom.inbox.find(id)).toMatchObject({ state: 'pending', attempts: 0 })

    const elsewhere = createVisitor(other.url)
    await elsewhere.signIn()
    for (const path of ['/app/transactions', `/app/transactions/${id}`]) {
      const { text } = await elsewhere.visit(path)
      expect(text).toContain('Доставка остановлена (admin), заказы принимаются и ждут с')
      expect(formWith('return_page', /./, text)).toMatchObject({ return_page: path })
      expect(text).not.toContain('Остановить доставку')
    }
    const { text } = await elsewhere.visit('/app/transactions')
    const form = formWith('return_page', /./, text)
    expect((await elsewhere.submit('/app/delivery/resume', form)).location).toBe('/app/transactions')
    await parom.reaches(id, 'delivered')
    expect((await list()).text).toContain('Остановить доставку')
    expect((await list()).text).not.toContain('Доставка остановлена')
  })

  it('says who did it and since when, also after a second click', async () => {
    logged.splice(0)
    await press('pause')
    const { text } = await list()
    parom.clock.advance(60_000)
    await press('pause')
    const since = (page: string) => /остановлена[\s\S]*?datetime="([^"]+)"/.exec(page)?.[1]
    expect(since((await list()).text)).toBe(since(text))
    await press('resume')
    await press('resume')
    expect(logged.filter((line) => line.includes('"login":"admin","msg":"delivery stopped"'))).toHaveLength(1)
    expect(logged.filter((line) => line.includes('"login":"admin","msg":"delivery goes on"'))).toHaveLength(1)
  })

  it('finishes what is under way', async () => {
    await sandbox.faults([{ method: 'POST', path: '/api/v4/leads', effect: 'delay', delay_ms: 500, times: 1 }])
    const id = await newOrder()
    await expect.poll(async () => (await parom.inbox.find(id))?.lead_request_at).toBeTruthy()
    await press('pause')
    await parom.reaches(id, 'delivered')
    await press('resume')
  })

  it('wakes the worker of the process in which it is let go on', async () => {
    await press('pause')
    let woken = 0
    parom.inbox.onQueued(() => {
      woken += 1
    })
    await press('resume')
    expect(woken).toBe(1)
  })

  it.each([
    ['/app/transactions/1?x=2', '/app/transactions/1?x=2'],
    ['https://example.com/', '/app/transactions'],
    ['//example.com', '/app/transactions'],
  ])('goes back to where it was pressed, %s, if that is ours', async (return_page, location) => {
    expect(await press('resume', { return_page })).toMatchObject({ status: 303, location })
  })

  it('takes a form of this session, and nothing from a look', async () => {
    for (const address of ['/app/delivery/pause', '/app/delivery/resume']) {
      expect((await admin.submit(address, {})).status).toBe(403)
      expect((await createVisitor(parom.url).submit(address, { _csrf })).status).toBe(302)
      expect((await admin.visit(address)).location).toBe('/app/transactions')
    }
    expect((await list()).text).not.toContain('Доставка остановлена')
  })
})
