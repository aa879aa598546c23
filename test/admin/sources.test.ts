import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { decodeHTML } from 'entities'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDatabase } from '../../src/database/open.ts'
import { addShop, callApi } from '../support/api-shops.ts'
import { onEachDatabase } from '../support/databases.ts'
import { startParom } from '../support/parom.ts'
import { contentOf, send, signedIn } from '../support/people.ts'

const run = promisify(execFile)
const digest = `sha256:${'a'.repeat(43)}`
const signingSecret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

/** What a page shows to be copied, by its id. */
function copied(html: string, id: string) {
  const [, text] = new RegExp(`<pre class="copy" id="${id}"[^>]*>([\\s\\S]*?)</pre>`).exec(html) ?? []
  return decodeHTML(text ?? '')
}

/** A command as somebody pastes it into a terminal. */
async function paste(command: string) {
  const { stdout } = await run('sh', ['-c', `${command} -sS`])
  return JSON.parse(stdout)
}

onEachDatabase('the sources', (database) => {
  let databaseUrl: string
  let parom: Awaited<ReturnType<typeof startParom>>
  let boss: Awaited<ReturnType<typeof signedIn>>
  beforeAll(async () => {
    databaseUrl = await database.fresh()
    parom = await startParom({
      databaseUrl,
      sources: {
        rate_limit: { requests: 500, seconds: 1 },
        sources: [
          {
            id: 'shop2',
            tokens: [digest],
            signing_secrets: [signingSecret],
            allowed_addresses: ['203.0.113.7'],
            form: 'default',
            rate_limit: { requests: 20, seconds: 2 },
            dedupe: { by: [{ header: 'X-Order' }, { field: 'order_no' }], window: 60 },
          },
        ],
      },
    })
    boss = await signedIn(parom.url)
  })
  afterAll(() => parom.close())

  const add = (fields: Record<string, string>) => send(boss, '/app/sources', fields)
  const textOf = (html: string) => decodeHTML(contentOf(html).replace(/<[^>]+>/g, ' ')).replace(/\s+/g, ' ')

  it('of the settings are shown as they are, without what they show themselves by', async () => {
    const { text } = await boss.visit('/app/sources')
    expect(textOf(text)).toContain(
      'shop2 токен подпись 203.0.113.7 default 20 за 2 с заголовок x-order , поле order_no , иначе то же тело за 1 мин',
    )
    expect(textOf(text)).toMatch(/lk никак: открыт всем отовсюду default — заголовок webhook-id/)
    expect(textOf(text)).toContain('Общий предел на все: 500 за 1 с')
    for (const secret of [digest.slice(7), signingSecret]) expect(text).not.toContain(secret)
  })

  it('get a shop, with a token and a code that work as they are pasted and are shown once', async () => {
    const { status, text } = await add({ name: ' Лютик ', email: 'Shop@Lutik.example', partner: '100500' })
    expect(status).toBe(200)
    const [token, code] = [copied(text, 'token'), copied(text, 'invitation')]
    const order = await paste(copied(text, 'order-curl'))
    expect(order).toMatchObject({ OrderCreated: true, OrderCode: expect.stringMatching(/^SH\d{4}-\d{5}$/) })
    expect(await callApi(parom.url, 'logout', undefined, { token: `${token}x` })).toMatchObject({ status: 400 })
    const registration = copied(text, 'invitation-curl').replaceAll('придумайте пароль', 'correct horse battery')
    expect(await paste(registration)).toMatchObject({ signedUp: true })
    const login = { email: 'shop@lutik.example', password: 'correct horse battery' }
    expect((await callApi(parom.url, 'login', login)).body).toMatchObject({ signedIn: true })

    for (const path of ['/app/sources', '/app/sources/api-sh', '/app/audit', '/app/audit.csv']) {
      const seen = (await boss.visit(path)).text
      expect(seen, path).toContain(path === '/app/sources' ? 'Лютик' : 'api-sh')
      for (const secret of [token.split('|')[1] ?? '', code]) expect(seen, path).not.toContain(secret)
    }
    expect(textOf((await boss.visit('/app/audit')).text)).not.toContain('lutik.example')
    expect(await keptInClear(databaseUrl, [token.split('|')[1] ?? '', code])).toEqual([])
    const shop = textOf((await boss.visit('/app/sources')).text)
    expect(shop).toMatch(/Лютик api-sh shop@lutik.example ● Работает 100500 по виду заказа — 3 \d\d/)
  })

  it.each<[string, Record<string, string>, Record<string, string>]>([
    ['nothing', {}, { name: 'Укажите название', email: 'Такого адреса не бывает' }],
    ['blanks', { name: ' \t', email: ' ' }, { name: 'Укажите название', email: 'Такого адреса не бывает' }],
    ['a name without end', { name: 'x'.repeat(191) }, { name: 'Не длиннее 190 знаков' }],
    ['no e-mail', { email: 'romashka' }, { email: 'Такого адреса не бывает' }],
    ['an e-mail without end', { email: `${'x'.repeat(180)}@shop.example` }, { email: 'Такого адреса не бывает' }],
    ['a partner without end', { partner: 'x'.repeat(191) }, { partner: 'Не длиннее 190 знаков' }],
    ['a form that is none', { form: 'constructor' }, { form: 'Такой формы нет' }],
    ['half a limit', { requests: '5' }, { seconds: 'Заполните оба поля или ни одного' }],
    ['the other half', { seconds: '5' }, { requests: 'Заполните оба поля или ни одного' }],
    ['a limit of none', { requests: '0', seconds: '00' }, { requests: 'Нужно целое', seconds: 'Нужно целое' }],
    ['fractions', { requests: '1.5', seconds: '1e3' }, { requests: 'Нужно целое', seconds: 'Нужно целое' }],
    ['less than none', { requests: '-1', seconds: '1' }, { requests: 'Нужно целое' }],
    ['more than can be kept', { requests: '9'.repeat(10), seconds: '1' }, { requests: 'Нужно целое' }],
  ])('get no shop with %s, and the form says why beside the fields', async (_what, typed, problems) => {
    const good = Object.keys(typed).length === 0 ? {} : { name: 'Ирис', email: 'iris@shop.example' }
    const { status, text } = await add({ ...good, ...typed })
    expect(status).toBe(422)
    const told = [...text.matchAll(/id="(\w+)-problem">([^<]*)/g)].map(([, field, problem]) => [field, problem])
    expect(Object.fromEntries(told)).toEqual(
      Object.fromEntries(Object.entries(problems).map(([field, problem]) => [field, expect.stringContaining(problem)])),
    )
    for (const value of Object.values({ ...good, ...typed })) expect(text).toContain(value.trim())
    expect((await boss.visit('/app/sources')).text).not.toContain('iris@shop.example')
  })

  it('have an e-mail once, and say whose it is', async () => {
    await add({ name: 'Пион', email: 'pion@shop.example' })
    const { status, text } = await add({ name: 'Другой', email: 'PION@shop.example' })
    expect([status, text]).toEqual([422, expect.stringContaining('Этот e-mail уже занят')])
    expect(text).toContain('href="/app/sources/api-pi">Открыть этот магазин')
  })

  it('get a shop once when two administrators add it at once, and both find it', async () => {
    const another = await signedIn(parom.url)
    const shop = { name: 'Астра', email: 'astra@shop.example' }
    const answers = await Promise.all([boss, another].map((visitor) => send(visitor, '/app/sources', shop)))
    const [added, refused] = answers.toSorted((one, other) => one.status - other.status)
    expect([added?.status, refused?.status]).toEqual([200, 422])
    expect(refused?.text).toContain('href="/app/sources/api-as">Открыть этот магазин')
  })

  it('tell of shops that registered themselves, and of the tokens that they got by it', async () => {
    const password = 'correct horse battery'
    const shop = { name: 'Сама', email: 'own@self.example', password, password_confirmation: password }
    expect(await callApi(parom.url, 'register', shop)).toMatchObject({ status: 201 })
    const { text } = await boss.visit('/app/sources')
    expect(textOf(text)).toMatch(/Сама api-ow own@self.example ● Работает зарегистрировался сам/)
    expect(textOf((await boss.visit('/app/sources/api-ow')).text)).toMatch(/№ \d+ магазин, при входе/)
  })

  it('show names as they are typed, whatever they look like', async () => {
    const name = `<img src=x onerror=pwned(1)>"'{{7*7}}</title>`
    await add({ name, email: 'hostile@shop.example', partner: name })
    for (const path of ['/app/sources', '/app/sources/api-ho', '/app/audit', '/app/transactions?source=api-ho']) {
      const { text } = await boss.visit(path)
      expect(decodeHTML(text), path).toContain(name)
      expect(text, path).not.toContain('<img src=x')
    }
  })

  describe.each([
    ['closed', 'Регистрация закрыта.', false],
    ['invitation', 'Регистрация по приглашениям.', true],
    ['open', 'Регистрация открыта.', true],
  ] as const)('where registration is %s', (registration, words, hasCode) => {
    it('say so, and give codes only where they are good for something', async () => {
      const url = await database.fresh()
      const own = await startParom({ databaseUrl: url, registration, sandbox: parom.sandbox })
      const { source } = await addShop(url)
      const chief = await signedIn(own.url)
      const { text } = await chief.visit('/app/sources')
      expect(textOf(text)).toContain(words)
      expect(text).toContain('href="/api/docs"')
      const added = await send(chief, '/app/sources', { name: 'Мак', email: 'mak@shop.example' })
      expect(copied(added.text, 'token')).toMatch(/^\d+\|[\w-]{40}$/)
      expect(copied(added.text, 'invitation') !== '').toBe(hasCode)
      const invited = await send(chief, `/app/sources/${source}`, { what: 'invite' })
      expect([invited.status, copied(invited.text, 'invitation') !== '']).toEqual([hasCode ? 200 : 422, hasCode])
      await own.close()
    })
  })

  it('say when there are so many that no two letters are left', async () => {
    const url = await database.fresh()
    const own = await startParom({ databaseUrl: url, sandbox: parom.sandbox })
    await fillUp(url)
    const { status, text } = await send(await signedIn(own.url), '/app/sources', { name: 'Мак', email: 'a@b.ru' })
    expect([status, text]).toEqual([422, expect.stringContaining('двухбуквенные коды кончились')])
    await own.close()
  })
})

/** Of these texts those that stand as they are in what is kept of people and shops. */
async function keptInClear(databaseUrl: string, texts: string[]) {
  const { db, close } = openDatabase(databaseUrl)
  const tables = ['api_users', 'api_tokens', 'audit', 'sessions'] as const
  const kept = await Promise.all(tables.map((table) => db.selectFrom(table).selectAll().execute()))
  await close()
  return texts.filter((text) => JSON.stringify(kept).includes(text))
}

async function fillUp(databaseUrl: string) {
  const { db, close } = openDatabase(databaseUrl)
  const letters = [...'abcdefghijklmnopqrstuvwxyz']
  const rows = letters
    .flatMap((one) => letters.map((other) => `api-${one}${other}`))
    .map((source) => ({ source, name: source, email: `${source}@shop.example`, created_at: 1, created_by: '' }))
  await db.insertInto('api_users').values(rows).execute()
  await close()
}
