import { afterAll, beforeAll, expect, it } from 'vitest'
import { hashToken } from '../../src/config/sources.ts'
import { keptBodyLimit } from '../../src/inbox/refused.ts'
import { onEachDatabase } from '../support/databases.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { startParom } from '../support/parom.ts'
import { createVisitor, formWith } from '../support/visitor.ts'

const sources = [
  { id: 'shop2', tokens: [hashToken('token-of-shop-2')] },
  { id: 'signed', signing_secrets: [`whsec_${Buffer.alloc(32, 7).toString('base64')}`] },
  { id: 'office', tokens: [hashToken('token-of-the-office')], allowed_addresses: ['203.0.113.7'] },
  { id: 'hasty', tokens: [hashToken('token-of-the-hasty')], rate_limit: { requests: 1, seconds: 60 } },
]
const shop2 = { 'x-webhook-token': 'token-of-shop-2' }
const hasty = { 'x-webhook-token': 'token-of-the-hasty' }
const large = `comment=${'x'.repeat(1_100_000)}`

onEachDatabase('a request that is refused', (database) => {
  let parom: Awaited<ReturnType<typeof startParom>>
  let admin: ReturnType<typeof createVisitor>
  let orders = 0
  const newOrder = () => asForm(anOrder({ comment: `Заказ ${++orders}` }))
  beforeAll(async () => {
    const env = { WEBHOOK_TOKEN: 'token-of-the-cabinet' }
    parom = await startParom({ databaseUrl: await database.fresh(), env, sources: { sources } })
    admin = createVisitor(parom.url)
    await admin.signIn()
    expect((await parom.post(newOrder(), hasty)).status).toBe(200)
  })
  afterAll(() => parom.close())

  async function newestRefused() {
    const { text } = await admin.visit('/app/transactions?state=rejected&limit=1', {
      headers: { accept: 'application/json' },
    })
    const [listed] = (JSON.parse(text) as { transactions: { id: string }[] }).transactions
    return (await parom.inbox.find(listed?.id ?? '')) ?? expect.fail('nothing was kept')
  }

  it.each<[string, string | null, Record<string, string>, string | undefined]>([
    ['unauthorized', 'unknown', { 'x-webhook-token': 'x' }, undefined],
    ['bad_signature', 'unknown', {}, undefined],
    ['address_not_allowed', null, { 'x-webhook-token': 'token-of-the-office' }, undefined],
    ['rate_limited', 'hasty', hasty, undefined],
    ['unsupported_type', 'shop2', { ...shop2, 'content-type': 'text/plain' }, undefined],
    ['unreadable', 'shop2', { ...shop2, 'content-type': 'application/json' }, '{"half":'],
    ['empty', 'shop2', shop2, ' '],
    ['too_large', 'shop2', shop2, large],
  ])('for %s is listed with its cause, its source and its body as it came', async (reason, source, headers, given) => {
    const body = given ?? newOrder()
    expect((await parom.post(body, headers)).body).toMatchObject({ error: reason })
    const kept = await newestRefused()
    expect(kept).toMatchObject({ state: 'rejected', reason, ...(source ? { source } : {}), address: '127.0.0.1' })
    expect(Buffer.from(kept.body).toString()).toBe(body.slice(0, keptBodyLimit))
    expect(kept.truncated).toBe(body.length > keptBodyLimit ? 1 : 0)
  })

  it('for coming too often becomes a lead once a person accepts it', async () => {
    expect((await parom.post(newOrder(), hasty)).status).toBe(429)
    const { id } = await newestRefused()
    const page = `/app/transactions/${id}`
    const { text } = await admin.visit(page)
    expect(text).toContain('<option selected>hasty</option>')
    const { _csrf = '' } = formWith('_csrf', /./, text)
    expect((await admin.submit(`${page}/redeliveries`, { _csrf, source: 'hasty' })).status).toBe(303)
    const { source, lead_id } = await parom.reaches(id, 'delivered')
    expect(source).toBe('hasty')
    const { leads } = await parom.sandbox.state()
    const lead = leads.find((each: { id: number }) => each.id === lead_id)
    expect(JSON.stringify(lead)).toContain(`Заказ ${orders}`)
  })
})
