import { pino } from 'pino'
import { afterEach, expect, it } from 'vitest'
import { onEachDatabase } from '../support/databases.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { type ParomOptions, startParom, startTestSandbox } from '../support/parom.ts'
import { createVisitor } from '../support/visitor.ts'

const day = 24 * 60 * 60_000
const patient = { timeout: 15_000 }
const email = 685739

onEachDatabase('checks of the settings', (database) => {
  const closing: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })

  async function start(options: Partial<ParomOptions> = {}) {
    const sandbox = options.sandbox ?? (await startTestSandbox())
    if (!options.sandbox) closing.push(async () => void (await sandbox.close()))
    const parom = await startParom({ databaseUrl: await database.fresh(), ...options, sandbox })
    closing.push(parom.close)
    const visitor = createVisitor(parom.url)
    await visitor.signIn()
    const page = async () => (await visitor.visit('/app/doctor')).text
    return {
      parom,
      sandbox,
      visitor,
      page,
      async checkAgain() {
        const [, csrf = ''] = /name="_csrf" value="([^"]+)"/.exec(await page()) ?? []
        return visitor.submit('/app/doctor/checks', { _csrf: csrf })
      },
      banner: async () =>
        /<p class="banner[^>]*>(?<text>[^<]*)</.exec((await visitor.visit('/app/transactions')).text)?.groups?.['text'],
    }
  }

  async function deleteField({ url, credentials }: Awaited<ReturnType<typeof startTestSandbox>>, id: number) {
    const { access_token } = await credentials()
    const init = { method: 'DELETE', headers: { authorization: `Bearer ${access_token}` } }
    expect((await fetch(`${url}/api/v4/leads/custom_fields/${id}`, init)).status).toBe(204)
  }

  it('tell of a clock that is slow by the CRM’s', async () => {
    const { sandbox, page, checkAgain } = await start()
    await sandbox.advance(10 * 60_000)
    await checkAgain()
    await expect.poll(page, patient).toContain('Часы сервера отстают')
  })

  it('show a deleted field before any order meets it, and tell the log of it once', async () => {
    const lines: string[] = []
    const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line).msg) })
    const { parom, sandbox, visitor, page, banner } = await start({ checksItself: true, log })
    await expect.poll(page, patient).toContain('Ошибок: 0, предупреждений: 0')
    expect(await banner()).toBeUndefined()

    await deleteField(sandbox, email)
    parom.advance(day)
    await visitor.signIn()
    await expect.poll(banner, patient).toContain('Настройки не подходят к аккаунту amoCRM')
    expect(await page()).toMatch(
      /forms\.default\.mapping\.email: в amoCRM нет поля lead\.cf\.customer_email \(id 685739\)/,
    )
    expect(await page()).toContain('Исправьте id, name или code в amo-fields.mapper.ts')
    // Our clock has been moved on, and that is not withheld either.
    expect(await page()).toContain('Часы сервера спешат')

    const requests = (await sandbox.requests()).length
    parom.advance(day)
    await expect.poll(async () => (await sandbox.requests()).length, patient).toBeGreaterThan(requests + 8)
    await visitor.signIn()
    await expect.poll(page, patient).not.toContain('Идёт проверка')
    await parom.close()
    closing.pop()
    expect(lines.filter((line) => line.startsWith('settings'))).toEqual([
      'settings fit the amoCRM account',
      'settings do not quite fit the amoCRM account: see /app/doctor',
    ])
    const written = (await sandbox.requests()).filter(({ method }) => method !== 'GET')
    // The first one is the field by which leads are known again; no order has made anything.
    expect(written).toMatchObject([{ path: '/api/v4/leads/custom_fields' }, { method: 'DELETE' }])
  })

  it('are made again at the push of a button', async () => {
    const { sandbox, visitor, page, checkAgain, banner } = await start()
    expect(await page()).toContain('Проверки ещё не было')
    expect(await checkAgain()).toMatchObject({ status: 303, location: '/app/doctor' })
    await expect.poll(page, patient).toContain('Ошибок: 0')
    await deleteField(sandbox, email)
    await checkAgain()
    await expect.poll(page, patient).toContain('Ошибок: 1')
    expect(await banner()).toContain('ошибок: 1')
    expect((await visitor.submit('/app/doctor/checks', { _csrf: 'other' })).status).toBe(403)
  })

  it('let the next order know at once what they have seen', async () => {
    const { parom, sandbox, page, checkAgain } = await start()
    const deliver = async (order_id: string) => {
      const { body } = await parom.post(asForm(anOrder({ order_id, email: 'anna@shop.example' })))
      return parom.reaches(body.id, 'delivered')
    }
    await deliver('1')
    await deleteField(sandbox, email)
    await checkAgain()
    await expect.poll(page, patient).toContain('Ошибок: 1')
    const { warnings } = await deliver('2')
    expect(JSON.parse(warnings ?? '[]')).toMatchObject([{ code: 'field_unknown' }])
    // None of them was sent with the field and refused first.
    const sent = await sandbox.requests()
    expect(sent.filter(({ method, path }) => method === 'POST' && path === '/api/v4/leads')).toHaveLength(2)
  })

  it('are for administrators alone', async () => {
    const { parom } = await start()
    const stranger = createVisitor(parom.url)
    expect(await stranger.visit('/app/doctor')).toMatchObject({
      status: 302,
      location: '/login?return_page=%2Fapp%2Fdoctor',
    })
    expect((await stranger.submit('/app/doctor/checks', {})).status).toBe(302)
  })

  it('are shown by every process, and made by one of them each night', async () => {
    const sandbox = await startTestSandbox()
    closing.push(async () => void (await sandbox.close()))
    const databaseUrl = await database.fresh()
    const one = await start({ databaseUrl, sandbox, checksItself: true })
    await expect.poll(one.page, patient).toContain('Ошибок: 0')
    const other = await start({ databaseUrl, sandbox, checksItself: true, clock: one.parom.clock })
    expect(await other.page()).toContain('Ошибок: 0')
    const checks = async () => (await sandbox.requests()).filter(({ path }) => path === '/api/v4/webhooks').length
    expect(await checks()).toBe(1)
    one.parom.advance(day)
    other.parom.advance(0)
    await one.visitor.signIn()
    await other.visitor.signIn()
    await expect.poll(checks, patient).toBe(2)
    await expect.poll(one.page, patient).not.toContain('Идёт проверка')
    other.parom.advance(0)
    await expect.poll(other.page, patient).toContain('Часы сервера спешат')
    expect(await checks()).toBe(2)
  })

  it('keep what they have found when the account does not let them in, and say why not', async () => {
    const { sandbox, page, checkAgain } = await start()
    await deleteField(sandbox, email)
    await checkAgain()
    await expect.poll(page, patient).toContain('Ошибок: 1')
    await sandbox.faults([{ path: '/api/v4/*', effect: 'status', status: 502 }])
    await checkAgain()
    await expect.poll(page, patient).toContain('Проверить не удалось')
    expect(await page()).toContain('amoCRM не отвечает: GET /api/v4/account: HTTP 502')
    expect(await page()).toContain('Ошибок: 1')
    await sandbox.faults([])
    await checkAgain()
    await expect.poll(page, patient).not.toContain('Проверить не удалось')
  })

  it('say what a user with few rights keeps us from', async () => {
    const sandbox = await startTestSandbox()
    closing.push(async () => void (await sandbox.close()))
    await sandbox.seed({ users: [{ id: 504141, name: 'Оператор', is_admin: false }] })
    const { page, checkAgain } = await start({ sandbox, form: { responsible_user_id: 504141 } })
    await checkAgain()
    await expect.poll(page, patient).toContain('Ошибок: 0, предупреждений: 3')
    expect(await page()).toContain('он, видимо, не администратор')
    expect(await page()).toContain('forms.default.responsible_user_id: amoCRM не показывает пользователей')
    expect(await page()).toContain('Служебного поля сделки нет, а создать его может только администратор')
  })

  it('keep nobody waiting who stops the server', async () => {
    const sandbox = await startTestSandbox()
    closing.push(async () => void (await sandbox.close()))
    await sandbox.faults([{ path: '/api/v4/*', effect: 'delay', delay_ms: 500 }])
    const { parom } = await start({ sandbox, checksItself: true })
    await expect
      .poll(async () => (await sandbox.requests()).some(({ path }) => path.startsWith('/api/v4/account')), patient)
      .toBe(true)
    closing.pop()
    await parom.close()
    const asked = (await sandbox.requests()).length
    expect(asked).toBeLessThan(8)
  })

  it('are made as soon as there is an account to check against', async () => {
    const { parom, sandbox, page, visitor } = await start({ checksItself: true, env: { AMO_ACCESS_TOKEN: '' } })
    expect(await page()).toContain('Проверки ещё не было')
    const [, csrf = ''] = /name="_csrf" value="([^"]+)"/.exec(await page()) ?? []
    await visitor.submit('/api/auth/token', { access_token: (await sandbox.credentials()).access_token, _csrf: csrf })
    parom.advance(60_000)
    await expect.poll(page, patient).toContain('Ошибок: 0')
  })
})
