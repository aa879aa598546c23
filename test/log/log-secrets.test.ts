import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { createLog } from '../../src/log/log.ts'
import { callApi } from '../support/api-shops.ts'
import { onEachDatabase } from '../support/databases.ts'
import { startWithFragileDatabase } from '../support/fragile-database.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { invite, signedIn, takeUp } from '../support/people.ts'
import { createVisitor } from '../support/visitor.ts'

const order = () =>
  anOrder({
    lastname: 'Заговоров',
    firstname: 'Konspirat',
    telephone: '+7 912 000-11-22',
    email: 'pd-buyer@hidden.example',
    shipping_address_1: 'улица Тайная, 13',
    comment: 'позвоните Konspirat Заговоров',
    order_id: crypto.randomUUID(),
  })

const appKey = Buffer.from('an application key of 32 bytes!!').toString('base64')
const secrets = {
  webhook: 'hook-secret-1',
  client: 'client-secret-in-the-settings',
  password: 'a password that is mistyped',
  shopPassword: 'мыло и верёвка 77',
}

onEachDatabase('the log', (database) => {
  it('holds no secret and nothing of a buyer, whatever happens, at whatever level', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'parom-log-'))
    const lines: string[] = []
    const output = { write: (line: string) => void lines.push(line) }
    const log = createLog({ level: 'trace', output, files: { folder, most: 3 } })
    const env = { WEBHOOK_TOKEN: secrets.webhook, APP_KEY: appKey }
    const fragile = await startWithFragileDatabase(database.name, await database.fresh(), {
      ...{ log, env: { ...env, AMO_CLIENT_ID: 'the-integration', AMO_CLIENT_SECRET: secrets.client } },
      registration: 'open',
    })
    const { parom } = fragile
    const { access_token, code } = await parom.sandbox.credentials()
    const token = { 'x-webhook-token': secrets.webhook }
    const refused = (details: object) =>
      parom.sandbox.faults([
        { method: 'POST', path: '/api/v4/leads', effect: 'status', status: 400, times: 9, ...details },
      ])

    const delivered = await parom.post(asForm(order()), token)
    await parom.reaches(delivered.body.id, 'delivered')

    const detail = 'Konspirat Заговоров, +79120001122, pd-buyer@hidden.example'
    await refused({
      body: {
        title: detail,
        detail,
        'validation-errors': [{ request_id: '0', errors: [{ path: 'name', code: 'Bad', detail }] }],
      },
    })
    const dead = await parom.post(asForm(order()), token)
    await parom.reaches(dead.body.id, 'dead')
    await parom.sandbox.faults([])

    await parom.post(asForm(order()), { 'x-webhook-token': 'not-the-hook-secret' })
    await parom.post(asForm(order()), { ...token, 'content-type': 'text/plain' })
    await parom.post(`{"lastname":"Заговоров","email":"pd-buyer@hidden.example",`, {
      ...token,
      'content-type': 'application/json',
    })
    const visitor = createVisitor(parom.url)
    await visitor.visit(`/api/order/create?token=${secrets.webhook}`)
    await visitor.visit(`/api/order/create/${secrets.webhook}/pd-buyer@hidden.example/+79120001122`)

    await visitor.signIn('admin', secrets.password)
    await visitor.signIn(secrets.password, 'admin')
    const boss = await signedIn(parom.url)
    await boss.visit(`/api/auth?code=${code}&state=wrong&referer=shop.amocrm.ru`)
    await boss.visit(`/app/transactions?q=${encodeURIComponent('pd-buyer@hidden.example')}`)
    const invitation = await invite(boss, 'olga', 'viewer')
    await takeUp(parom.url, invitation, { password: secrets.shopPassword, again: secrets.shopPassword })
    const shop = { name: 'Konspirat', email: 'pd-buyer@hidden.example', password: secrets.shopPassword }
    const { body } = await callApi(parom.url, 'register', { ...shop, password_confirmation: shop.password })
    await callApi(parom.url, 'login', { email: shop.email, password: secrets.password })
    await callApi(parom.url, 'create-order', { buyer: detail }, { token: body.token })

    fragile.takeAway()
    expect((await parom.post(asForm(order()), token)).status).toBe(503)
    await boss.visit('/app/transactions')
    fragile.giveBack()
    await vi.waitFor(async () => expect((await parom.post(asForm(order()), token)).status).toBe(200), 10_000)
    await fragile.close()

    const inFiles = () =>
      readdirSync(folder)
        .map((name) => readFileSync(join(folder, name), 'utf8'))
        .join('')
    await vi.waitFor(() => expect(inFiles()).toBe(lines.join('')), 5000)
    rmSync(folder, { recursive: true })
    const written = lines.join('')
    for (const secret of [...Object.values(secrets), appKey, access_token, code, invitation, body.token])
      expect(written).not.toContain(secret)
    expect(written).not.toMatch(/заговор|konspirat|тайная|79120001122|000-11-22|pd-buyer|hidden\.example|верёвка/i)
    expect(written).not.toMatch(/:\/\/[^/\s"]*:[^/\s"]*@/)

    const told = lines.map((line) => JSON.parse(line))
    const of = (channel: string) => told.filter((line) => line.channel === channel)
    expect(of('request')).toContainEqual(
      expect.objectContaining({ path: '/api/order/create', status: 200, source: 'lk', message: delivered.body.id }),
    )
    expect(of('request')).toContainEqual(
      expect.objectContaining({ status: 401, reason: 'unauthorized', network: '127.0.0.0/24' }),
    )
    expect(of('app')).toContainEqual(
      expect.objectContaining({
        message: delivered.body.id,
        outcome: 'delivered',
        attempt: 1,
        lead: expect.any(Number),
      }),
    )
    expect(of('app')).toContainEqual(
      expect.objectContaining({
        message: dead.body.id,
        outcome: 'dead',
        reason: 'crm_rejected',
        error: expect.stringContaining('HTTP 400'),
      }),
    )
    expect(of('auth').map(({ msg }) => msg)).toEqual(expect.arrayContaining(['signed in', 'sign in failed']))
    expect(of('exceptions').some(({ err }) => err.stack)).toBe(true)
  })
})
