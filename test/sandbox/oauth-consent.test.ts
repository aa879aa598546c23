import fc from 'fast-check'
import { expect } from 'vitest'
import { addIntegration, administrator, bearer, exchange, listen, manager } from './access.ts'
import { type Client, tell } from './client.ts'

const minute = 60_000

tell('the consent page', [
  [
    'RU:step-by-step',
    'says who asks for what, and allowing leads back with a code that works',
    async (amo) => {
      const shop = await addIntegration(amo, {
        name: 'Магазин <b>',
        redirect_uri: 'https://shop.example/auth?shop=1',
        description: 'Переносит заказы',
      })
      const page = await open(amo, { client_id: shop.client_id, state: 'a&b' })
      for (const part of ['Магазин &lt;b&gt;', 'Паром: песочница', 'Переносит заказы', 'Администратор']) {
        expect(page.html).toContain(part)
      }
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
      const address = new URL((await page.answer('allow')).location)
      const { code, ...rest } = Object.fromEntries(address.searchParams)
      expect(`${address.origin}${address.pathname}`).toBe('https://shop.example/auth')
      expect(rest).toEqual({
        shop: '1',
        referer: new URL(amo.sandbox.url).host,
        state: 'a&b',
        client_id: shop.client_id,
        platform: '1',
      })
      const { status, body } = await exchange(amo, { ...shop, code })
      expect(status).toBe(200)
      expect((await fetch(`${amo.sandbox.url}/api/v4/account`, bearer(body.access_token))).status).toBe(200)
    },
  ],
  [
    'OAUTHLIB',
    'passes over what libraries add, and tells no state where none was sent',
    async (amo) => {
      const { client_id } = amo.sandbox.credentials()
      const extra = { redirect_uri: 'https://evil.example/', response_type: 'code', scope: '', approval_prompt: 'auto' }
      const { location } = await (await open(amo, { client_id, ...extra })).answer('allow')
      expect(location).toMatch(/^http:\/\/127\.0\.0\.1:3000\/api\/auth\?code=/)
      expect(location).not.toContain('state')
    },
  ],
  [
    'RU:account-subdomain-info',
    'tells the host of the account after a renaming',
    async (amo) => {
      await amo.settings({ account_host: 'novoe-imya.amocrm.ru' })
      const { client_id } = amo.sandbox.credentials()
      const { location } = await (await open(amo, { client_id })).answer('allow')
      expect(new URL(location).searchParams.get('referer')).toBe('novoe-imya.amocrm.ru')
    },
  ],
  [
    'RU:step-by-step',
    'tells on which of the two platforms the account is',
    async (amo) => {
      const { client_id } = amo.sandbox.credentials()
      for (const [account_host, platform] of [
        ['demo.amocrm.ru', '1'],
        ['demo.kommo.com', '2'],
        ['demo.amocrm.com', '2'],
      ]) {
        await amo.settings({ account_host })
        const { location } = await (await open(amo, { client_id })).answer('allow')
        expect(new URL(location).searchParams.get('platform'), account_host).toBe(platform)
      }
    },
  ],
  [
    'KM:oauth-20',
    'leads back with access_denied when it is declined',
    async (amo) => {
      const { client_id } = await addIntegration(amo)
      const page = await open(amo, { client_id, state: 's' })
      const { status, location } = await page.answer('deny')
      expect({ status, location }).toEqual({
        status: 303,
        location: `https://shop.example/auth?error=access_denied&client_id=${client_id}&state=s`,
      })
    },
  ],
  [
    'RU:scopes',
    'lets an administrator come first, and others after that in their own name',
    async (amo) => {
      await amo.admin('/reset', { users: [administrator, manager] })
      const shop = await addIntegration(amo)
      const first = await open(amo, shop)
      expect(first.html).toMatch(/value="504143" disabled/)
      const refused = await first.answer('allow', manager.id)
      expect(refused).toMatchObject({ status: 403, text: expect.stringContaining('только администратор') })
      expect((await (await open(amo, shop)).answer('allow', 5)).status).toBe(400)

      expect((await (await open(amo, shop)).answer('allow')).status).toBe(303)
      const { location } = await (await open(amo, shop)).answer('allow', manager.id)
      const { body } = await exchange(amo, { ...shop, code: new URL(location).searchParams.get('code') })
      const claims = JSON.parse(Buffer.from(body.access_token.split('.')[1], 'base64url').toString())
      expect(claims).toMatchObject({ sub: '504143', aud: shop.client_id })

      await amo.admin('/disconnect', { client_id: shop.client_id })
      expect((await (await open(amo, shop)).answer('allow', manager.id)).status).toBe(403)
    },
  ],
  [
    'contract',
    'is answered once, within 20 minutes, and from itself only',
    async (amo) => {
      const { client_id } = await addIntegration(amo)
      const used = await open(amo, { client_id })
      expect((await used.answer('deny')).status).toBe(303)
      expect((await used.answer('allow')).status).toBe(400)
      const late = await open(amo, { client_id })
      amo.advance(20 * minute)
      expect((await late.answer('allow')).status).toBe(400)

      for (const headers of [
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
        { origin: 'https://evil.example' },
        { origin: 'null' },
      ]) {
        const page = await open(amo, { client_id })
        expect((await page.answer('allow', administrator.id, headers)).status).toBe(403)
      }
      const own = await open(amo, { client_id })
      expect((await own.answer('allow', administrator.id, { origin: amo.sandbox.url })).status).toBe(303)
    },
  ],
  [
    'contract',
    'says so when the integration is unknown',
    async (amo) => {
      const page = await open(amo, { client_id: 'nobody<' })
      expect(page).toMatchObject({ status: 404, type: expect.stringContaining('text/html') })
      expect(page.html).toContain('nobody&lt;')
      expect(page.html).not.toContain('<form')
      expect((await open(amo, {})).status).toBe(400)
    },
  ],
  [
    'RU:step-by-step',
    'in a popup has the page that opened it go on; with post_message it goes on itself',
    async (amo) => {
      const { client_id } = await addIntegration(amo)
      const popup = await (await open(amo, { client_id, mode: 'popup' })).answer('allow')
      expect(popup.status).toBe(200)
      expect(popup.text).toMatch(/href="https:\/\/shop\.example\/auth\?code=/)
      expect((await (await open(amo, { client_id, mode: 'post_message' })).answer('allow')).status).toBe(303)
    },
  ],
  [
    'contract',
    'is never in trouble with what is asked',
    async (amo) => {
      const names = [
        'client_id',
        'state',
        'mode',
        'name',
        'redirect_uri',
        'secrets_uri',
        'logo',
        'scopes',
        'a[b]',
        'a[]',
      ]
      const value = fc.oneof(fc.string(), fc.webUrl(), fc.constant(amo.sandbox.credentials().client_id))
      const pair = fc.tuple(fc.constantFrom(...names, ...names.map((name) => `${name}[]`)), value)
      await fc.assert(
        fc.asyncProperty(fc.array(pair, { maxLength: 8 }), async (pairs) => {
          const response = await fetch(`${amo.sandbox.url}/oauth?${new URLSearchParams(pairs)}`)
          expect([200, 400, 404]).toContain(response.status)
          expect(await response.text()).toContain('<!doctype html>')
        }),
        { numRuns: 100 },
      )
      const body = fc.oneof(fc.string(), fc.constant('form[]=1&answer=allow'), fc.constant('form=constructor'))
      await fc.assert(
        fc.asyncProperty(body, async (sent) => {
          expect((await post(amo, sent)).status).toBe(400)
        }),
      )
    },
  ],
])

tell('an external integration', [
  [
    'RU:oauth-external-integrations',
    'comes to be when access is granted, and hears its keys before the person returns',
    async (amo) => {
      await using shop = await listen(() => ({ status: 200 }))
      const page = await open(amo, described(shop.url, { state: 'abc', logo: `${shop.url}/logo.png` }))
      expect(page.html).toContain('Внешний магазин')
      expect(page.html).toContain(`src="${shop.url}/logo.png"`)
      expect(shop.heard).toEqual([])
      const address = new URL((await page.answer('allow')).location)
      expect(shop.heard).toMatchObject([{ method: 'POST', path: '/secrets', type: 'application/json' }])
      const keys = JSON.parse(shop.heard[0]?.body ?? '')
      expect(Object.keys(keys)).toEqual(['client_id', 'client_secret', 'state'])
      expect(keys).toMatchObject({ state: 'abc', client_id: address.searchParams.get('client_id') })
      const code = address.searchParams.get('code')
      const { body } = await exchange(amo, { ...keys, redirect_uri: `${shop.url}/auth`, code })
      expect(body.token_type).toBe('Bearer')
      expect((await amo.admin('/integrations')).body.integrations).toContainEqual(
        expect.objectContaining({ client_id: keys.client_id, kind: 'external', scopes: ['crm', 'notifications'] }),
      )
    },
  ],
  [
    'contract',
    'is not made when it was declined or cannot be told its keys',
    async (amo) => {
      const before = (await amo.admin('/integrations')).body
      await using shop = await listen(() => ({ status: 500 }))
      const declined = await (await open(amo, described(shop.url))).answer('deny')
      expect(declined.location).toContain('error=access_denied')
      expect(shop.heard).toEqual([])
      const failed = await (await open(amo, described(shop.url))).answer('allow')
      expect(failed).toMatchObject({ status: 502, text: expect.stringContaining('ответ 500') })
      expect((await amo.admin('/integrations')).body).toEqual(before)
    },
  ],
  [
    'RU:button',
    'is refused with the names of what is wrong about it',
    async (amo) => {
      const wrong = { redirect_uri: 'javascript:alert(1)', secrets_uri: 'x', scopes: 'crm,everything', name: ' ' }
      const { status, html } = await open(amo, described('https://shop.example', wrong))
      expect(status).toBe(400)
      for (const name of Object.keys(wrong)) expect(html).toContain(name)
    },
  ],
])

const described = (shop: string, changed: object = {}) => ({
  name: 'Внешний магазин',
  redirect_uri: `${shop}/auth`,
  secrets_uri: `${shop}/secrets`,
  scopes: 'crm, notifications',
  ...changed,
})

/** The page, and how to press its buttons. */
async function open(amo: Client, query: object) {
  const { status, type, headers, text: html } = await amo.call('GET', `/oauth?${new URLSearchParams({ ...query })}`)
  const form = /name="form" value="([^"]+)"/.exec(html)?.[1] ?? ''
  return { status, type, headers, html, answer }

  function answer(pressed: 'allow' | 'deny', user: number = administrator.id, headers: Record<string, string> = {}) {
    return post(amo, new URLSearchParams({ form, answer: pressed, user_id: String(user) }).toString(), headers)
  }
}

async function post({ sandbox }: Client, body: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${sandbox.url}/oauth`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body,
  })
  return { status: response.status, location: response.headers.get('location') ?? '', text: await response.text() }
}
