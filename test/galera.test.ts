import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createConnectionStore } from '../src/amocrm/connection-store.ts'
import { createSecretBox } from '../src/amocrm/secret-box.ts'
import { createTurns } from '../src/amocrm/turns.ts'
import { migrate } from '../src/database/migrate.ts'
import { type Database, openDatabase } from '../src/database/open.ts'
import { createInbox } from '../src/inbox/inbox.ts'
import { createOrderCodes } from '../src/order-api/order-codes.ts'
import { createPeople, type People, type Person } from '../src/people/people.ts'
import { createThrottle } from '../src/people/throttle.ts'
import { addShop } from './support/api-shops.ts'
import { chaosOrders, sold } from './support/chaos/orders.ts'
import { createShop } from './support/chaos/shop.ts'
import { trafficOf } from './support/chaos/traffic.ts'
import { judge } from './support/chaos/verdict.ts'
import { type Galera, startGalera } from './support/galera.ts'
import { startListener } from './support/listeners.ts'
import { freePort } from './support/mariadb.ts'
import { anOrder, asForm } from './support/orders.ts'
import { postOrder, startParom, startTestSandbox } from './support/parom.ts'
import { startProcess } from './support/process.ts'
import { createVisitor } from './support/visitor.ts'

const account = 'shop.amocrm.ru'

describe('a Galera cluster', () => {
  let galera: Galera
  beforeAll(async () => {
    galera = await startGalera()
    return galera.stop
  })

  describe('of which each process has a node', () => {
    let urls: string[]
    let opened: Database[]
    beforeEach(async () => {
      ;({ urls } = await galera.createDatabase())
      opened = urls.map((url) => openDatabase(url))
      return async () => void (await Promise.all(opened.map((each) => each.close())))
    })

    /** What each process makes of it at the same time. */
    const byAll = <Result>(work: (database: Database, index: number) => Promise<Result>) =>
      Promise.all(opened.map(work))

    it('gets its tables once, though all processes start at once, each with a primary key', async () => {
      await byAll(migrate)
      const without = `SELECT table_name FROM information_schema.tables WHERE table_schema = '${new URL(urls[0] ?? '').pathname.slice(1)}'
        AND table_name NOT IN (SELECT table_name FROM information_schema.table_constraints WHERE constraint_type = 'PRIMARY KEY' AND table_schema = tables.table_schema)`
      expect(await galera.nodes[2].run(without)).toEqual([])
    })

    describe('with its tables', () => {
      beforeEach(() => migrate(opened[0] as Database))

      it('lets all processes change one row as often as they want, and loses none of it', async () => {
        const before = await galera.lostCertifications()
        const limit = { of: ['sign-in', 'admin'] as [string, string], most: 1000, window: 60_000 }
        await byAll(async ({ db }) => {
          const { secondsToWait } = createThrottle(db, Date.now)
          for (let round = 0; round < 5; round++)
            await Promise.all(Array.from({ length: 4 }, () => secondsToWait(limit)))
        })
        const { count } = await (opened[0] as Database).db.selectFrom('tries').select('count').executeTakeFirstOrThrow()
        expect(count).toBe(60)
        expect(await galera.lostCertifications(), 'they did meet').toBeGreaterThan(before)
      })

      it('gives each code to one order only', async () => {
        const { source } = await addShop(urls[0] ?? '')
        const given = await byAll(async ({ db }) => {
          const codes = createOrderCodes(db, Date.now)
          return Promise.all(Array.from({ length: 40 }, () => codes.next(source)))
        })
        expect(new Set(given.flat()).size).toBe(120)
      })

      it('takes the same orders at all its nodes at once, and has each of them once', async () => {
        const orders = Array.from({ length: 30 }, (_, index) => asForm(anOrder({ order_id: String(index) })))
        const told = await byAll(async (database) => {
          const { accept } = createInbox(database, Date.now)
          return Promise.all(
            orders.map((body, index) =>
              accept({
                ...{ account, source: 'lk', dedupeKey: `key ${index}`, dedupeWindow: null },
                ...{ contentType: 'text/plain', headers: {}, body: Buffer.from(body) },
              }),
            ),
          )
        })
        const ids = told.map((some) => some.map(({ id }) => id))
        expect(ids[1]).toEqual(ids[0])
        expect(ids[2]).toEqual(ids[0])
        expect(new Set(ids[0]).size).toBe(30)
        expect(told.flat().filter(({ duplicate }) => !duplicate)).toHaveLength(30)
        const inboxes = opened.map((database) => createInbox(database, Date.now))
        const claims = await Promise.all(
          [...inboxes, ...inboxes].map(async (inbox) => (await inbox.claim(account, 10)).map(({ id }) => id)),
        )
        expect(new Set(claims.flat()).size, 'claimed by one each').toBe(claims.flat().length)
      })

      it('leaves the account and its tokens to one process at a time', async () => {
        const box = createSecretBox([Buffer.alloc(32).toString('base64')])
        const storeOf = ({ db }: Database) => createConnectionStore({ db, box, account, integration: null })
        await byAll((each) => storeOf(each).createIfMissing('https://shop.amocrm.ru'))
        const stop = new AbortController().signal
        const turns = opened.map(({ db }) => createTurns({ db, account, stop, now: Date.now }).delivery)
        expect((await Promise.all(turns.map((turn) => turn.keep()))).filter(Boolean)).toHaveLength(1)
        const taken = await byAll((each, index) => storeOf(each).takeLease(0, `process ${index}`, Date.now(), 60_000))
        expect(taken.filter(Boolean)).toHaveLength(1)
        const replaced = await byAll((each) => storeOf(each).replace(0, { access_token: 'new' }))
        expect(replaced.filter(Boolean)).toHaveLength(1)
      })

      it('reads at each node what another has just committed', async () => {
        const [here, there] = opened.map(({ db }) => db) as [Database['db'], Database['db']]
        const letGo = await galera.nodes[1].holdBack()
        await here.insertInto('tries').values({ name: 'a', count: 0, until: 0, next_at: 0 }).execute()
        const seen = there.selectFrom('tries').select('name').execute()
        setTimeout(letGo, 300)
        expect(await seen).toEqual([{ name: 'a' }])
      })

      it('never lets two administrators shut each other out at once', async () => {
        const [here, there] = opened.map(({ db }) => createPeople(db, Date.now)) as [People, People]
        const open = (all: { closed_at: number | null }[]) => all.filter(({ closed_at }) => closed_at === null)
        const isManaged = (all: Person[]) => open(all).length > 0
        for (const login of ['anna', 'boris']) await here.invite({ login, name: login, roles: [], by: '' })
        for (let round = 0; round < 10; round++) {
          await Promise.all([here.close('anna', 'boris', isManaged), there.close('boris', 'anna', isManaged)])
          expect(open(await here.list())).toHaveLength(1)
          for (const login of ['anna', 'boris']) await here.reopen(login)
        }
      })

      it('counts every order once', async () => {
        const hourAgo = Date.now() - 60 * 60_000
        const { accept } = createInbox(opened[0] as Database, () => hourAgo)
        for (const dedupeKey of 'abcdefg')
          await accept({
            ...{ account, source: 'lk', dedupeKey, dedupeWindow: null },
            ...{ contentType: 'text/plain', headers: {}, body: Buffer.from('a') },
          })
        await byAll(async (database) => {
          const { tally } = createInbox(database, Date.now)
          await Promise.all([tally(), tally()])
        })
        const { tallies } = await createInbox(opened[1] as Database, Date.now).figures(hourAgo - 60_000)
        expect(tallies.reduce((sum, { received }) => sum + received, 0)).toBe(7)
      })

      it('lets every process hear within two seconds what one asks of all', async () => {
        const [teller, ...others] = await Promise.all(urls.map((url) => startListener(url)))
        await teller?.tell('caches')
        for (const { heard } of others)
          await expect.poll(() => heard, { timeout: 2000, interval: 10 }).toEqual({ settings: 0, caches: 1 })
        await Promise.all([teller, ...others].map((each) => each?.stop()))
      })
    })
  })

  describe('with a server at each node', () => {
    let sandbox: Awaited<ReturnType<typeof startTestSandbox>>
    let urls: string[]
    let databaseUrls: string[]
    /** Orders that stood in the CRM before the last test. */
    const others: string[] = []
    const running: { close: () => Promise<unknown> }[] = []
    beforeAll(async () => {
      sandbox = await startTestSandbox()
      await sandbox.settings({ rate_limit: 7 })
      databaseUrls = (await galera.createDatabase()).clusterUrls
      const paroms = []
      for (const databaseUrl of databaseUrls.slice(1))
        paroms.push(await startParom({ databaseUrl, sandbox, atPace: true }))
      urls = paroms.map(({ url }) => url)
      running.push(...paroms)
      return async () => {
        for (const each of running) await each.close()
        await sandbox.close()
      }
    })

    it('knows at once at each who has signed in at another', async () => {
      for (let round = 0; round < 6; round++) {
        const [here, there] = [urls[round % 2] ?? '', urls[(round + 1) % 2] ?? '']
        const [visitor, same] = [createVisitor(here), createVisitor(there)]
        await visitor.signIn()
        for (const [name, value] of visitor.cookies) same.cookies.set(name, value)
        expect((await same.visit('/app/transactions')).status).toBe(200)
        await same.signOut()
        expect((await visitor.visit('/app/transactions')).status).toBe(302)
      }
    })

    it('counts the guesses at all of them together', async () => {
      const guesses = Array.from({ length: 16 }, (_, number) =>
        createVisitor(urls[number % 2] ?? '').signIn('nobody', `guess ${number}`),
      )
      const statuses = (await Promise.all(guesses)).map(({ status }) => status)
      expect(statuses.filter((status) => status === 401)).toHaveLength(10)
      expect(statuses.filter((status) => status === 429)).toHaveLength(6)
    })

    it('goes on at the other nodes while one turns everybody away', async () => {
      await galera.nodes[1].run('SET GLOBAL wsrep_reject_queries = ALL')
      for (const url of urls) {
        const { status, body } = await postOrder(url, asForm(anOrder({ order_id: url })))
        expect(status).toBe(200)
        others.push(body.id)
        expect((await fetch(`${url}/health/ready`)).status).toBe(200)
      }
      await galera.nodes[1].run('SET GLOBAL wsrep_reject_queries = NONE')
    })

    it('loses and doubles nothing when a process and a node are killed while orders come in', async () => {
      const port = await freePort()
      const server = await startProcess({
        ...{ ENV_TYPE: 'local', PORT: String(port), LOG_LEVEL: 'silent', DATABASE_URL: databaseUrls[0] ?? '' },
        ...{ AMO_BASE_URL: sandbox.url, AMO_ACCESS_TOKEN: (await sandbox.credentials()).access_token },
      })
      const over = new AbortController()
      const { elements } = await sandbox.state()
      const orders = chaosOrders({ count: 60, seed: Date.now(), withBuyers: false, elements: sold(elements) })
      const shop = createShop([`http://127.0.0.1:${port}`, ...urls], over.signal, { together: 0.3 })
      const selling = shop.sendAll(orders, 20)
      await sandbox.nextWrite(AbortSignal.timeout(1500))
      await Promise.all([server.kill('SIGKILL'), galera.nodes[0].kill()])
      await selling
      await shop.allAnswered(10_000)
      const { db, close } = openDatabase(databaseUrls[2] ?? '')
      const waiting = () => db.selectFrom('messages').select('id').where('state', '!=', 'delivered').execute()
      // On a busy machine the nodes that are left may lose sight of each other for a while.
      await expect.poll(waiting, { timeout: 90_000, interval: 50 }).toEqual([])
      galera.nodes[0].rejoin()
      await close()
      const state = await sandbox.state()
      const ours = state.leads.filter((lead: object) => !others.some((id) => JSON.stringify(lead).includes(id)))
      expect([...shop.confused, ...judge(shop.accepted, { ...state, leads: ours })]).toEqual([])
      expect(shop.accepted.size).toBe(60)
      expect(trafficOf(await sandbox.requests())).toMatchObject({ overLimit: 0 })
      await galera.untilReady()
    }, 150_000)
  })
})
