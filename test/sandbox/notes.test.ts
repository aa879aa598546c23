import { expect } from 'vitest'
import { faultsOf, tell } from './client.ts'

const note = (text: string, more: object = {}) => ({ note_type: 'common', params: { text }, ...more })

tell('notes', [
  [
    'RU:events-and-notes',
    'are answered with id, entity_id and request_id',
    async (amo) => {
      const id = await amo.lead()
      const answer = await amo.post('/leads/notes', [
        note('a', { entity_id: id, request_id: 'n1' }),
        note('b', { entity_id: id }),
      ])
      expect(answer).toMatchObject({
        status: 200,
        body: {
          _embedded: {
            notes: [
              {
                entity_id: id,
                request_id: 'n1',
                _links: { self: { href: expect.stringContaining(`/leads/${id}/notes/`) } },
              },
              { entity_id: id, request_id: '1' },
            ],
          },
        },
      })
    },
  ],
  [
    'RU:events-and-notes',
    'are read back by entity, by type and line by line',
    async (amo) => {
      const [one, two] = [await amo.lead(), await amo.lead()]
      await amo.post(`/leads/${one}/notes`, [
        note('Состав:\n1. Бак × 2', { created_by: 0 }),
        { note_type: 'service_message', params: { service: 'Shop', text: 'оплачено' } },
      ])
      await amo.post(`/leads/${two}/notes`, [note('other')])
      const read = async (query: string) => (await amo.get(`/leads/notes?${query}`)).body._embedded.notes
      expect(await read(`filter[entity_id][]=${one}`)).toMatchObject([
        {
          entity_id: one,
          created_by: 0,
          note_type: 'common',
          params: { text: 'Состав:\n1. Бак × 2' },
          account_id: 31000001,
        },
        { note_type: 'service_message', params: { service: 'Shop' } },
      ])
      expect(await read('filter[note_type][]=common')).toHaveLength(2)
      expect(await read('limit=1&order[id]=desc')).toMatchObject([{ entity_id: two }])
      expect((await amo.get(`/leads/${two}/notes`)).body._embedded.notes).toHaveLength(1)
    },
  ],
  [
    'RU:events-and-notes',
    'need an entity, a type that can be written and its params',
    async (amo) => {
      const id = await amo.lead()
      const answer = await amo.post('/leads/notes', [
        note('a'),
        note('a', { entity_id: 1 }),
        note('a', { entity_id: id, note_type: 'zoom_meeting' }),
        { entity_id: id, note_type: 'service_message', params: { text: 'a' } },
        { entity_id: id, note_type: 'common', params: { text: 5 } },
      ])
      expect(faultsOf(answer)).toEqual([
        '0: entity_id FieldMissing',
        '1: entity_id NotSupportedChoice',
        '2: note_type NotSupportedChoice',
        '3: params.service FieldMissing',
        '4: params.text InvalidType',
      ])
      expect((await amo.get('/leads/notes')).status).toBe(204)
    },
  ],
  [
    'RU:events-and-notes',
    'are kept for contacts and companies as well',
    async (amo) => {
      for (const [type, id] of [
        ['contacts', 7143599],
        ['companies', 7143801],
      ] as const) {
        const created = await amo.post(`/${type}/notes`, [note('a', { entity_id: id }), note('b', { entity_id: id })])
        const [first] = created.body._embedded.notes
        expect((await amo.get(`/${type}/${id}/notes`)).body._embedded.notes).toHaveLength(2)
        for (const path of [`/${type}/notes/${first.id}`, `/${type}/${id}/notes/${first.id}`]) {
          expect((await amo.get(path)).body, path).toMatchObject({ id: first.id, entity_id: id, params: { text: 'a' } })
        }
        expect((await amo.get(`/leads/notes/${first.id}`)).status).toBe(204)
        expect((await amo.get(`/${type}/1/notes`)).status).toBe(404)
      }
    },
  ],
  [
    'RU:events-and-notes',
    'are changed together or one by one',
    async (amo) => {
      const id = await amo.lead()
      const created = await amo.post(`/leads/${id}/notes`, [note('a'), note('b')])
      const [first, second] = created.body._embedded.notes
      amo.advance(5000)
      const answer = await amo.patch('/leads/notes', [{ id: first.id, note_type: 'common', params: { text: 'A' } }])
      expect(answer.body._embedded.notes).toMatchObject([{ id: first.id, entity_id: id, updated_at: amo.seconds() }])
      const twice = [
        { id: second.id, responsible_user_id: 0 },
        { id: second.id, params: { text: 'b2' } },
      ]
      expect((await amo.patch('/leads/notes', twice)).status).toBe(200)
      expect((await amo.get(`/leads/notes/${second.id}`)).body).toMatchObject({
        responsible_user_id: 0,
        params: { text: 'b2' },
      })
      const one = await amo.patch(`/leads/${id}/notes/${second.id}`, { note_type: 'common', params: { text: 'B' } })
      expect(one.body).toMatchObject({ id: second.id, entity_id: id })
      expect((await amo.get(`/leads/${id}/notes`)).body._embedded.notes).toMatchObject([
        { params: { text: 'A' }, updated_at: amo.seconds(), created_at: amo.seconds() - 5 },
        { params: { text: 'B' } },
      ])
      const since = `filter[updated_at]=${amo.seconds()}`
      await amo.post(`/leads/${id}/notes`, [note('c', { created_at: 5 })])
      expect((await amo.get(`/leads/notes?${since}`)).body._embedded.notes).toHaveLength(2)
      const faulty = await amo.patch('/leads/notes', [
        { id: 1, params: { text: 'x' } },
        { params: { text: 'x' } },
        { id: first.id, params: { words: 'x' } },
        { id: first.id, note_type: 'sms_in', params: { text: 'x' } },
      ])
      expect(faultsOf(faulty)).toEqual([
        '0: id NotSupportedChoice',
        '1: id FieldMissing',
        '2: params.text FieldMissing',
        '2: params.words FieldNotExpected',
        '3: params.phone FieldMissing',
      ])
      expect((await amo.patch(`/leads/${id}/notes/1`, { params: { text: 'x' } })).status).toBe(404)
    },
  ],
])

const call = { uniq: 'u1', duration: 30, source: 'АТС', link: 'https://a.example/1.mp3', phone: '+7 1' }

/** Types that can be written with params that they take, and those that they do not. */
const noteTypes: [type: string, params: object, wrong: object, fault: string][] = [
  ['common', { text: 'a' }, {}, 'text FieldMissing'],
  ['service_message', { service: 'Shop', text: 'a' }, { service: 'Shop' }, 'text FieldMissing'],
  ['extended_service_message', { service: 'Shop', text: 'a' }, { text: 'a' }, 'service FieldMissing'],
  ['call_in', { ...call, call_responsible: 504141 }, { ...call, duration: '30' }, 'duration InvalidType'],
  ['call_out', { ...call, call_responsible: 'Пётр' }, { ...call, uniq: undefined }, 'uniq FieldMissing'],
  ['message_cashier', { status: 'shown', text: 'a' }, { status: 'lost', text: 'a' }, 'status NotSupportedChoice'],
  [
    'geolocation',
    { text: 'a', address: 'Омск', longitude: '73.36', latitude: '54.98' },
    { text: 'a', address: 'Омск', longitude: '73.36' },
    'latitude FieldMissing',
  ],
  ['sms_in', { text: 'a', phone: '+7 1' }, { text: 'a' }, 'phone FieldMissing'],
  ['sms_out', { text: 'a', phone: '+7 1' }, { text: 'a', phone: 71 }, 'phone InvalidType'],
  ['attachment', { file_uuid: 'u', file_name: 'a.pdf' }, { file_name: 'a.pdf' }, 'file_uuid FieldMissing'],
]

tell(
  'a note',
  noteTypes.map(([note_type, params, wrong, fault]) => [
    'RU:events-and-notes',
    `of type ${note_type} is written and read with its params`,
    async (amo) => {
      const path = `/leads/${await amo.lead()}/notes`
      expect(faultsOf(await amo.post(path, [{ note_type, params: wrong }]))).toEqual([`0: params.${fault}`])
      expect((await amo.post(path, [{ note_type, params }])).status).toBe(200)
      expect((await amo.get(path)).body._embedded.notes).toMatchObject([{ note_type, params }])
    },
  ]),
)

tell('a note that only amoCRM writes', [
  [
    'SDK:Models/Factories/NoteFactory',
    'cannot be written',
    async (amo) => {
      const path = `/leads/${await amo.lead()}/notes`
      for (const note_type of ['amomail_message', 'site_visit', 'link_followed', 'constructor']) {
        const answer = await amo.post(path, [{ note_type, params: { text: 'a' } }])
        expect(faultsOf(answer)).toEqual(['0: note_type NotSupportedChoice'])
      }
    },
  ],
])
