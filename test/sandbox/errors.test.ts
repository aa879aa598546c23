import { request } from 'node:http'
import { expect } from 'vitest'
import { type Client, type Fact, faultsOf, tell } from './client.ts'

const page = 'https://httpstatus.es'
const leads = (count: number) => Array.from({ length: count }, () => ({}))

/** What is done, and the whole body of the answer. */
const bodies: [source: string, title: string, act: (amo: Client) => Promise<unknown>, body: object][] = [
  [
    'RU:error-codes',
    'nothing sent',
    (amo) => amo.post('/leads', []),
    { title: 'Bad Request', type: `${page}/400`, status: 400, detail: 'Request data can not be empty' },
  ],
  [
    'RU:error-codes',
    'a function that is not paid for',
    (amo) => amo.get('/customers'),
    { title: 'Payment Required', type: `${page}/402`, status: 402, detail: 'Payment required' },
  ],
  [
    'KM:http-codes',
    'an unknown address',
    (amo) => amo.get('/example?a=1'),
    {
      title: 'Not Found',
      type: `${page}/404`,
      status: 404,
      detail: expect.stringMatching(/^Cannot GET http.*example/),
    },
  ],
  [
    'KM:http-codes',
    'a method that is not known',
    (amo) => amo.call('DELETE', '/api/v4/leads'),
    { title: 'Method Not Allowed', type: `${page}/405`, status: 405, detail: 'Method Not Allowed' },
  ],
  [
    'KM:http-codes',
    'too many items',
    (amo) => amo.post('/leads', leads(251)),
    { title: 'Unprocessable Entity', type: `${page}/422`, status: 422, detail: 'Limit 250 per page' },
  ],
  [
    'KM:http-codes',
    'too many requests',
    async (amo) => {
      await amo.settings({ rate_limit: 1 })
      return [await amo.get('/account'), await amo.get('/account')][1]
    },
    {
      title: 'Too Many Requests',
      type: `${page}/429`,
      status: 429,
      detail: 'You have sent too many requests in a given amount of time. Please try again later.',
      retry_after: 300,
    },
  ],
]

tell(
  'the answer to',
  bodies.map(
    ([source, title, act, body]): Fact => [
      source,
      `${title} has a body that can be told by heart`,
      async (amo) => {
        const answer = await act(amo)
        expect(answer).toMatchObject({ type: expect.stringContaining('application/problem+json') })
        expect(answer).toHaveProperty('body', body)
        expect(answer).toHaveProperty('status', Reflect.get(body, 'status'))
      },
    ],
  ),
)

/** A fault of a status that has a body of its own, and what is in it. */
const faults: [status: number, body: object][] = [
  [401, { title: 'Unauthorized', detail: 'Invalid user name or password' }],
  [402, { title: 'Payment Required', detail: 'Payment required' }],
  [403, { title: 'Forbidden', detail: 'Forbidden' }],
  [422, { detail: 'Limit 250 per page' }],
  [429, { retry_after: 300 }],
  [500, { title: 'ErrInternalServer', trace_id: expect.stringMatching(/^[0-9a-f-]{36}$/) }],
]

tell(
  'a fault of',
  faults.map(
    ([status, body]): Fact => [
      'KM:http-codes',
      `${status} looks as the true one does`,
      async (amo) => {
        await amo.admin('/faults', [{ effect: 'status', status }])
        expect(await amo.get('/account')).toMatchObject({ status, body: { status, ...body } })
      },
    ],
  ),
)

tell('a refusal', [
  [
    'SDK:Client/AmoCRMApiRequest.php',
    'has an X-Request-Id, as every answer has',
    async (amo) => {
      const answers = [
        await amo.get('/account'),
        await amo.get('/leads'),
        await amo.get('/example'),
        await amo.post('/leads', []),
        await amo.post('/leads', '[{'),
        await amo.call('POST', '/oauth2/access_token', {}),
      ]
      amo.withToken('wrong')
      answers.push(await amo.get('/account'))
      amo.withToken(amo.sandbox.credentials().access_token)
      await amo.settings({ rate_limit: 1, '429_body': 'html' })
      answers.push(await amo.get('/account'), await amo.get('/account'))
      await amo.settings({ blocked: true })
      answers.push(await amo.get('/account'))
      expect(answers.map(({ status }) => status)).toEqual([200, 204, 404, 400, 400, 400, 401, 200, 429, 403])
      const ids = answers.map(({ headers }) => headers.get('x-request-id') ?? '')
      expect(new Set(ids.filter((id) => id !== '')).size).toBe(answers.length)
    },
  ],
  [
    'GH#480',
    'names the place by the indexes of the request, deep inside as well',
    async (amo) => {
      const enums = [{ value: 'A', sort: 1 }]
      const made = await amo.post('/leads/custom_fields', [{ name: 'S', type: 'multiselect', enums }])
      const [{ id }] = made.body._embedded.custom_fields
      const fields = [
        { field_id: 685731, values: [{ value: 'x' }] },
        { field_id: id, values: [{ value: 'A' }, { enum_id: 5 }] },
      ]
      const answer = await amo.post('/leads', [{}, { request_id: 'two', custom_fields_values: fields }])
      expect(faultsOf(answer)).toEqual(['two: custom_fields_values.1.values.1.enum_id NotSupportedChoice'])
    },
  ],
  [
    'RU:error-codes',
    'is all there is where records would be deleted: the API deletes no cards, lists or notes',
    async (amo) => {
      const id = await amo.lead()
      const paths = [`leads/${id}`, 'contacts/7143599', 'companies/7143801', 'catalogs/4521', 'leads/notes', 'tasks']
      for (const path of [...paths, 'catalogs/4521/elements/525439'])
        expect((await amo.call('DELETE', `/api/v4/${path}`)).status, path).toBe(405)
    },
  ],
  [
    'GH#33',
    'can be one with a number of the old API, where a fault says so',
    async (amo) => {
      const body = { title: 'Bad Request', status: 400, detail: '244' }
      await amo.admin('/faults', [{ effect: 'status', status: 400, body }])
      expect(await amo.get('/account')).toMatchObject({ status: 400, body })
    },
  ],
])

/** `fetch` always says who it is. */
function statusOfNameless(amo: Client, headers: Record<string, string> = {}): Promise<number> {
  const authorization = `Bearer ${amo.sandbox.credentials().access_token}`
  return new Promise((resolve, reject) => {
    const sent = request(`${amo.sandbox.url}/api/v4/account`, { headers: { authorization, ...headers } }, (res) => {
      res.resume()
      resolve(res.statusCode ?? 0)
    })
    sent.on('error', reject).end()
  })
}

tell('the way in', [
  [
    '§2',
    'asks nobody for a User-Agent, unless that is set',
    async (amo) => {
      expect(await statusOfNameless(amo)).toBe(200)
      await amo.settings({ user_agent_required: true })
      expect(await statusOfNameless(amo)).toBe(403)
      expect(await statusOfNameless(amo, { 'user-agent': 'Parcel/1.0 (me@shop.example)' })).toBe(200)
    },
  ],
  [
    '§16.14',
    'takes the ids of 250 leads in an address and bodies of any size, unless that is set',
    async (amo) => {
      await amo.settings({ is_api_filter_enabled: true })
      const id = await amo.lead()
      const ids = Array.from({ length: 250 }, (_, index) => `filter[id][]=${id + index}`).join('&')
      expect((await amo.get(`/leads?${ids}`)).body._embedded.leads).toHaveLength(1)
      await amo.settings({ url_max: 4000, body_max: 1000 })
      expect(await amo.get(`/leads?${ids}`)).toMatchObject({ status: 414, type: expect.stringContaining('text/html') })
      expect((await amo.post('/leads', [{ name: 'я'.repeat(600) }])).status).toBe(413)
      expect((await amo.post('/leads', [{ name: 'я'.repeat(100) }])).status).toBe(200)
    },
  ],
  [
    'KM:limitations',
    'is not by the name of the site',
    async (amo) => {
      const { port } = new URL(amo.sandbox.url)
      expect(await statusOfNameless(amo, { host: `www.amocrm.ru:${port}` })).toBe(404)
      expect(await statusOfNameless(amo, { host: `sandbox.amocrm.ru:${port}` })).toBe(200)
    },
  ],
  [
    '3P:zenland-dev/n8n-nodes-amocrm',
    'is closed to writing once the account is not paid for, and to reading a month later',
    async (amo) => {
      const end = amo.seconds() + 3600
      await amo.settings({ paid_until: new Date(end * 1000).toISOString() })
      const answersAt = async (seconds: number) => {
        amo.advance((seconds - amo.seconds()) * 1000)
        return [(await amo.post('/leads', [{}])).status, (await amo.get('/account')).status]
      }
      const month = 30 * 86_400
      expect(await answersAt(end - 1)).toEqual([200, 200])
      expect(await answersAt(end)).toEqual([402, 200])
      expect(await answersAt(end + month - 1)).toEqual([402, 200])
      expect(await answersAt(end + month)).toEqual([402, 402])
      await amo.settings({ paid_until: null })
      expect(await answersAt(end + month)).toEqual([200, 200])
    },
  ],
  [
    'RU:scopes',
    'is closed to a user who is disabled, except for what an administrator granted',
    async (amo) => {
      const person = { id: 504141, name: 'А', is_active: false }
      await amo.admin('/reset', { users: [{ ...person, is_admin: false }] })
      expect((await amo.get('/account')).status).toBe(401)
      await amo.admin('/reset', { users: [person] })
      expect((await amo.get('/users/504141')).body.rights).toMatchObject({ is_admin: true, is_active: false })
    },
  ],
])
