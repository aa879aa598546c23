import { expect } from 'vitest'
import { tell } from './client.ts'

tell('the account', [
  [
    'RU:account-info',
    'tells more when asked by with',
    async (amo) => {
      const brief = (await amo.get('/account')).body
      expect(brief).toMatchObject({
        name: 'Паром: песочница',
        subdomain: 'sandbox',
        currency: 'RUB',
        current_user_id: 504141,
      })
      expect(brief).not.toHaveProperty('is_api_filter_enabled')
      expect((await amo.get('/account?with=is_api_filter_enabled,datetime_settings')).body).toMatchObject({
        is_api_filter_enabled: false,
        _embedded: {
          datetime_settings: { timezone: 'Europe/Moscow', timezone_offset: '+03:00', date_formant: 'd.m.Y' },
        },
      })
    },
  ],
  [
    'RU:users-api',
    'has users',
    async (amo) => {
      expect((await amo.get('/users')).body._embedded.users).toMatchObject([{ id: 504141, name: 'Администратор' }])
    },
  ],
  [
    'RU:leads_pipelines',
    'has pipelines, each with unsorted, 142 and 143',
    async (amo) => {
      const { body } = await amo.get('/leads/pipelines')
      expect(body._total_items).toBe(2)
      const [main, retail] = body._embedded.pipelines
      expect(main).toMatchObject({
        id: 1731979,
        name: 'Дропшиппинг',
        is_main: true,
        _embedded: {
          statuses: [
            { id: 26034985, type: 1, sort: 10, is_editable: false },
            { id: 26034988, name: 'Новый заказ', type: 0, is_editable: true },
            { id: 26034991 },
            { id: 142, sort: 10000, is_editable: false },
            { id: 143, sort: 11000 },
          ],
        },
      })
      expect((await amo.get('/leads/pipelines/1158625')).body).toEqual(retail)
      expect((await amo.get('/leads/pipelines/5')).status).toBe(404)
    },
  ],
  [
    'RU:account-info',
    'tells everything that with can ask for',
    async (amo) => {
      const all =
        'amojo_id,amojo_rights,users_groups,task_types,version,entity_names,datetime_settings,drive_url,is_api_filter_enabled,invoices_settings'
      const { body } = await amo.get(`/account?with=${all}`)
      expect(body).toMatchObject({ amojo_id: expect.any(String), version: 16, drive_url: expect.any(String) })
      expect(body.is_api_filter_enabled).toBe(false)
      expect(Object.keys(body._embedded).sort()).toEqual([
        'amojo_rights',
        'datetime_settings',
        'entity_names',
        'invoices_settings',
        'task_types',
        'users_groups',
      ])
      expect(body._embedded.task_types).toMatchObject([{ code: 'FOLLOW_UP' }, { code: 'MEETING' }])
    },
  ],
  [
    'RU:error-codes',
    'has no customers, because it does not pay for them',
    async (amo) => {
      expect(await amo.get('/customers')).toMatchObject({ status: 402, body: { detail: 'Payment required' } })
      expect((await amo.post('/customers/notes', [{}])).status).toBe(402)
      expect((await amo.get('/account')).body.customers_mode).toBe('disabled')
    },
  ],
])
