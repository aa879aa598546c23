import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type Database, openDatabase } from '../../src/database/open.ts'
import { addShop } from '../support/api-shops.ts'
import { everyAddress, everyPath } from '../support/fuzz/routes.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { startParom } from '../support/parom.ts'
import { createVisitor } from '../support/visitor.ts'

/** What processes write by the clock, whatever they are asked, as is the copy of the account (`mirror_…`); and how often a link was guessed, which is meant to be counted. */
const byThemselves = ['instances', 'duties', 'tallies', 'tally_mark', 'alerts', 'notices', 'tries']
/** When somebody was last there, and until when a process holds what. */
const whenLast = { seen_at: 0, expires_at: 0, used_at: 0, delivery_until: 0, people_until: 0 }
/** A record that somebody has taken a copy is none of what he has changed. */
const isState = (row: object) => !('action' in row && row.action === 'audit_exported')

// What a route writes is the same in both databases.
describe('what is only asked for', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parom-asked-'))
  let parom: Awaited<ReturnType<typeof startParom>>
  let opened: Database
  let shop: string
  const admin = () => {
    const visitor = createVisitor(parom.url)
    return visitor.signIn().then(() => visitor)
  }
  const aShop = (): Pick<ReturnType<typeof createVisitor>, 'visit'> => {
    const { visit } = createVisitor(parom.url)
    return { visit: (path, init) => visit(path, { ...init, headers: { authorization: `Bearer ${shop}` } }) }
  }
  beforeAll(async () => {
    const file = join(folder, 'parom.db')
    copyFileSync(inject('templates').sqliteFile, file)
    const databaseUrl = `sqlite:${file}`
    parom = await startParom({ databaseUrl })
    shop = (await addShop(databaseUrl)).token
    opened = openDatabase(databaseUrl)
    await parom.reaches((await parom.post(asForm(anOrder({ order_id: '1' })))).body.id, 'delivered')
  })
  afterAll(async () => {
    await opened.close()
    await parom.close()
    rmSync(folder, { recursive: true })
  })

  async function everything() {
    const tables = (await opened.db.introspection.getTables()).map(({ name }) => name)
    const kept = tables.filter((name) => !byThemselves.includes(name) && !name.startsWith('mirror_'))
    const rows = await Promise.all(
      kept.map(async (name) => {
        const all = await opened.db
          .selectFrom(name as 'messages')
          .selectAll()
          .execute()
        return [name, all.filter(isState).map((row) => ({ ...row, ...whenLast }))]
      }),
    )
    return Object.fromEntries(rows)
  }

  it.each([
    ['nobody', async () => createVisitor(parom.url)],
    ['an administrator', admin],
    ['a shop', async () => aShop()],
  ])('is as it was before, whoever asks: %s', async (_who, arrive) => {
    const visitor = await arrive()
    await visitor.visit('/app/sessions')
    const before = await everything()
    const random = fc.sample(everyAddress, { numRuns: 40 }).filter((path) => path.startsWith('/'))
    const known = everyPath.map((path) => path.replace(/:\w+/g, '01890000-0000-7000-8000-000000000000'))
    for (const path of [...known, '/api/auth?code=1&state=of%20somebody%20else', ...random]) {
      for (const method of ['GET', 'HEAD']) {
        const { status } = await visitor.visit(path, { method })
        expect(status, `${method} ${path}`).not.toBe(500)
      }
    }
    expect(await everything()).toEqual(before)
  })

  it('sends nobody to sign in by an address that is too long for a proxy', async () => {
    const { status, location } = await createVisitor(parom.url).visit(`/app?q=${'я'.repeat(1000)}`)
    expect([status, location]).toEqual([302, '/login'])
  })

  it('makes no session of a stranger, who can sign in all the same', async () => {
    const rows = () => opened.db.selectFrom('sessions').selectAll().execute()
    const before = (await rows()).length
    const stranger = createVisitor(parom.url)
    for (const path of ['/login', '/api/docs', '/nowhere']) await stranger.visit(path)
    expect(await rows()).toHaveLength(before)
    expect((await stranger.signIn()).status).toBe(303)
    expect(await rows()).toHaveLength(before + 1)
  })
})
