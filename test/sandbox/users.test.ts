import { expect } from 'vitest'
import { addIntegration, administrator, manager } from './access.ts'
import { type Client, tell } from './client.ts'

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
      await amo.admin('/reset', { users: [administrator, { ...manager, is_active: false }] })
      expect(await as(amo, '504143', 'GET', '/account')).toBe(403)
    },
  ],
])
