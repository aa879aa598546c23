import { expect } from 'vitest'
import { type Client, tell } from './client.ts'

const page = async (amo: Client, path: string) => (await amo.call('GET', path)).text

tell('a page for people', [
  [
    'contract',
    'shows leads in the columns of their stages',
    async (amo) => {
      const id = await amo.lead({
        name: 'Заказ <b>1001</b>',
        price: 104200,
        _embedded: { contacts: [{ id: 7143599 }] },
      })
      await amo.post(
        `/leads/${id}/link`,
        [525439, 525441].map((to_entity_id) => ({
          to_entity_id,
          to_entity_type: 'catalog_elements',
          metadata: { catalog_id: 4521 },
        })),
      )
      const { text, headers } = await amo.call('GET', '/')
      expect(text).toContain('Заказ &lt;b&gt;1001&lt;/b&gt;')
      expect(text).toContain('Росс Партнёр')
      expect(text).toContain('2 товара')
      expect(text).toMatch(/104\s200\s₽/)
      expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    },
  ],
  [
    'contract',
    'shows a lead with its fields, products and notes under the address of amoCRM',
    async (amo) => {
      const id = await amo.lead({
        custom_fields_values: [{ field_id: 685731, values: [{ value: 'Lastname' }] }],
        tags_to_add: [{ name: 'parom' }],
      })
      await amo.post(`/leads/${id}/link`, [
        { to_entity_id: 525439, to_entity_type: 'catalog_elements', metadata: { catalog_id: 4521, quantity: 3 } },
      ])
      await amo.post(`/leads/${id}/notes`, [{ note_type: 'common', params: { text: 'первая\nвторая' } }])
      const { text } = await amo.call('GET', `/leads/detail/${id}`)
      for (const part of [
        'Покупатель',
        'Lastname',
        'parom',
        'Автоклав - Бак с переливом',
        'P-194',
        'первая\nвторая',
        'Новый заказ',
      ]) {
        expect(text).toContain(part)
      }
      expect(text).toMatch(/37\s500\s₽/)
    },
  ],
  [
    'contract',
    'shows a contact, the journal and the style sheet',
    async (amo) => {
      expect((await amo.call('GET', '/contacts/detail/7143599')).text).toContain('+7 912 345-67-89')
      await amo.get('/leads?query=%D0%9A%D0%B8%D0%BC')
      expect((await amo.call('GET', '/__sandbox/journal.html')).text).toContain('/api/v4/leads?query=Ким')
      expect((await amo.call('GET', '/__sandbox/sandbox.css')).type).toContain('text/css')
    },
  ],
  [
    'contract',
    'says so when there is nothing',
    async (amo) => {
      expect(await amo.call('GET', '/leads/detail/1')).toMatchObject({
        status: 404,
        type: expect.stringContaining('text/html'),
      })
    },
  ],
  [
    'contract',
    'shows one pipeline at a time, with sums, and the rest by tabs',
    async (amo) => {
      await amo.lead({ name: 'Дропшип', price: 1000 })
      await amo.lead({ name: 'Ещё', price: 234 })
      await amo.lead({ name: 'Розничная', pipeline_id: 1158625 })
      const [main, retail] = [await page(amo, '/'), await page(amo, '/?pipeline=1158625')]
      expect(main).toMatch(/2 сделки · 1\s234\s₽/)
      expect(main).not.toContain('Розничная')
      expect(retail).toContain('Розничная')
      expect(retail).not.toContain('Дропшип<')
    },
  ],
  [
    'contract',
    'finds leads by name, contact, tag and number, and says when there are none',
    async (amo) => {
      const id = await amo.lead({
        name: 'Искомая',
        tags_to_add: [{ name: 'Сайт' }],
        _embedded: { contacts: [{ id: 7143599 }] },
      })
      await amo.lead({ name: 'Лишняя' })
      for (const search of ['иском', 'росс', 'САЙТ', String(id)]) {
        const text = await page(amo, `/?search=${encodeURIComponent(search)}`)
        expect(text, search).toContain('Искомая')
        expect(text, search).not.toContain('Лишняя')
      }
      expect(await page(amo, '/?search=%3Cb%3E')).toContain('По запросу «&lt;b&gt;» ничего не нашлось')
    },
  ],
  [
    'contract',
    'shows the beginning of a long column, and all of it when asked',
    async (amo) => {
      await amo.post(
        '/leads',
        Array.from({ length: 60 }, (_, index) => ({ name: `Заказ-${index + 1}.` })),
      )
      const first = await page(amo, '/')
      expect(first).toContain('Заказ-60.')
      expect(first).not.toContain('Заказ-1.')
      const [, href = ''] = /href="([^"]*)">и ещё 10</.exec(first) ?? []
      expect(await page(amo, href.replaceAll('&amp;', '&').split('#')[0] ?? '')).toContain('Заказ-1.')
    },
  ],
  [
    'contract',
    'shows with a lead the requests that were about it',
    async (amo) => {
      const [id, other] = [await amo.lead(), await amo.lead()]
      await amo.post('/leads/notes', [{ entity_id: id, note_type: 'common', params: { text: 'a' } }])
      const about = async (lead: number) => (await page(amo, `/leads/detail/${lead}`)).match(/<b>POST<\/b>/g)?.length
      expect([await about(id), await about(other)]).toEqual([2, 1])
    },
  ],
  [
    'contract',
    'shows of the journal what was asked for, and of a request what was said',
    async (amo) => {
      await amo.post('/leads', [{ name: 'Заказ <b>1</b>' }])
      await amo.get('/leads?limit=3')
      await amo.get('/nothing')
      const rows = async (query: string) =>
        [...(await page(amo, `/__sandbox/journal.html?${query}`)).matchAll(/request\.html\?id=.*?<span>([^<]*)</g)].map(
          ([, path]) => path,
        )
      // The last one is the empty row that the script fills.
      expect((await rows('')).slice(0, -1)).toEqual(['/api/v4/nothing', '/api/v4/leads?limit=3', '/api/v4/leads'])
      expect((await rows('method=POST')).slice(0, -1)).toEqual(['/api/v4/leads'])
      expect((await rows('outcome=4')).slice(0, -1)).toEqual(['/api/v4/nothing'])
      expect((await rows('path=limit')).slice(0, -1)).toEqual(['/api/v4/leads?limit=3'])
      const [{ request_id }] = (await amo.admin('/journal')).body.requests
      const text = await page(amo, `/__sandbox/request.html?id=${request_id}`)
      expect(text).toContain('Заказ &lt;b&gt;1&lt;/b&gt;')
      expect(text).toContain('&quot;_embedded&quot;: {\n')
      expect((await amo.call('GET', '/__sandbox/request.html?id=none')).status).toBe(404)
    },
  ],
])
