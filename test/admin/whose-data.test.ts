import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDatabase } from '../../src/database/open.ts'
import { exampleOf, formats } from '../support/api-fields.ts'
import { addShop, callApi } from '../support/api-shops.ts'
import { freshMariadb } from '../support/databases.ts'
import { everyPath } from '../support/fuzz/routes.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { addresses } from '../support/page-routes.ts'
import { startParom } from '../support/parom.ts'
import { send } from '../support/people.ts'
import { createVisitor } from '../support/visitor.ts'

const webhookToken = 'the-cabinet-knows-it'
const buyer = { telephone: '+7 903 555-01-77', email: 'anna.buyer@home.example', comment: 'СЕКРЕТ ПОКУПАТЕЛЯ' }
const ways = [{}, { accept: 'application/json' }, { 'hx-request': 'true', 'x-look': 'again' }] satisfies Record<
  string,
  string
>[]
/** What goes on at once. */
const together = 8

describe('whose data a route gives', () => {
  let parom: Awaited<ReturnType<typeof startParom>>
  let shops: { token: string; source: string }[]
  let secrets: string[]
  let paths: string[]
  /** Where the order is another, nobody gets further. */
  let pathsOfOne: string[]
  const roles = ['viewer', 'operator']
  beforeAll(async () => {
    const databaseUrl = await freshMariadb()
    const users = roles.map((role) => ({ login: role, roles: [role] }))
    parom = await startParom({ databaseUrl, users, env: { WEBHOOK_TOKEN: webhookToken } })
    shops = [await addShop(databaseUrl), await addShop(databaseUrl, { name: 'Лютик', email: 'other@shop.example' })]
    const ids = await makeOrders()
    paths = everyPath.flatMap((path) =>
      filledIn(path, path.startsWith('/app/transactions/:id') ? ids : ids.slice(0, 1)),
    )
    pathsOfOne = everyPath.flatMap((path) => filledIn(path, ids.slice(0, 1)))
    secrets = await secretsOf(databaseUrl)
  })
  afterAll(() => parom.close())

  /** Of each kind one: delivered, failed, refused, of a shop. */
  async function makeOrders() {
    const headers = { 'x-webhook-token': webhookToken }
    const good = (await parom.post(asForm(anOrder({ ...buyer, order_id: '1' })), headers)).body.id
    await parom.reaches(good, 'delivered')
    await parom.sandbox.faults([{ method: 'POST', path: '/api/v4/leads', effect: 'status', status: 400 }])
    const failed = (await parom.post(asForm(anOrder({ ...buyer, order_id: '2' })), headers)).body.id
    await parom.reaches(failed, 'dead')
    await parom.post(asForm(anOrder({ ...buyer, order_id: '3' })))
    const ofShop = { ...exampleOf('callback'), phone: buyer.telephone }
    expect((await callApi(parom.url, 'callback', ofShop, shops[0])).status).toBe(201)
    const admin = createVisitor(parom.url)
    await admin.signIn()
    const list = await admin.visit('/app/transactions?limit=100', { headers: { accept: 'application/json' } })
    await send(admin, '/app/transactions/views', { name: 'Взгляд одного', query: 'q=anna.buyer@home.example' })
    return [
      ...new Set([...JSON.parse(list.text).transactions.map(({ id }: { id: string }) => id), good, failed]),
    ] as string[]
  }

  const filledIn = (path: string, ids: string[]) =>
    path.includes(':id')
      ? ids.map((id) => path.replace(':id', id).replace(/:\w+/, 'pause'))
      : [
          path
            .replace(':login', 'admin')
            .replace(':source', shops[0]?.source ?? '')
            .replace(/:\w+/, 'mapping'),
        ]

  /** What nobody is told, whoever he is. */
  async function secretsOf(databaseUrl: string) {
    const { db, close } = openDatabase(databaseUrl)
    const digests = (await db.selectFrom('api_tokens').select('digest').execute()).map(({ digest }) => digest)
    await close()
    const access = (await parom.sandbox.credentials()).access_token as string
    return [webhookToken, access, '$argon2', ...digests, ...shops.map(({ token }) => token.split('|')[1] ?? '')]
  }

  /** Every address in every way. */
  async function readAll(
    visit: ReturnType<typeof createVisitor>['visit'],
    of = paths,
    more: Record<string, string> = {},
  ) {
    const answers: { path: string; status: number; text: string }[] = []
    const lists = ['/app/transactions?q=buyer', '/app/transactions?limit=100&state=dead']
    const wanted = [...of, ...lists].flatMap((path) => ways.map((headers) => ({ path, headers })))
    const readOn = async () => {
      for (let next = wanted.pop(); next; next = wanted.pop()) {
        const { status, text } = await visit(next.path, { headers: { ...next.headers, ...more } })
        answers.push({ path: next.path, status, text })
      }
    }
    await Promise.all(Array.from({ length: together }, readOn))
    return answers
  }

  const tellsOf = (text: string) =>
    [buyer.email, buyer.comment, '555-01-77', '5550177'].filter((part) => text.replaceAll('\u00a0', ' ').includes(part))
  const pathsTelling = (answers: Awaited<ReturnType<typeof readAll>>) =>
    [...new Set(answers.filter(({ text }) => tellsOf(text).length > 0).map(({ path }) => path))].toSorted()
  const pathsWith = (answers: Awaited<ReturnType<typeof readAll>>, words: string[]) =>
    answers.filter(({ text }) => words.some((word) => text.includes(word))).map(({ path }) => path)
  const isClosed = new Set(addresses.filter(([, , access]) => access !== 'anyone').map(([, path]) => path))

  it.each([
    ['nobody', () => ({})],
    ['a shop', () => ({ authorization: `Bearer ${shops[0]?.token}` })],
    ['another shop', () => ({ authorization: `Bearer ${shops[1]?.token}` })],
    ['who knows the token of the webhook', () => ({ 'x-webhook-token': webhookToken })],
    ['who says that he is somebody', () => ({ cookie: 'parom=s%3Aadmin.x', 'x-forwarded-user': 'admin' })],
  ])('is nothing of orders or people to %s', async (_who, headersOf) => {
    const answers = await readAll(createVisitor(parom.url).visit, pathsOfOne, headersOf())
    expect(pathsTelling(answers)).toEqual([])
    expect(pathsWith(answers, secrets)).toEqual([])
    for (const { path, status } of answers) if (isClosed.has(path)) expect([302, 401], path).toContain(status)
  })

  it('is never a phone, an e-mail or what an order says to a viewer: not in pages, parts of them, JSON or files', async () => {
    const viewer = createVisitor(parom.url)
    await viewer.signIn('viewer', 'viewer-password')
    const answers = await readAll(viewer.visit)
    expect(answers.filter(({ status, text }) => status === 200 && text.includes('•••')).length).toBeGreaterThan(5)
    expect(pathsTelling(answers)).toEqual([])
    expect(pathsWith(answers, [...secrets, 'Взгляд одного'])).toEqual([])
    const exported = await send(viewer, '/app/transactions/export', { format: 'csv' })
    expect([exported.status, tellsOf(exported.text)]).toEqual([403, []])
  })

  it('is the orders to an operator, but nothing of people, shops and secrets', async () => {
    const operator = createVisitor(parom.url)
    await operator.signIn('operator', 'operator-password')
    const answers = await readAll(operator.visit)
    expect(pathsTelling(answers).length).toBeGreaterThan(2)
    expect(pathsWith(answers, [...secrets, 'Взгляд одного', 'other@shop.example'])).toEqual([])
  })

  it('is to an administrator no secret either, nor the filters that another has named', async () => {
    const admin = createVisitor(parom.url)
    await admin.signIn()
    const answers = await readAll(admin.visit)
    expect(pathsWith(answers, ['Взгляд одного']).length).toBeGreaterThan(0)
    expect(pathsWith(answers, secrets)).toEqual([])
  })

  it.each(formats)('is to a shop by %s its own code, whatever another one has sent by the same key', async (format) => {
    const codes: string[] = []
    for (const { token } of shops) {
      const { body } = await callApi(parom.url, format, exampleOf(format), {
        token,
        headers: { 'idempotency-key': 'one' },
      })
      codes.push(body.OrderCode)
    }
    expect(new Set(codes).size).toBe(shops.length)
    const { token = '' } = shops[1] ?? {}
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const { status, body } = await callApi(parom.url, `${format}?code=${codes[0]}`, undefined, { token, method })
      expect([status, JSON.stringify(body).includes(codes[0] ?? '?')]).toEqual([405, false])
    }
  })
})
