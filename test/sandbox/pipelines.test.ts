import { expect } from 'vitest'
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
      const { pipelines } = (await amo.admin('/state')).body
      await amo.admin('/reset', { pipelines })
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
