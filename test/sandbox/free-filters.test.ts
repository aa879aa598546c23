import { expect } from 'vitest'
import { tell } from './client.ts'

tell('a filter that everybody has', [
  [
    'GH#154',
    'is not there for the fields of elements',
    async (amo) => {
      await amo.settings({ is_api_filter_enabled: true })
      const { body } = await amo.get('/catalogs/4521/elements?filter[custom_fields_values][271207][]=P-194&limit=250')
      expect(body._embedded.elements).toHaveLength(64)
    },
  ],
  [
    'SDK:CatalogsFilter',
    'narrows lists by their type',
    async (amo) => {
      expect((await amo.get('/catalogs?type=products')).body._embedded.catalogs).toMatchObject([{ id: 4521 }])
      expect((await amo.get('/catalogs?type=invoices')).status).toBe(204)
    },
  ],
  [
    'RU:tags-api',
    'narrows tags by a part of the name, the name and the id',
    async (amo) => {
      const made = await amo.post('/leads/tags', [{ name: 'опт' }, { name: 'оптом' }])
      const [{ id }, { id: other }] = made.body._embedded.tags
      const tags = async (query: string) => {
        const { body } = await amo.get(`/leads/tags?${query}`)
        return body === '' ? [] : body._embedded.tags.map((tag: { id: number }) => tag.id)
      }
      expect(await tags(`query=${encodeURIComponent('ОПТ')}`)).toEqual([id, other])
      expect(await tags('filter[name]=опт')).toEqual([id])
      expect(await tags('filter[name]=сайт')).toEqual([])
      expect(await tags(`filter[id][]=${other}`)).toEqual([other])
    },
  ],
  [
    'RU:entity-links-api',
    'narrows links by what they lead to',
    async (amo) => {
      const id = await amo.lead({ _embedded: { contacts: [{ id: 7143599 }, { id: 7143601 }] } })
      const { body } = await amo.get(`/leads/${id}/links?filter[to_entity_id]=7143601&filter[to_entity_type]=contacts`)
      expect(body._embedded.links).toMatchObject([{ to_entity_id: 7143601 }])
    },
  ],
  [
    'RU:events-and-notes',
    'narrows notes by their ids and the time of their last change',
    async (amo) => {
      const lead = await amo.lead()
      const note = (created_at: number) => ({ note_type: 'common', params: { text: 'а' }, created_at })
      const made = await amo.post(`/leads/${lead}/notes`, [note(10), note(20), note(30)])
      const [one, two, three] = made.body._embedded.notes.map(({ id }: { id: number }) => id)
      const ids = async (query: string) =>
        (await amo.get(`/leads/notes?${query}`)).body._embedded.notes.map(({ id }: { id: number }) => id)
      expect(await ids(`filter[id][]=${one}&filter[id][]=${three}`)).toEqual([one, three])
      expect(await ids('filter[updated_at][from]=15&filter[updated_at][to]=25')).toEqual([two])
      expect(await ids('filter[updated_at]=20')).toEqual([two, three])
      expect(await ids('order[updated_at]=desc')).toEqual([three, two, one])
    },
  ],
])
