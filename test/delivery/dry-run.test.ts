import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { rulesOf } from '../../src/config/rules.ts'
import { translateOf } from '../../src/config/translate.ts'
import { dryRun } from '../../src/delivery/dry-run.ts'
import type { FieldReference } from '../../src/mapping/amo-fields.mapper.ts'
import type { Form } from '../../src/mapping/form.ts'
import { goldenSeed } from '../fixtures/golden-account.ts'
import { clientWithToken, inHaste } from '../support/amocrm.ts'
import { onEachDatabase } from '../support/databases.ts'
import { goldenConfig, readGoldenOrders } from '../support/golden.ts'
import { openMirror, partnerFieldId } from '../support/mirror.ts'
import { anOrder, asForm } from '../support/orders.ts'
import { startParom, startTestSandbox } from '../support/parom.ts'

/** Everything that can be made is made. */
const maker: Form = {
  sources: [],
  pipeline_id: 1731979,
  status_id: 26034988,
  lead_name: '',
  entities_create: ['lead', 'contact', 'company'],
  responsible_user_id: 'contact',
  partner_not_found: 'create',
  products: { match: ['name', 'sku'], not_found: 'create' },
  tags: { lead: ['mapping###email'], contact: ['покупатель'], company: ['новая'] },
  mapping: {
    lastname: { mapped_id: 'contact_last_name' },
    telephone: { mapped_id: 'contact.phone' },
    email: { mapped_id: 'contact.email' },
    company: { mapped_id: 'company_name' },
  },
  logic: {},
}
const amoFields: Record<string, FieldReference> = {
  'contact.phone': { code: 'CONTACTS.PHONE.WORK' },
  'contact.email': { code: 'CONTACTS.EMAIL.WORK' },
}
const products = ['Новинка', 'Бак - Реактор'].map((name, index) => ({ product_id: `${index}`, name, quantity: 2 }))
const contentType = 'application/x-www-form-urlencoded'
const made = (name: string, fields: object) => ({
  name,
  contentType,
  body: Buffer.from(asForm(anOrder({ ...fields }))),
})

const stranger = { customer_id: '777', telephone: '+7 900 111-22-33', company: 'ООО Новая', products, form_id: 'maker' }

const orders = [
  ...readGoldenOrders(),
  made('nobody and nothing known', stranger),
  made('all of them known by now', { ...stranger, order_id: '2' }),
  made('a known buyer with a new company', {
    email: 'partner42@shop.example',
    company: 'ООО Другая',
    form_id: 'maker',
  }),
]

interface Sent {
  method: string
  path: string
  body: unknown
}

onEachDatabase('a dry run', (database) => {
  let sandbox: Awaited<ReturnType<typeof startTestSandbox>>
  let parom: Awaited<ReturnType<typeof startParom>>
  let opened: Parameters<typeof dryRun>[1]
  const closing: (() => Promise<void>)[] = []

  beforeAll(async () => {
    sandbox = await startTestSandbox()
    await sandbox.seed(goldenSeed)
    const databaseUrl = await database.fresh()
    const env = { CONFIG_DIR: goldenConfig }
    parom = await startParom({ databaseUrl, sandbox, env, amoFields, forms: { maker } })
    const mirror = await openMirror({ databaseUrl, sandbox, now: Date.now })
    closing.push(() => sandbox.close(), parom.close, mirror.close)
    const config = await loadConfig({ ENV_TYPE: 'local', ...env })
    const rules = rulesOf(config, translateOf(config))
    const { access_token: token } = await sandbox.credentials()
    opened = {
      client: clientWithToken({ baseUrl: sandbox.url, token, requestsPerSecond: inHaste }),
      mirror,
      partnerFieldId,
      rules: { ...rules, forms: { ...rules.forms, maker }, amoFields: { ...rules.amoFields, ...amoFields } },
    }
    // Its delivery makes the marker field.
    const { body } = await parom.post(asForm(anOrder()))
    await parom.reaches(body.id, 'delivered')
  })
  afterAll(async () => {
    for (const close of closing.reverse()) await close()
  })

  /** What was written to the CRM; the ids that only its answers have brought in the dry run's words. */
  async function sentFor(messageId: string, since: number): Promise<Sent[]> {
    const words = new Map<string, string>([[messageId, '<id заказа в Пароме>']])
    const inWords = (text: string) => [...words].reduce((said, [id, word]) => said.replaceAll(id, word), text)
    const sent: Sent[] = []
    for (const { request_id, method, path } of (await sandbox.requests()).slice(since)) {
      if (method === 'GET') continue
      const { request, answer } = await sandbox.exchange(request_id)
      const body = JSON.parse(request.body, (_, value) => {
        if (typeof value === 'string') return inWords(value)
        return typeof value === 'number' ? (words.get(String(value)) ?? value) : value
      })
      sent.push({ method, path: inWords(path), body })
      for (const [id, word] of namesOfIds(path, request.body, JSON.parse(answer.body))) words.set(id, word)
    }
    return sent
  }

  it.each(orders)('sends nothing, and shows the requests that the delivery then sends: $name', async (message) => {
    const before = (await sandbox.requests()).length
    const { requests } = await dryRun({ source: 'lk', contentType: message.contentType, body: message.body }, opened)
    const asked = await sandbox.requests()
    expect(asked.slice(before).filter(({ method }) => method !== 'GET')).toEqual([])

    const { body } = await parom.post(message.body, { 'content-type': message.contentType })
    await parom.reaches(body.id, 'delivered')
    expect(requests.map(({ step, ...request }) => request)).toEqual(await sentFor(body.id, asked.length))
  })

  it('says of an order that cannot be read why not', async () => {
    const unreadable = { source: 'lk', contentType: 'application/json', body: Buffer.from('{"a":') }
    await expect(dryRun(unreadable, opened)).rejects.toThrow('JSON')
  })
})

interface Created {
  _embedded?: Record<string, { id: number; name?: string }[]>
}

/** What the dry run calls the ids that an answer brought. */
function namesOfIds(path: string, body: string, { _embedded = {} }: Created): [string, string][] {
  const isPartner = body.includes(String(partnerFieldId))
  const [, step] =
    [
      [/^\/api\/v4\/contacts$/, isPartner ? 'Контакт партнёра' : 'Контакт покупателя'] as const,
      [/^\/api\/v4\/companies$/, 'Компания'] as const,
      [/^\/api\/v4\/leads$/, 'Сделка'] as const,
      [/\/elements$/, 'Новые товары в каталоге'] as const,
    ].find(([pattern]) => pattern.test(path)) ?? []
  if (step === undefined) return []
  const isElement = path.endsWith('elements')
  const created = Object.values(_embedded).flat()
  return created.map(({ id, name }) => [String(id), isElement ? `<id: ${step}> ${name}` : `<id: ${step}>`])
}
