import { expect } from 'vitest'
import { addIntegration, administrator, manager } from './access.ts'
import { type Client, faultsOf, tell } from './client.ts'

const remove = (amo: Client, path: string) => amo.call('DELETE', `/api/v4${path}`)

tell('pipelines', [
  [
    'RU:leads_pipelines',
    'are made with the stages that every pipeline has',
    async (amo) => {
      const { status, body } = await amo.post('/leads/pipelines', [
        {
          name: 'Опт',
          sort: 30,
          is_main: false,
          is_unsorted_on: false,
          _embedded: {
            statuses: [
              { name: 'Счёт', sort: 40, color: '#fffeb2' },
              { name: 'Звонок', sort: 30 },
              { id: 142, name: 'Отгружено' },
            ],
          },
          request_id: '1',
        },
      ])
      expect(status).toBe(200)
      expect(body).toMatchObject({
        _total_items: 1,
        _embedded: {
          pipelines: [
            {
              name: 'Опт',
              is_main: false,
              is_unsorted_on: false,
              _embedded: {
                statuses: [
                  { type: 1, sort: 10, is_editable: false },
                  { name: 'Звонок', type: 0, is_editable: true },
                  { name: 'Счёт', color: '#fffeb2' },
                  { id: 142, name: 'Отгружено' },
                  { id: 143, name: 'Закрыто и не реализовано' },
                ],
              },
            },
          ],
        },
      })
      const ids = body._embedded.pipelines[0]._embedded.statuses.map(({ id }: { id: number }) => id)
      expect(new Set(ids).size).toBe(5)
      const id = await amo.lead({ pipeline_id: body._embedded.pipelines[0].id })
      expect((await amo.get(`/leads/${id}`)).body.status_id).toBe(ids[1])
    },
  ],
  [
    'RU:leads_pipelines',
    'need names and know of the stages only 142 and 143 by their ids',
    async (amo) => {
      const answer = await amo.post('/leads/pipelines', [
        { sort: 1 },
        { name: 'A', _embedded: { statuses: [{ sort: 1 }, { id: 5, name: 'x' }] } },
        { name: 'A', _embedded: { statuses: [{ id: 5, name: 'x' }] } },
        { name: 'A', colour: 'red' },
      ])
      expect(faultsOf(answer)).toEqual([
        '0: name FieldMissing',
        '1: _embedded.statuses.0.name FieldMissing',
        '2: _embedded.statuses.0.id NotSupportedChoice',
        '3: colour FieldNotExpected',
      ])
    },
  ],
  [
    'RU:leads_pipelines',
    'are changed one by one, and only one of them is the main one',
    async (amo) => {
      expect((await amo.patch('/leads/pipelines/1158625', { name: 'Опт', is_main: true })).body).toMatchObject({
        id: 1158625,
        name: 'Опт',
        is_main: true,
      })
      const { body } = await amo.get('/leads/pipelines')
      expect(body._embedded.pipelines.map(({ is_main }: { is_main: boolean }) => is_main)).toEqual([false, true])
      expect((await amo.patch('/leads/pipelines/1158625', { is_main: false })).body.is_main).toBe(true)
      expect((await amo.patch('/leads/pipelines/5', { name: 'x' })).status).toBe(404)
    },
  ],
  [
    'RU:leads_pipelines',
    'are deleted with 204, unless there are leads in them or it is the last one',
    async (amo) => {
      const id = await amo.lead()
      expect((await remove(amo, '/leads/pipelines/1731979')).status).toBe(400)
      await amo.patch(`/leads/${id}`, { pipeline_id: 1158625 })
      expect(await remove(amo, '/leads/pipelines/1731979')).toMatchObject({ status: 204, text: '' })
      expect((await amo.get('/leads/pipelines')).body._embedded.pipelines).toMatchObject([
        { id: 1158625, is_main: true },
      ])
      expect((await remove(amo, '/leads/pipelines/1158625')).status).toBe(400)
    },
  ],
  [
    'RU:leads_pipelines',
    'are 50 at most, of 100 stages each with the system ones',
    async (amo) => {
      const many = Array.from({ length: 48 }, (_, index) => ({ name: `Воронка ${index}` }))
      expect((await amo.post('/leads/pipelines', many)).body._total_items).toBe(48)
      expect((await amo.post('/leads/pipelines', [{ name: 'x' }])).status).toBe(400)
      const stages = Array.from({ length: 95 }, (_, index) => ({ name: `Этап ${index}` }))
      expect((await amo.post('/leads/pipelines/1731979/statuses', stages)).body._total_items).toBe(95)
      expect((await amo.post('/leads/pipelines/1731979/statuses', [{ name: 'x' }])).status).toBe(400)
    },
  ],
])

const stages = '/leads/pipelines/1731979/statuses'

tell('statuses', [
  [
    'RU:leads_pipelines',
    'are listed under their pipeline, with descriptions if asked',
    async (amo) => {
      const descriptions = [{ level: 'newbie', description: 'Позвонить' }]
      await amo.post(stages, [{ name: 'Проверка', descriptions }])
      const { body } = await amo.get(`${stages}?with=descriptions`)
      expect(body._total_items).toBe(6)
      expect(body._embedded.statuses[3]).toMatchObject({ name: 'Проверка', sort: 40, descriptions })
      expect(body._embedded.statuses[1].descriptions).toEqual([])
      expect((await amo.get(stages)).body._embedded.statuses[3]).not.toHaveProperty('descriptions')
      expect((await amo.get('/leads/pipelines/5/statuses')).status).toBe(404)
    },
  ],
  [
    'RU:leads_pipelines',
    'are read, changed and deleted one by one',
    async (amo) => {
      const address = `${stages}/26034991`
      expect((await amo.patch(address, { name: 'Сборка', color: '#ccc8f9' })).body).toMatchObject({ name: 'Сборка' })
      expect((await amo.get(address)).body).toMatchObject({ id: 26034991, name: 'Сборка', color: '#ccc8f9', sort: 30 })
      expect((await remove(amo, address)).status).toBe(204)
      expect((await amo.get(address)).status).toBe(404)
      expect(faultsOf(await amo.post('/leads', [{ status_id: 26034991 }]))).toEqual(['0: status_id NotSupportedChoice'])
    },
  ],
  [
    'RU:leads_pipelines',
    'that every pipeline has cannot be deleted, and of the closing ones only the name can be changed',
    async (amo) => {
      for (const id of [26034985, 142, 143]) expect((await remove(amo, `${stages}/${id}`)).status).toBe(400)
      expect((await amo.patch(`${stages}/142`, { name: 'Отгружено' })).body.name).toBe('Отгружено')
      expect(faultsOf(await amo.patch(`${stages}/142`, { sort: 5 }))).toEqual(['0: sort FieldNotExpected'])
      expect(faultsOf(await amo.patch(`${stages}/26034985`, { name: 'x' }))).toEqual(['0: name FieldNotExpected'])
    },
  ],
  [
    'RU:leads_pipelines',
    'with leads in them stay',
    async (amo) => {
      await amo.lead({ status_id: 26034991 })
      expect((await remove(amo, `${stages}/26034991`)).status).toBe(400)
    },
  ],
])

tell('loss reasons', [
  [
    'RU:leads_pipelines',
    'are listed, shown with a lead when asked, and have to be there',
    async (amo) => {
      const { body } = await amo.get('/leads/loss_reasons')
      expect(body._embedded.loss_reasons).toMatchObject([{ name: 'Слишком дорого' }, { id: 4203745 }])
      expect((await amo.get('/leads/loss_reasons/4203745')).body).toMatchObject({ name: 'Нет в наличии' })
      const id = await amo.lead({ status_id: 143, loss_reason_id: 4203745 })
      const lead = (await amo.get(`/leads/${id}?with=loss_reason`)).body
      expect(lead).toMatchObject({ loss_reason_id: 4203745, _embedded: { loss_reason: [{ name: 'Нет в наличии' }] } })
      const faulty = await amo.post('/leads', [{ status_id: 143, loss_reason_id: 1 }])
      expect(faultsOf(faulty)).toEqual(['0: loss_reason_id NotSupportedChoice'])
    },
  ],
])

/** The same account for a token of somebody who is no administrator. */
async function asManager(amo: Client) {
  await amo.admin('/reset', { users: [{ ...manager, id: 504141 }] })
  await amo.settings({ rate_limit: null })
}

/** A request on behalf of another user. */
async function as(amo: Client, userId: string, method: string, path: string, body?: unknown) {
  const { status } = await fetch(`${amo.sandbox.url}/api/v4${path}`, {
    method,
    headers: {
      authorization: `Bearer ${amo.sandbox.credentials().access_token}`,
      'x-context-user-id': userId,
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return status
}

tell('users', [
  [
    'RU:users-api',
    'are read one by one, with role and group if asked',
    async (amo) => {
      const { body } = await amo.get('/users/504141?with=role,group')
      expect(body).toMatchObject({
        id: 504141,
        rights: { is_admin: true, is_active: true, leads: { view: 'A' } },
        _embedded: { roles: [], groups: [{ id: 0, name: 'Отдел продаж' }] },
      })
      expect((await amo.get('/users?with=group')).body._embedded.users[0]._embedded).toEqual({
        groups: [{ id: 0, name: 'Отдел продаж' }],
      })
      expect((await amo.get('/users/504141')).body._embedded).toEqual({})
    },
  ],
  [
    'RU:custom-fields',
    'who are no administrators cannot set the account up',
    async (amo) => {
      await asManager(amo)
      const requests: [method: string, path: string, body?: unknown][] = [
        ['GET', '/users'],
        ['GET', '/users/504141'],
        ['POST', '/leads/custom_fields', [{ name: 'A', type: 'text' }]],
        ['PATCH', '/leads/custom_fields', [{ id: 685731, name: 'A' }]],
        ['PATCH', '/leads/custom_fields/685731', { name: 'A' }],
        ['DELETE', '/leads/custom_fields/685731'],
        ['POST', '/leads/custom_fields/groups', [{ name: 'A' }]],
        ['POST', '/leads/pipelines', [{ name: 'A' }]],
        ['PATCH', '/leads/pipelines/1731979', { name: 'A' }],
        ['DELETE', '/leads/pipelines/1731979'],
        ['POST', '/leads/pipelines/1731979/statuses', [{ name: 'A' }]],
        ['PATCH', '/leads/pipelines/1731979/statuses/26034991', { name: 'A' }],
        ['DELETE', '/leads/pipelines/1731979/statuses/26034991'],
      ]
      for (const [method, path, body] of requests) {
        const answer = await amo.call(method, `/api/v4${path}`, body)
        expect(answer, `${method} ${path}`).toMatchObject({ status: 403, body: { title: 'Forbidden' } })
      }
      expect((await amo.get('/leads/custom_fields')).status).toBe(200)
      expect((await amo.get('/leads/pipelines')).status).toBe(200)
      expect((await amo.post('/leads', [{}])).status).toBe(200)
    },
  ],
  [
    'RU:scopes',
    'are closed to external integrations',
    async (amo) => {
      for (const [kind, status] of [
        ['external', 403],
        ['private', 200],
      ] as const) {
        const { client_id } = await addIntegration(amo, { kind })
        const { access_token } = (await amo.admin('/tokens', { kind: 'long-lived', days: 1, client_id })).body
        const get = (path: string) =>
          fetch(`${amo.sandbox.url}/api/v4${path}`, { headers: { authorization: `Bearer ${access_token}` } })
        expect((await get('/users')).status, kind).toBe(status)
        expect((await get('/users/504141')).status, kind).toBe(status)
        expect((await get('/account')).status, kind).toBe(200)
      }
    },
  ],
  [
    'RU:scopes',
    'can be named by a header, and their rights count',
    async (amo) => {
      await amo.admin('/reset', { users: [administrator, manager] })
      expect(await as(amo, '504143', 'GET', '/users')).toBe(403)
      expect(await as(amo, '504141', 'GET', '/users')).toBe(200)
      expect(await as(amo, '504143', 'POST', '/leads', [{ name: 'A' }])).toBe(200)
      expect((await amo.get('/leads')).body._embedded.leads).toMatchObject([
        { created_by: 504143, responsible_user_id: 504143 },
      ])
    },
  ],
  [
    'RU:scopes',
    'that a header names have to be there, and an administrator has to name them',
    async (amo) => {
      for (const wrong of ['1', 'abc', '']) expect(await as(amo, wrong, 'GET', '/account')).toBe(403)
      await amo.admin('/reset', {
        users: [
          { ...manager, id: 504141 },
          { ...manager, id: 504145 },
        ],
      })
      expect(await as(amo, '504145', 'GET', '/account')).toBe(403)
    },
  ],
])

tell('the account', [
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

tell('tags', [
  [
    'RU:tags-api',
    'are made once per name and kind of entity',
    async (amo) => {
      const { status, body } = await amo.post('/leads/tags', [
        { name: 'опт', color: 'EBEBEB', request_id: 't1' },
        { name: 'сайт' },
        { name: 'Опт' },
      ])
      expect(status).toBe(200)
      const [first, second, again] = body._embedded.tags
      expect(body._total_items).toBe(3)
      expect(first).toEqual({ id: first.id, name: 'опт', color: 'EBEBEB', request_id: 't1' })
      expect(second).toMatchObject({ name: 'сайт', color: null, request_id: '1' })
      expect(again.id).toBe(first.id)
      expect((await amo.post('/contacts/tags', [{ name: 'опт' }])).body._embedded.tags[0].id).not.toBe(first.id)
      expect((await amo.get('/leads/tags?filter[name]=опт')).body._embedded.tags).toMatchObject([{ id: first.id }])
      expect((await amo.get('/companies/tags')).status).toBe(204)
    },
  ],
  [
    'RU:tags-api',
    'need a name and have a colour only on leads',
    async (amo) => {
      const answer = await amo.post('/leads/tags', [{}, { name: '' }, { name: 'a', color: '#EBEBEB' }])
      expect(faultsOf(answer)).toEqual(['0: name FieldMissing', '1: name InvalidType', '2: color NotSupportedChoice'])
      const onContacts = await amo.post('/contacts/tags', [{ name: 'a', color: 'EBEBEB' }])
      expect(faultsOf(onContacts)).toEqual(['0: color FieldNotExpected'])
    },
  ],
  [
    'RU:tags-api',
    'of contacts and companies are added, removed, replaced and cleared with them',
    async (amo) => {
      for (const [type, id] of [
        ['contacts', 7143599],
        ['companies', 7143801],
      ] as const) {
        const tagsAfter = async (change: object) => {
          await amo.patch(`/${type}/${id}`, change)
          return (await amo.get(`/${type}/${id}`)).body._embedded.tags.map(({ name }: { name: string }) => name)
        }
        expect(await tagsAfter({ tags_to_add: [{ name: 'a' }, { name: 'b' }] })).toEqual(['a', 'b'])
        expect(await tagsAfter({ tags_to_delete: [{ name: 'a' }] })).toEqual(['b'])
        expect(await tagsAfter({ _embedded: { tags: [{ name: 'c' }] } })).toEqual(['c'])
        expect(await tagsAfter({ _embedded: { tags: null } })).toEqual([])
      }
    },
  ],
])
