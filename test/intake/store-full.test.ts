import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type MariaDb, startMariadb } from '../support/mariadb.ts'
import { forbidWriting, mayMount, mountSmallDisk, startInTrouble } from '../support/trouble.ts'

type Server = Awaited<ReturnType<typeof startInTrouble>>

// Servers and databases of their own are started here, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

/** More than fits into what is left free, by far. */
const mostOrders = 3000

/** Takes orders until the store takes no more, and again once it does; nothing that was answered with 200 may be missing. */
async function expectRefusalAndRecovery(server: Server, trouble: { begin(): unknown; end(): unknown }) {
  expect((await server.post()).status).toBe(200)
  await trouble.begin()
  let refused = await server.post()
  for (let order = 0; order < mostOrders && refused.status === 200; order++) refused = await server.post()
  expect(refused).toMatchObject({ status: 503 })
  expect(refused.retryAfter).toBeGreaterThan(0)
  for (let order = 0; order < 5; order++) expect([200, 503]).toContain((await server.post()).status)
  expect(await server.liveStatus()).toBe(200)

  await trouble.end()
  await expect.poll(async () => (await server.post(refused.number)).status).toBe(200)
  expect((await server.post()).status).toBe(200)
  expect(await server.readyStatus()).toBe(200)
  const { acknowledged, ...wrong } = await server.verdict()
  expect(wrong).toMatchObject({ missing: [], altered: [], twice: [] })
  expect(acknowledged).toBeGreaterThan(2)
}

describe('a SQLite database that cannot grow', () => {
  it('answers 503 while nothing can be written, and goes on by itself', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'parom-full-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const server = await startInTrouble(`sqlite:${join(folder, 'parom.db')}`)
    onTestFinished(server.close)
    let forbidden: ReturnType<typeof forbidWriting>
    await expectRefusalAndRecovery(server, {
      begin() {
        forbidden = forbidWriting(server.pid)
      },
      end: () => forbidden.allow(),
    })
  })

  it.runIf(mayMount())('answers 503 while the disk is full, and goes on by itself', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'parom-full-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const disk = mountSmallDisk(folder)
    onTestFinished(disk.remove)
    const server = await startInTrouble(`sqlite:${join(folder, 'parom.db')}`)
    onTestFinished(server.close)
    await expectRefusalAndRecovery(server, { begin: disk.fill, end: disk.clear })
  })
})

describe('a MariaDB database', () => {
  let mariadb: MariaDb
  let root: Awaited<ReturnType<typeof createConnection>>
  beforeAll(async () => {
    mariadb = await startMariadb()
    root = await createConnection(mariadb.url)
    await root.query("CREATE USER parom@'%' IDENTIFIED BY ''")
    await root.query("GRANT ALL ON `parom%`.* TO parom@'%'")
  })
  afterAll(async () => {
    await root.end()
    await mariadb.stop()
  })

  it('that is read-only has orders answered 503, and goes on by itself', async () => {
    await root.query('CREATE DATABASE parom_read_only')
    const server = await startInTrouble(`${urlOfParom()}/parom_read_only`)
    onTestFinished(server.close)
    await expectRefusalAndRecovery(server, {
      begin: () => root.query('SET GLOBAL read_only = 1'),
      end: () => root.query('SET GLOBAL read_only = 0'),
    })
  })

  it('whose prepared statements others have used up takes orders all the same', async () => {
    await root.query('CREATE DATABASE parom_statements')
    await root.query('SET GLOBAL max_prepared_stmt_count = 0')
    onTestFinished(() => void root.query('SET GLOBAL max_prepared_stmt_count = 16382'))
    const server = await startInTrouble(`${urlOfParom()}/parom_statements`)
    onTestFinished(server.close)
    for (let order = 0; order < 3; order++) expect((await server.post()).status).toBe(200)
  })

  it.runIf(mayMount())('whose disk is full has orders answered 503, and goes on by itself', async () => {
    await root.query('CREATE DATABASE parom_full')
    const [[{ datadir }]] = (await root.query('SELECT @@datadir AS datadir')) as unknown as [[{ datadir: string }]]
    // Where the files of the tables are; what the database server itself writes goes elsewhere.
    const disk = mountSmallDisk(join(datadir, 'parom_full'))
    onTestFinished(disk.remove)
    const server = await startInTrouble(`${urlOfParom()}/parom_full`)
    onTestFinished(server.close)
    await expectRefusalAndRecovery(server, { begin: disk.fill, end: disk.clear })
  })

  const urlOfParom = () => mariadb.url.replace('root@', 'parom@')
})
