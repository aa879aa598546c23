import { expect } from 'vitest'
import { tell } from './client.ts'

const keys = (record: object) => Object.keys(record).sort()
const words = (text: string) => text.split(' ').sort()

const heading = 'id name responsible_user_id group_id created_by updated_by created_at updated_at'
const card = `${heading} closest_task_at is_deleted custom_fields_values account_id _links _embedded`
const leadOnly = 'price status_id pipeline_id loss_reason_id source_id closed_at score labor_cost'
const leadKeys = `${card} ${leadOnly}`

tell('what is read has exactly the documented keys:', [
  [
    'RU:leads-api',
    'a lead, and with it what was asked for',
    async (amo) => {
      const id = await amo.lead({ _embedded: { contacts: [{ id: 7143599 }] } })
      expect(keys((await amo.get(`/leads/${id}`)).body)).toEqual(words(leadKeys))
      const all = 'catalog_elements,is_price_modified_by_robot,loss_reason,contacts,source_id,source'
      const { body } = await amo.get(`/leads/${id}?with=${all}`)
      expect(keys(body)).toEqual(words(`${leadKeys} is_price_modified_by_robot`))
      expect(keys(body._embedded)).toEqual(words('tags companies contacts catalog_elements loss_reason source'))
      expect(body._embedded.contacts).toEqual([{ id: 7143599, is_main: true, _links: expect.anything() }])
    },
  ],
  [
    'RU:contacts-api',
    'a contact, and with it what was asked for',
    async (amo) => {
      const brief = (await amo.get('/contacts/7143599')).body
      expect(keys(brief)).toEqual(words(`${card} first_name last_name is_unsorted`))
      expect(keys(brief._embedded)).toEqual(['companies', 'tags'])
      const { body } = await amo.get('/contacts/7143599?with=leads,customers,catalog_elements')
      expect(body._embedded).toMatchObject({ leads: [], customers: [], catalog_elements: [] })
    },
  ],
  [
    'RU:custom-fields',
    'a field of leads and one of a list',
    async (amo) => {
      const common = 'id name type account_id code sort enums is_deletable entity_type remind triggers currency _links'
      const onCard = 'is_api_only group_id required_statuses is_predefined tracking_callback'
      const { body } = await amo.get('/leads/custom_fields/685731')
      expect(keys(body)).toEqual(words(`${common} ${onCard} is_computed hidden_statuses chained_lists`))
      expect(body).toMatchObject({ triggers: [], enums: null, is_computed: false, required_statuses: [] })
      const inList = 'catalog_id is_visible is_required settings nested search_in'
      expect(keys((await amo.get('/catalogs/4521/custom_fields/271213')).body)).toEqual(words(`${common} ${inList}`))
    },
  ],
  [
    'RU:leads_pipelines',
    'a pipeline and its stages',
    async (amo) => {
      const pipeline = (await amo.get('/leads/pipelines/1731979')).body
      expect(keys(pipeline)).toEqual(
        words('id name sort is_main is_unsorted_on is_archive account_id _links _embedded'),
      )
      const [unsorted] = pipeline._embedded.statuses
      const stage = 'id name sort is_editable pipeline_id color type account_id _links'
      expect(keys(unsorted)).toEqual(words(stage))
      expect(unsorted).toMatchObject({ name: 'Неразобранное', pipeline_id: 1731979, color: '#c1c1c1' })
    },
  ],
  [
    'RU:events-and-notes',
    'a note',
    async (amo) => {
      const sent = { note_type: 'common', params: { text: 'а' }, is_need_to_trigger_digital_pipeline: false }
      const made = await amo.post(`/leads/${await amo.lead()}/notes`, [sent])
      const [{ id }] = made.body._embedded.notes
      const people = 'created_by updated_by created_at updated_at responsible_user_id group_id'
      expect(keys((await amo.get(`/leads/notes/${id}`)).body)).toEqual(
        words(`id entity_id ${people} note_type params account_id _links`),
      )
    },
  ],
  [
    'RU:catalogs-api',
    'a list and an element',
    async (amo) => {
      const times = 'id name created_by updated_by created_at updated_at account_id _links'
      const able = 'can_add_elements can_show_in_cards can_link_multiple can_be_deleted'
      const [list] = (await amo.get('/catalogs')).body._embedded.catalogs
      expect(keys(list)).toEqual(words(`${times} sort type ${able} sdk_widget_code`))
      const element = (await amo.get('/catalogs/4521/elements/525439')).body
      expect(keys(element)).toEqual(words(`${times} is_deleted custom_fields_values catalog_id`))
    },
  ],
  [
    'RU:account-info',
    'the account, before anything is asked with it',
    async (amo) => {
      const base = 'id name subdomain created_at created_by updated_at updated_by current_user_id'
      const place = 'country currency currency_symbol contact_name_display_order _links _embedded'
      const flags = 'customers_mode is_unsorted_on is_loss_reason_enabled is_helpbot_enabled is_technical_account'
      expect(keys((await amo.get('/account')).body)).toEqual(words(`${base} ${place} ${flags}`))
    },
  ],
  [
    'RU:leads-api',
    'the answers to writes',
    async (amo) => {
      const made = await amo.post('/contacts', [{}])
      expect(made.status).toBe(200)
      const [contact] = made.body._embedded.contacts
      expect(keys(contact)).toEqual(words('id is_deleted is_unsorted request_id _links'))
      const lead = await amo.lead()
      const changed = await amo.patch('/leads', [{ id: lead, price: 5 }])
      expect(keys(changed.body._embedded.leads[0])).toEqual(words('id updated_at _links'))
      const renamed = await amo.patch('/contacts', [{ id: contact.id, name: 'Анна', request_id: 'c' }])
      expect(keys(renamed.body._embedded.contacts[0])).toEqual(words('id name updated_at request_id _links'))
    },
  ],
])

tell('a list', [
  [
    'RU:leads-api',
    'does not tell how many there are in all, except for those that do',
    async (amo) => {
      const id = await amo.lead({ _embedded: { contacts: [{ id: 7143599 }] } })
      await amo.post(`/leads/${id}/notes`, [{ note_type: 'common', params: { text: 'а' } }])
      const page = ['_embedded', '_links', '_page']
      for (const path of ['/leads', '/contacts', '/companies', '/catalogs/4521/elements', '/leads/notes', '/catalogs'])
        expect(keys((await amo.get(path)).body), path).toEqual(page)
      const counted = ['_page_count', '_total_items', ...page].sort()
      expect(keys((await amo.get('/leads/custom_fields')).body)).toEqual(counted)
      expect((await amo.get(`/leads/${id}/links`)).body._total_items).toBe(1)
    },
  ],
  [
    'RU:leads_pipelines',
    'of pipelines has no pages, and has archived ones',
    async (amo) => {
      const { pipelines } = (await amo.admin('/state')).body
      await amo.admin('/reset', { pipelines: [pipelines[0], { ...pipelines[1], is_archive: true }] })
      const { body } = await amo.get('/leads/pipelines?limit=1&page=2')
      expect(body._embedded.pipelines).toMatchObject([{ is_archive: false }, { is_archive: true }])
    },
  ],
  [
    'RU:custom-fields',
    'of fields has 50 to a page, or as many as 250',
    async (amo) => {
      await amo.post(
        '/leads/custom_fields',
        Array.from({ length: 60 }, (_, index) => ({ name: `Поле ${index}`, type: 'text' })),
      )
      const count = async (query: string) =>
        (await amo.get(`/leads/custom_fields?${query}`)).body._embedded.custom_fields.length
      expect([await count(''), await count('limit=250')]).toEqual([50, 77])
    },
  ],
  [
    'RU:entity-links-api',
    'of links has 50 to a page',
    async (amo) => {
      const id = await amo.lead()
      const links = Array.from({ length: 60 }, (_, index) => ({
        to_entity_id: 525439 + index * 2,
        to_entity_type: 'catalog_elements',
        metadata: { catalog_id: 4521 },
      }))
      await amo.post(`/leads/${id}/link`, links)
      const { body } = await amo.get(`/leads/${id}/links`)
      expect(body._embedded.links).toHaveLength(50)
      expect(body._links.next.href).toContain('page=2')
    },
  ],
  [
    'RU:leads-api',
    'can be ordered by the time of the last change',
    async (amo) => {
      const [one, two] = [await amo.lead({ updated_at: 900 }), await amo.lead({ updated_at: 100 })]
      const ids = (await amo.get('/leads?order[updated_at]=asc')).body._embedded.leads
      expect(ids).toMatchObject([{ id: two }, { id: one }])
      await amo.patch('/contacts/7143605', { name: 'А', updated_at: 4_000_000_000 })
      const latest = (await amo.get('/contacts?order[updated_at]=desc&limit=1')).body._embedded.contacts
      expect(latest).toMatchObject([{ id: 7143605 }])
    },
  ],
])
