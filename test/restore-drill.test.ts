import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { createConnection } from 'mysql2/promise'
import { expect, it, vi } from 'vitest'
import { markerCode } from '../src/amocrm/marker.ts'
import { openDatabase } from '../src/database/open.ts'
import type { Form } from '../src/mapping/form.ts'
import { onEachDatabase } from './support/databases.ts'
import { anOrder, asForm } from './support/orders.ts'
import { createClock, postOrder, startParom, startTestSandbox } from './support/parom.ts'
import { run } from './support/process.ts'
import { findProgram } from './support/programs.ts'
import { createVisitor } from './support/visitor.ts'

const execute = promisify(execFile)
type Sandbox = Awaited<ReturnType<typeof startTestSandbox>>
type Env = Record<string, string>

async function command(args: string[], env: Env) {
  const { exited, output } = run('src/cli/parom.ts', args, env)
  return { code: await exited, output: output() }
}

/** People and products that the CRM knows. */
async function cardsIn(sandbox: Sandbox) {
  const { contacts, companies, elements } = await sandbox.state()
  return [contacts, companies, elements].map(({ length }) => length)
}

/** How many leads and notes the CRM has for each key. */
async function leadsByKey(sandbox: Sandbox) {
  const { leads, notes } = await sandbox.state()
  const byKey = new Map<string, { leads: number; notes: number; products: number }>()
  for (const lead of leads) {
    const key = lead.custom_fields_values.find((field: { field_code: string }) => field.field_code === markerCode)
      .values[0].value
    const own = notes.filter((note: { entity_id: number }) => note.entity_id === lead.id)
    const known = byKey.get(key) ?? { leads: 0, notes: 0, products: 0 }
    byKey.set(key, {
      leads: known.leads + 1,
      notes: known.notes + own.length,
      products: known.products + lead._embedded.catalog_elements.length,
    })
  }
  return byKey
}

async function storedIds(databaseUrl: string, state?: 'delivered') {
  const { db, close } = openDatabase(databaseUrl)
  const rows = await db.selectFrom('messages').select(['id', 'state']).execute()
  await close()
  return rows.filter((row) => !state || row.state === state).map(({ id }) => id)
}

/** Everybody is somebody else, and some products are new. */
function orderOf(order_id: string, number: number) {
  const product = { product_id: '1', name: `Новинка ${number % 7}`, quantity: 1, price: '10.0000', total: '10.0000' }
  return anOrder({ order_id, telephone: `+7 900 ${1_000_000 + number}`, products: [product] })
}

const form: Partial<Form> = {
  entities_create: ['lead', 'contact'],
  products: { match: ['name'], not_found: 'create' },
}

/** Orders as they come from two shops until it is enough. Gives their ids. */
function sendOrders(url: string, prefix: string) {
  const ids: string[] = []
  let isEnough = false
  const shop = async (name: number) => {
    for (let number = 0; !isEnough; number++) {
      const { body } = await postOrder(url, asForm(orderOf(`${prefix}-${name}-${number}`, name * 10_000 + number)))
      ids.push(body.id)
      await new Promise((resolve) => setTimeout(resolve, 80))
    }
  }
  const shops = Promise.all([1, 2].map(shop))
  return async () => {
    const sent = ids.length
    // Some come after whatever was done until now.
    await vi.waitFor(() => expect(ids.length).toBeGreaterThan(sent + 2), 10_000)
    isEnough = true
    await shops
    return ids
  }
}

interface Means {
  backup: (env: Env) => Promise<string>
  /** Gives where the server finds its database afterwards. */
  restore: (file: string, env: Env) => Promise<string>
}

const sqlite: Means = {
  async backup(env) {
    const made = await command(['backup', '--keep', '14'], env)
    expect(made).toMatchObject({ code: 0, output: expect.stringContaining('APP_KEY') })
    const folder = join(dirname(env['DATABASE_URL']?.slice('sqlite:'.length) ?? ''), 'backups')
    const [file = ''] = readdirSync(folder)
    expect(file).toMatch(/^local-\d{4}-\d\d-\d\dT[\d-]{8}Z\.db$/)
    expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600)
    return join(folder, file)
  },
  async restore(file, env) {
    const restored = await command(['restore', file], env)
    expect(restored, restored.output).toMatchObject({
      code: 0,
      output: expect.stringContaining('Недоставленных заказов'),
    })
    const [, kept = ''] = /Прежняя база лежит в (\S+)/.exec(restored.output) ?? []
    expect(existsSync(kept)).toBe(true)
    return env['DATABASE_URL'] ?? ''
  },
}

const script = join(import.meta.dirname, '../deploy/mysql/backup.sh')

function accessTo(url: string) {
  const { hostname, port, pathname } = new URL(url)
  const file = join(mkdtempSync(join(tmpdir(), 'parom-access-')), 'access.cnf')
  writeFileSync(file, `[client]\nhost = ${hostname}\nport = ${port}\nuser = root\n`, { mode: 0o600 })
  return { file, name: pathname.slice(1) }
}

const mariadb: Means = {
  async backup(env) {
    const { file, name } = accessTo(env['DATABASE_URL'] ?? '')
    const folder = mkdtempSync(join(tmpdir(), 'parom-dumps-'))
    const { stdout } = await execute(script, ['--keep', '14', file, name, folder])
    return stdout.trim()
  },
  async restore(dump, env) {
    const before = env['DATABASE_URL'] ?? ''
    const { file, name } = accessTo(before)
    const connection = await createConnection(before)
    await connection.query(`DROP DATABASE ${name}`)
    await connection.query(`CREATE DATABASE ${name}`)
    await connection.end()
    const client = join(dirname(dirname(findProgram('mariadb') ?? '/usr/sbin/x')), 'bin/mariadb')
    await execute('bash', [
      '-o',
      'pipefail',
      '-c',
      `gunzip -c "$1" | "$2" --defaults-extra-file="$3" "$4"`,
      '-',
      dump,
      client,
      file,
      name,
    ])
    return before
  },
}

onEachDatabase('after a disaster', (database) => {
  const means = database.name === 'SQLite' ? sqlite : mariadb

  it('a backup brings back every order that it has, as one lead, and new ones come in', async () => {
    const sandbox = await startTestSandbox()
    const env: Env = {
      ENV_TYPE: 'local',
      DATABASE_URL: await database.fresh(),
      AMO_BASE_URL: sandbox.url,
      AMO_ACCESS_TOKEN: (await sandbox.credentials()).access_token,
      LOG_LEVEL: 'silent',
    }
    const before = await startParom({ databaseUrl: env['DATABASE_URL'] ?? '', env, form, sandbox, atPace: true })
    const first = sendOrders(before.url, 'before')
    await vi.waitFor(
      async () => expect((await storedIds(env['DATABASE_URL'] ?? '', 'delivered')).length).toBeGreaterThan(3),
      {
        timeout: 20_000,
      },
    )
    const file = await means.backup(env)
    const all = await first()
    await vi.waitFor(
      async () => expect((await storedIds(env['DATABASE_URL'] ?? '', 'delivered')).length).toBe(all.length),
      { timeout: 30_000 },
    )
    await before.close()
    const [inCrm, cards] = [await leadsByKey(sandbox), await cardsIn(sandbox)]
    expect([...inCrm.keys()].sort()).toEqual(all.toSorted())

    const begunAt = performance.now()
    env['DATABASE_URL'] = await means.restore(file, env)
    const kept = await storedIds(env['DATABASE_URL'])
    const finished = await storedIds(env['DATABASE_URL'], 'delivered')
    expect(kept.length, 'some were waiting').toBeGreaterThan(finished.length)
    expect(all.length, 'some came after it').toBeGreaterThan(kept.length)
    const clock = createClock()
    // What was sent a moment ago is not looked for yet.
    clock.advance(60_000)
    const again = await startParom({
      databaseUrl: env['DATABASE_URL'],
      form,
      env: { AMO_ACCESS_TOKEN: '' },
      sandbox,
      clock,
    })
    const took = Math.round(performance.now() - begunAt)
    console.log(`${database.name}: ${took} ms from the disaster to a server that is ready`)
    try {
      await vi.waitFor(
        async () => expect(await storedIds(env['DATABASE_URL'] ?? '', 'delivered')).toHaveLength(kept.length),
        { timeout: 30_000 },
      )
      expect(await leadsByKey(sandbox), 'no lead, note or link is made anew').toEqual(inCrm)
      expect(await cardsIn(sandbox)).toEqual(cards)
      const { body } = await again.post(asForm(anOrder({ order_id: 'after' })))
      await again.reaches(body.id, 'delivered')
      expect((await leadsByKey(sandbox)).get(body.id)).toMatchObject({ leads: 1 })
      expect((await createVisitor(again.url).signIn()).status).toBe(303)
    } finally {
      await again.close()
      await sandbox.close()
    }
  }, 120_000)
})
