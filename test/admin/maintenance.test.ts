import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { backupFolder, backupName } from '../../src/database/backup.ts'
import { onEachDatabase } from '../support/databases.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { startParom } from '../support/parom.ts'
import { createVisitor, formWith } from '../support/visitor.ts'

onEachDatabase('maintenance', (database) => {
  let folder: string
  let url: string
  let parom: Awaited<ReturnType<typeof startParom>>
  let visitor: ReturnType<typeof createVisitor>
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'parom-config-'))
    cpSync(join(import.meta.dirname, '../../config'), folder, { recursive: true })
    url = await database.fresh()
    parom = await startParom({ databaseUrl: url, env: { CONFIG_DIR: folder } })
    visitor = createVisitor(parom.url)
    await visitor.signIn()
  })
  afterEach(async () => {
    await parom.close()
    rmSync(folder, { recursive: true, force: true })
  })

  function edit(file: string, from: string | RegExp, to: string) {
    const path = join(folder, file)
    const before = readFileSync(path, 'utf8')
    const after = before.replace(from, to)
    expect(after).not.toBe(before)
    writeFileSync(path, after)
  }
  const mapper = 'local/request.mapper.ts'

  async function press(path: string) {
    const { text } = await visitor.visit(path)
    return visitor.submit(path, formWith('_csrf', /./, text))
  }
  const reload = () => press('/api/cache/config')

  async function deliver(lastname: string) {
    const { body } = await parom.post(asForm(anOrder({ lastname })))
    const { lead_id } = await parom.reaches(body.id, 'delivered')
    const { leads } = await parom.sandbox.state()
    const [attempt] = await parom.inbox.attempts(body.id)
    return {
      name: leads.find(({ id }: { id: number }) => id === lead_id).name as string,
      version: attempt?.config_version,
    }
  }

  it('lets new settings take effect without a restart', async () => {
    const before = await deliver('Первая')
    edit(mapper, "lead_name: ''", "lead_name: 'Новый'")
    expect((await deliver('Вторая')).name).toBe(before.name)
    const { status, text } = await reload()
    expect([status, text]).toEqual([200, expect.stringContaining('Настройки перечитаны и действуют')])
    const after = await deliver('Третья')
    expect(after.name).toMatch(/^Новый/)
    expect(after.version).not.toBe(before.version)
    expect(text).toContain(after.version)
  })

  it('reads anew what the files import, and the templates', async () => {
    writeFileSync(join(folder, 'local/words.ts'), "export const word = 'Раз'")
    edit(mapper, /^import type.*$/m, "import { word } from './words.ts'")
    edit(mapper, "lead_name: ''", 'lead_name: word')
    await reload()
    expect((await deliver('Первая')).name).toMatch(/^Раз/)
    writeFileSync(join(folder, 'local/words.ts'), "export const word = 'Два'")
    await reload()
    expect((await deliver('Вторая')).name).toMatch(/^Два/)
    writeFileSync(join(folder, 'templates/lead-name.njk'), 'Три {{ order.lastname }}')
    await reload()
    expect((await deliver('Третья')).name).toMatch(/^Три/)
  })

  it('says every fault of settings that do not fit, and goes by the old ones', async () => {
    edit(mapper, "lead_name: ''", "lead_name: 'Старый'")
    await reload()
    edit(mapper, 'pipeline_id: 1731979', "pipeline_id: 'главная'")
    edit('local/app.config.ts', 'body_limit: 1024 * 1024', "body_limit: 'очень много <b>'")
    edit('users.ts', /roles: \[.*\]/, "roles: ['nobody']")
    const { status, text } = await reload()
    expect(status).toBe(422)
    for (const key of ['forms.default.pipeline_id', 'body_limit', 'app.config.ts', 'users.ts'])
      expect(text).toContain(key)
    expect(text).not.toContain('главная')
    expect((await deliver('Первая')).name).toMatch(/^Старый/)
    expect((await visitor.visit('/app/maintenance')).text).toContain('не подошли, действуют прежние')
    writeFileSync(join(folder, mapper), 'export default {')
    expect((await reload()).text).toContain('request.mapper.ts')
  })

  it.each([
    ['is ended by it', 'process.exit(1)', 'process.exit'],
    [
      'throws later',
      "setTimeout(() => { throw new Error('late') }, 1)\nawait new Promise((end) => setTimeout(end, 5000))",
      'late',
    ],
    ['holds what are no data', "export default { app_key: () => 'a secret' }", 'без функций'],
  ])('blames one file alone that %s', async (_, content, fault) => {
    const file = join(folder, 'local/app.config.ts')
    writeFileSync(file, content)
    const { status, text } = await reload()
    expect(status).toBe(422)
    expect(text.match(/<li>[^<]*ожидается/g)).toHaveLength(2)
    expect(text).toMatch(new RegExp(`app\\.config\\.ts: ожидается [^<]*${fault}`))
    expect(text).not.toContain('a secret')
  })

  it('names what takes effect with a restart only', async () => {
    edit('local/app.config.ts', /app_key: '[^']*'/, `app_key: '${Buffer.alloc(32, 5).toString('base64')}'`)
    edit('local/app.config.ts', "script_folder: ''", "script_folder: 'integra'")
    edit('local/amo.config.ts', /domain: '[^']*'/, "domain: 'other'")
    edit('local/app.config.ts', "language: 'ru'", "language: 'en'")
    const { status, text } = await reload()
    expect(status).toBe(200)
    for (const key of ['app.config.ts → app_key', 'app.config.ts → script_folder', 'amo.config.ts → domain'])
      expect(text).toContain(key)
    expect(text).not.toMatch(/app\.config\.ts → (port|host|database)</)
    const { text: page } = await visitor.visit('/app/maintenance')
    expect(page).toContain('<h1>Maintenance</h1>')
    expect(page).toContain('href="/api/cache/clear"')
  })

  it('signs out who is taken out of the settings', async () => {
    edit('users.ts', /login: '[^']*'/, "login: 'other'")
    await reload()
    expect((await visitor.visit('/app/maintenance')).status).toBe(302)
  })

  it('reaches the other processes, too', async () => {
    const { sandbox } = parom
    const other = await startParom({ databaseUrl: url, env: { CONFIG_DIR: folder }, sandbox, clock: parom.clock })
    await expect.poll(async () => (await visitor.visit('/app/maintenance')).text).toMatch(/(настройки <code>.*){2}/s)
    edit(mapper, "lead_name: ''", "lead_name: 'Новый'")
    edit('local/app.config.ts', "language: 'ru'", "language: 'en'")
    await reload()
    const guest = createVisitor(other.url)
    const within = { timeout: 2000, interval: 20 }
    await expect.poll(async () => (await guest.visit('/login')).text, within).toContain('<html lang="en">')
    const { text } = await visitor.visit('/app/maintenance')
    const versions = [...text.matchAll(/settings <code>(\w+)<\/code>/g)].map(([, version]) => version)
    expect(versions).toHaveLength(2)
    expect(new Set(versions).size).toBe(1)
    await other.close()
    expect((await visitor.visit('/app/maintenance')).text.match(/settings <code>/g)).toHaveLength(1)
  })

  it('forgets what was read from the account, and reads it with the next order', async () => {
    const count = async (path: string) =>
      (await parom.sandbox.requests()).filter((request) => request.path.startsWith(path)).length
    await deliver('Первая')
    await deliver('Вторая')
    const before = await Promise.all([count('/api/v4/leads/pipelines'), count('/api/v4/contacts?')])
    const { status, text } = await press('/api/cache/clear')
    expect([status, text]).toEqual([200, expect.stringContaining('Прочитанное забыто')])
    await deliver('Третья')
    const after = await Promise.all([count('/api/v4/leads/pipelines'), count('/api/v4/contacts?')])
    expect(after[0]).toBeGreaterThan(before[0])
    expect(after[1]).toBeGreaterThan(before[1])
  })

  it('says when the last backup was made, where Parom makes them', async () => {
    const shown = async () => (await visitor.visit('/app/maintenance')).text
    if (database.name === 'MariaDB') return expect(await shown()).toContain('deploy/mysql/backup.sh')
    expect(await shown()).toContain('Копий от npx parom backup рядом с базой нет')
    const backups = backupFolder(url.slice('sqlite:'.length))
    mkdirSync(backups)
    for (const day of [2, 3]) writeFileSync(join(backups, backupName('local', new Date(Date.UTC(2026, 0, day)))), '')
    expect(await shown()).toContain('datetime="2026-01-03T00:00:00.000Z"')
    rmSync(backups, { recursive: true })
  })

  it('stops the delivery and lets it go on', async () => {
    const page = await visitor.visit('/app/maintenance')
    const stop = formWith('return_page', '/app/maintenance', page.text)
    expect((await visitor.submit('/app/delivery/pause', stop)).location).toBe('/app/maintenance')
    expect((await visitor.visit('/app/maintenance')).text).toContain('action="/app/delivery/resume"')
    await visitor.submit('/app/delivery/resume', stop)
    expect((await visitor.visit('/app/maintenance')).text).toContain('action="/app/delivery/pause"')
  })
})
