import { expect } from 'vitest'
import { type Client, faultsOf, tell } from './client.ts'

const due = 1_800_000_000
const task = (more: object = {}) => ({ text: 'Позвонить', complete_till: due, ...more })

async function created(amo: Client, more: object = {}): Promise<number> {
  const { body } = await amo.post('/tasks', [task(more)])
  return body._embedded.tasks[0].id
}

async function idsOf(amo: Client, query: string): Promise<number[]> {
  const { body } = await amo.get(`/tasks?${query}`)
  return (body._embedded?.tasks ?? []).map(({ id }: { id: number }) => id)
}

tell('tasks', [
  [
    'RU:tasks-api',
    'are created with 200, id and request_id, and read back with what was not sent',
    async (amo) => {
      const lead = await amo.lead()
      const answer = await amo.post('/tasks', [
        task({ entity_id: lead, entity_type: 'leads', task_type_id: 2, request_id: 'example' }),
        task(),
      ])
      const [one, two] = answer.body._embedded.tasks
      expect(answer).toMatchObject({
        status: 200,
        body: {
          _links: { self: { href: `${amo.sandbox.url}/api/v4/tasks` } },
          _embedded: { tasks: [{ request_id: 'example' }, { request_id: '1' }] },
        },
      })
      expect((await amo.get(`/tasks/${one.id}`)).body).toEqual({
        id: one.id,
        created_by: 504141,
        updated_by: 504141,
        created_at: amo.seconds(),
        updated_at: amo.seconds(),
        responsible_user_id: 504141,
        group_id: 0,
        entity_id: lead,
        entity_type: 'leads',
        duration: 0,
        is_completed: false,
        task_type_id: 2,
        text: 'Позвонить',
        result: [],
        complete_till: due,
        account_id: 31000001,
        _links: { self: { href: `${amo.sandbox.url}/api/v4/tasks/${one.id}` } },
      })
      expect((await amo.get(`/tasks/${two.id}`)).body).toMatchObject({ task_type_id: 1, entity_type: null })
    },
  ],
  [
    'RU:tasks-api',
    'are completed with a result by PATCH of one',
    async (amo) => {
      const id = await created(amo)
      amo.advance(5000)
      const done = await amo.patch(`/tasks/${id}`, { is_completed: true, result: { text: 'Дозвонился' } })
      expect(done).toMatchObject({ status: 200, body: { id, updated_at: amo.seconds() } })
      expect((await amo.get(`/tasks/${id}`)).body).toMatchObject({
        is_completed: true,
        result: { text: 'Дозвонился' },
        text: 'Позвонить',
      })
    },
  ],
  [
    'RU:leads-api',
    'not yet done are seen on the lead as closest_task_at',
    async (amo) => {
      const lead = await amo.lead()
      const closest = async () => (await amo.get(`/leads/${lead}`)).body.closest_task_at
      expect(await closest()).toBeNull()
      const about = { entity_id: lead, entity_type: 'leads' }
      await created(amo, { ...about, complete_till: due + 60 })
      const soon = await created(amo, about)
      await created(amo, { complete_till: due - 60 })
      expect(await closest()).toBe(due)
      await amo.patch(`/tasks/${soon}`, { is_completed: true })
      expect(await closest()).toBe(due + 60)
    },
  ],
  [
    'RU:tasks-api',
    'are changed many at once, answered with the index as request_id',
    async (amo) => {
      const [one, two] = [await created(amo), await created(amo)]
      const answer = await amo.patch('/tasks', [
        { id: one, text: 'Иначе', complete_till: due + 60 },
        { id: two, task_type_id: 2 },
      ])
      expect(answer.body._embedded.tasks).toMatchObject([
        { id: one, request_id: '0', updated_at: amo.seconds() },
        { id: two, request_id: '1' },
      ])
      expect((await amo.get(`/tasks/${one}`)).body).toMatchObject({ text: 'Иначе', complete_till: due + 60 })
      expect((await amo.get(`/tasks/${two}`)).body).toMatchObject({ text: 'Позвонить', task_type_id: 2 })
    },
  ],
  [
    'RU:tasks-api',
    'need a text and a time, and known choices',
    async (amo) => {
      const lead = await amo.lead()
      const answer = await amo.post('/tasks', [
        { complete_till: due },
        { text: 'a' },
        task({ task_type_id: 77 }),
        task({ responsible_user_id: 5 }),
        task({ entity_id: lead }),
        task({ entity_id: 5, entity_type: 'leads' }),
        task({ entity_id: lead, entity_type: 'planets' }),
        task({ colour: 'red' }),
        task({ complete_till: 'tomorrow' }),
        task({ created_by: 9 }),
        task({ entity_type: 'leads' }),
      ])
      expect(faultsOf(answer)).toEqual([
        '0: text FieldMissing',
        '1: complete_till FieldMissing',
        '2: task_type_id NotSupportedChoice',
        '3: responsible_user_id NotSupportedChoice',
        '4: entity_type FieldMissing',
        '5: entity_id NotSupportedChoice',
        '6: entity_type NotSupportedChoice',
        '7: colour FieldNotExpected',
        '8: complete_till InvalidType',
        '9: created_by NotSupportedChoice',
        '10: entity_id FieldMissing',
      ])
      expect(await amo.get('/tasks')).toMatchObject({ status: 204, text: '' })
      expect(faultsOf(await amo.patch('/tasks', [{ id: 5, text: 'a' }, { text: 'a' }]))).toEqual([
        '0: id NotSupportedChoice',
        '1: id FieldMissing',
      ])
    },
  ],
  [
    'RU:tasks-api',
    'that are not there: 204 to a reader, 404 to a writer',
    async (amo) => {
      expect((await amo.get('/tasks/5')).status).toBe(204)
      expect((await amo.patch('/tasks/5', { text: 'a' })).status).toBe(404)
    },
  ],
  [
    'RU:tasks-api',
    'are filtered and ordered without the paid add-on',
    async (amo) => {
      const lead = await amo.lead()
      const plain = await created(amo, { complete_till: due + 2 })
      const meeting = await created(amo, { task_type_id: 2, complete_till: due + 1, is_completed: true })
      const ofLead = await created(amo, { entity_id: lead, entity_type: 'leads', updated_at: 5, complete_till: due })
      expect(await idsOf(amo, 'filter[is_completed]=1')).toEqual([meeting])
      expect(await idsOf(amo, 'filter[is_completed][]=0')).toEqual([plain, ofLead])
      expect(await idsOf(amo, 'filter[task_type][]=2')).toEqual([meeting])
      expect(await idsOf(amo, `filter[entity_type]=leads&filter[entity_id][]=${lead}`)).toEqual([ofLead])
      expect(await idsOf(amo, `filter[id][]=${plain}&filter[id][]=${meeting}`)).toEqual([plain, meeting])
      expect(await idsOf(amo, 'filter[responsible_user_id]=5')).toEqual([])
      expect(await idsOf(amo, 'filter[updated_at][to]=10')).toEqual([ofLead])
      expect(await idsOf(amo, `filter[updated_at]=${amo.seconds()}`)).toEqual([plain, meeting])
      expect(await idsOf(amo, 'order[complete_till]=asc')).toEqual([ofLead, meeting, plain])
      expect(await idsOf(amo, 'order[id]=desc&limit=1&page=2')).toEqual([meeting])
      expect(faultsOf(await amo.get(`/tasks?filter[entity_id]=${lead}`))).toEqual([
        '0: filter.entity_type FieldMissing',
      ])
    },
  ],
])
