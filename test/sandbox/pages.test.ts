import { expect } from 'vitest'
import { tell } from './client.ts'

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
])
