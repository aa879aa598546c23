import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Client, connect } from './client.ts'
import { type Destination, openDestination } from './destination.ts'

const everything = [
  ...['add', 'update', 'delete', 'responsible'].flatMap((action) =>
    ['lead', 'contact', 'company', 'task'].map((one) => `${action}_${one}`),
  ),
  ...['lead', 'contact', 'company'].flatMap((one) => [`restore_${one}`, `note_${one}`]),
  'status_lead',
  ...['add_catalog_element', 'update_catalog_element', 'delete_catalog_element'],
]
const account = {
  subdomain: 'sandbox',
  id: '31000001',
  _links: { self: 'https://sandbox.amocrm.ru' },
}
const now = String(Date.parse('2026-03-02T09:00:00Z') / 1000)
const cardTimes = { last_modified: now, date_create: now, created_at: now, updated_at: now }
const byAdmin = { modified_user_id: '504141', created_user_id: '504141', account_id: '31000001' }

let amo: Client
let destination: Destination

beforeAll(async () => {
  destination = await openDestination()
})
afterAll(() => destination.close())
beforeEach(async () => {
  destination.clear()
  amo = await connect()
  await amo.settings({ rate_limit: null })
  return () => amo.sandbox.close()
})

const subscribe = (settings = everything) => amo.post('/webhooks', { destination: destination.url('/hook'), settings })

/** What has come since the last look, in the order of the changes: they are sent side by side. */
async function told() {
  await amo.admin('/clock', { advance_ms: 0 })
  const bodies = (await amo.admin('/deliveries')).body.deliveries.map(({ body }: { body: string }) => body)
  return inOrder(bodies)
}

function inOrder(bodies: string[]) {
  const received = destination.received.splice(0)
  return received.sort((a, b) => bodies.indexOf(a.raw) - bodies.indexOf(b.raw)).map(({ body }) => body)
}

const field = (id: number, values: object[]) => ({ field_id: id, values })

async function createFields(fields: object[]): Promise<{ id: number; enums: { id: number }[] }[]> {
  return (await amo.post('/leads/custom_fields', fields)).body._embedded.custom_fields
}

describe('a webhook', () => {
  it('is a form in the brackets of PHP [RU:webhooks-format]', async () => {
    await subscribe()
    await amo.lead({ name: 'Заказ 7', price: 5 })
    await amo.admin('/clock', { advance_ms: 0 })
    const [first] = destination.received
    expect(first).toMatchObject({ path: '/hook', type: 'application/x-www-form-urlencoded' })
    // Nothing proves who sent it.
    expect(first?.headers.sort()).toEqual(['connection', 'content-length', 'content-type', 'host', 'user-agent'])
    expect(first?.raw).toContain('leads%5Badd%5D%5B0%5D%5Bname%5D=%D0%97%D0%B0%D0%BA%D0%B0%D0%B7+7&')
    expect(first?.raw).toContain('&account%5B_links%5D%5Bself%5D=https%3A%2F%2Fsandbox.amocrm.ru')
  })

  it('tells of a new lead, its fields each in the way of its type [KM:webhooks]', async () => {
    const [choice, radio, box, date, time, birthday, many] = await createFields([
      { name: 'Доставка', type: 'select', enums: [{ value: 'Курьер', sort: 1 }] },
      { name: 'Пол', type: 'radiobutton', enums: [{ value: 'Ж', sort: 1 }] },
      { name: 'Подарок', type: 'checkbox' },
      { name: 'Дата', type: 'date' },
      { name: 'Время', type: 'date_time' },
      { name: 'День рождения', type: 'birthday' },
      {
        name: 'Метки',
        type: 'multiselect',
        enums: [
          { value: 'А', sort: 1 },
          { value: 'Б', sort: 2 },
        ],
      },
    ])
    await amo.lead({ tags_to_add: [{ name: 'site' }] })
    const [tag] = (await amo.get('/leads/tags')).body._embedded.tags
    await subscribe()
    const values = [
      field(685731, [{ value: 'Иван' }]),
      field(choice?.id ?? 0, [{ value: 'Курьер' }]),
      field(radio?.id ?? 0, [{ value: 'Ж' }]),
      field(box?.id ?? 0, [{ value: false }]),
      field(date?.id ?? 0, [{ value: 1_412_380_800 }]),
      field(time?.id ?? 0, [{ value: '2026-07-04T09:30:00+03:00' }]),
      field(birthday?.id ?? 0, [{ value: '1980-01-12T00:00:00+03:00' }]),
      field(many?.id ?? 0, [{ value: 'А' }, { value: 'Б' }]),
      field(685751, [{ value: 'yandex' }]),
    ]
    const id = await amo.lead({
      name: 'Заказ',
      price: 20_000,
      created_by: 0,
      tags_to_add: [{ name: 'site' }],
      custom_fields_values: values,
      _embedded: { contacts: [{ id: 7143599 }] },
    })
    const enumOf = (of: typeof choice, index = 0) => String(of?.enums[index]?.id)
    const named = (of: typeof choice, name: string) => ({ id: String(of?.id), name })
    expect(await told()).toEqual([
      {
        leads: {
          add: [
            {
              id: String(id),
              name: 'Заказ',
              status_id: '26034988',
              price: '20000',
              responsible_user_id: '504141',
              ...cardTimes,
              ...byAdmin,
              created_user_id: '0',
              modified_user_id: '0',
              pipeline_id: '1731979',
              tags: [{ id: String(tag.id), name: 'site' }],
              custom_fields: [
                { id: '685731', name: 'Покупатель', values: [{ value: 'Иван' }] },
                { ...named(choice, 'Доставка'), values: [{ value: 'Курьер', enum: enumOf(choice) }] },
                { ...named(radio, 'Пол'), values: { value: 'Ж', enum: enumOf(radio) } },
                { ...named(box, 'Подарок'), values: [{ value: '0' }] },
                { ...named(date, 'Дата'), values: ['1412380800'] },
                { ...named(time, 'Время'), values: [String(Date.parse('2026-07-04T06:30:00Z') / 1000)] },
                { ...named(birthday, 'День рождения'), values: [{ value: '12.01.1980' }] },
                {
                  ...named(many, 'Метки'),
                  values: [
                    { value: 'А', enum: enumOf(many) },
                    { value: 'Б', enum: enumOf(many, 1) },
                  ],
                },
                { id: '685751', name: 'utm_source', code: 'UTM_SOURCE', values: [{ value: 'yandex' }] },
              ],
            },
          ],
        },
        account,
      },
    ])
  })

  it('has bare values and no tags where that is set [RU:webhooks-format]', async () => {
    const [box] = await createFields([{ name: 'Подарок', type: 'checkbox' }])
    await amo.settings({ webhook_field_values: 'bare', webhook_tags: false })
    await subscribe()
    await amo.lead({
      tags_to_add: [{ name: 'site' }],
      custom_fields_values: [field(685731, [{ value: 'Валера' }]), field(box?.id ?? 0, [{ value: true }])],
    })
    const [body] = await told()
    expect(body.leads.add[0]).toMatchObject({ custom_fields: [{ values: ['Валера'] }, { values: ['1'] }] })
    expect(body.leads.add[0]).not.toHaveProperty('tags')
  })

  it('tells of another stage with the old one, besides of the change [RU:webhooks-format]', async () => {
    const id = await amo.lead()
    await subscribe()
    await amo.patch(`/leads/${id}`, { status_id: 142 })
    const moved = { id: String(id), status_id: '142', old_status_id: '26034988', pipeline_id: '1731979' }
    expect(await told()).toMatchObject([{ leads: { update: [moved] } }, { leads: { status: [moved] } }])
    await amo.patch(`/leads/${id}`, { name: 'Иначе' })
    const [update, none] = await told()
    expect(update.leads.update[0]).not.toHaveProperty('old_status_id')
    expect(none).toBeUndefined()
  })

  it('tells of another responsible user: of a lead by itself, of a contact with the change [KM:webhooks]', async () => {
    await amo.admin('/reset', {
      users: [
        { id: 504141, name: 'A' },
        { id: 504143, name: 'B' },
      ],
    })
    await amo.settings({ rate_limit: null })
    const id = await amo.lead()
    await subscribe(['responsible_lead', 'responsible_contact'])
    await amo.patch(`/leads/${id}`, { responsible_user_id: 504143 })
    await amo.patch('/contacts/7143599', { responsible_user_id: 504143 })
    await amo.patch('/contacts/7143599', { name: 'Иначе' })
    const changed = { responsible_user_id: '504143', old_responsible_user_id: '504141' }
    expect(await told()).toMatchObject([
      { leads: { responsible: [{ id: String(id), ...changed }] } },
      { contacts: { update: [{ id: '7143599', type: 'contact', ...changed }] } },
    ])
    const task = (await amo.post('/tasks', [{ text: 'т', complete_till: 9 }])).body._embedded.tasks[0].id
    await subscribe(['responsible_task'])
    await amo.patch(`/tasks/${task}`, { text: 'у' })
    await amo.patch(`/tasks/${task}`, { responsible_user_id: 504143 })
    expect(await told()).toMatchObject([{ task: { update: [{ id: String(task), ...changed }] } }])
  })

  it('tells of contacts and companies under one word [RU:webhooks-format]', async () => {
    const lead = await amo.lead()
    await subscribe()
    const contact = await amo.post('/contacts', [
      {
        name: 'Анна',
        custom_fields_values: [{ field_code: 'PHONE', values: [{ value: '+7 912', enum_code: 'MOB' }] }],
      },
    ])
    const company = await amo.post('/companies', [{ name: 'ООО' }])
    const [contactId, companyId] = [contact.body._embedded.contacts[0].id, company.body._embedded.companies[0].id]
    const common = { responsible_user_id: '504141', ...cardTimes, ...byAdmin }
    expect(await told()).toEqual([
      {
        contacts: {
          add: [
            {
              id: String(contactId),
              name: 'Анна',
              ...common,
              custom_fields: [
                { id: '641201', name: 'Телефон', code: 'PHONE', values: [{ value: '+7 912', enum: '193230' }] },
              ],
              type: 'contact',
            },
          ],
        },
        account,
      },
      { contacts: { add: [{ id: String(companyId), name: 'ООО', ...common, type: 'company' }] }, account },
    ])
    await amo.post(`/leads/${lead}/link`, [{ to_entity_id: contactId, to_entity_type: 'contacts' }])
    expect(await told()).toEqual([])
  })

  it('tells of the leads and the company that a contact is linked to [RU:webhooks-format]', async () => {
    const links = [{ entity_type: 'contacts', entity_id: 7143599, to_entity_type: 'companies', to_entity_id: 7143803 }]
    await amo.admin('/reset', { links })
    const lead = await amo.lead({ _embedded: { contacts: [{ id: 7143599 }] } })
    await subscribe(['update_contact'])
    await amo.patch('/contacts/7143599', { name: 'Иначе' })
    const [body] = await told()
    expect(body.contacts.update[0]).toMatchObject({
      name: 'Иначе',
      company_name: 'ИП Росс',
      linked_company_id: '7143803',
      linked_leads_id: { [lead]: { ID: String(lead) } },
      custom_fields: expect.arrayContaining([{ id: '641351', name: 'ID партнёра', values: [{ value: '1' }] }]),
    })
  })

  it('tells of a note with the numbers of its type and entity [KM:webhooks]', async () => {
    const lead = await amo.lead()
    await subscribe()
    const { body } = await amo.post(`/leads/${lead}/notes`, [
      { note_type: 'common', params: { text: 'привет' }, created_by: 0 },
    ])
    await amo.post('/contacts/7143599/notes', [
      { note_type: 'service_message', params: { service: 'Shop', text: 'оплачено' } },
    ])
    expect(await told()).toEqual([
      {
        leads: {
          note: [
            {
              note: {
                id: String(body._embedded.notes[0].id),
                note_type: '4',
                element_type: '2',
                element_id: String(lead),
                text: 'привет',
                created_by: '0',
                account_id: '31000001',
                metadata: '{"event_source":{"id":0,"author_name":"","type":1}}',
                date_create: '2026-03-02 12:00:00',
                created_at: now,
                updated_at: now,
              },
            },
          ],
        },
        account,
      },
      {
        contacts: {
          note: [
            {
              note: expect.objectContaining({
                note_type: '25',
                element_type: '1',
                text: '{"service":"Shop","text":"оплачено"}',
              }),
              type: 'contact',
            },
          ],
        },
        account,
      },
    ])
  })

  it('tells of a task and of its end, times in words [RU:webhooks-format]', async () => {
    const lead = await amo.lead()
    await subscribe()
    const { body } = await amo.post('/tasks', [
      { text: 'Позвонить', complete_till: 1_800_000_000, entity_id: lead, entity_type: 'leads' },
    ])
    const id = body._embedded.tasks[0].id
    await amo.patch(`/tasks/${id}`, { is_completed: true, result: { text: 'да' } })
    await amo.patch(`/tasks/${id}`, { text: 'Ещё раз' })
    const task = {
      id: String(id),
      element_id: String(lead),
      element_type: '2',
      task_type: '1',
      date_create: '2026-03-02 12:00:00',
      text: 'Позвонить',
      status: '0',
      account_id: '31000001',
      created_user_id: '504141',
      last_modified: '2026-03-02 12:00:00',
      responsible_user_id: '504141',
      complete_till: '2027-01-15 11:00:00',
      created_at: now,
      updated_at: now,
    }
    const done = { ...task, status: '1', result: { id: String(id), text: 'да' } }
    expect(await told()).toEqual([
      { task: { add: [task] }, account },
      { task: { update: [{ ...done, action_close: '1' }] }, account },
      { task: { update: [{ ...done, text: 'Ещё раз', action_close: '0' }] }, account },
    ])
  })

  it('tells of an element of a list [KM:webhooks]', async () => {
    await subscribe()
    const { body } = await amo.post('/catalogs/4521/elements', [
      { name: 'Чайник', custom_fields_values: [{ field_code: 'SKU', values: [{ value: 'TEA-1' }] }] },
    ])
    expect(await told()).toEqual([
      {
        catalogs: {
          add: [
            {
              id: String(body._embedded.elements[0].id),
              catalog_id: '4521',
              name: 'Чайник',
              deleted: '0',
              date_create: now,
              date_modify: now,
              created_by: '504141',
              account_id: '31000001',
              custom_fields: [{ id: '271207', name: 'Артикул', code: 'SKU', values: [{ value: 'TEA-1' }] }],
              type: 'catalog',
            },
          ],
        },
        account,
      },
    ])
  })

  it('is sent and shown whatever text is in it', async () => {
    await subscribe()
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1 }), async (name) => {
        await amo.lead({ name })
        const [body] = await told()
        if (name.isWellFormed()) expect(body.leads.add[0].name).toBe(name)
        expect((await amo.call('GET', '/__sandbox/webhooks.html')).status).toBe(200)
      }),
      { numRuns: 30, examples: [['\ud800'], ['a&b=c+d%20[0]']] },
    )
  })

  it('comes for what was asked for only, and not for a request that is refused [RU:webhooks-api]', async () => {
    await subscribe(['status_lead', 'add_company'])
    const id = await amo.lead()
    await amo.patch(`/leads/${id}`, { price: 5 })
    expect((await amo.patch('/leads', [{ id, status_id: 142 }, { id: 5 }])).status).toBe(400)
    expect(await told()).toEqual([])
    await amo.patch(`/leads/${id}`, { status_id: 142 })
    expect(await told()).toMatchObject([{ leads: { status: [{ id: String(id) }] } }])
  })

  it('comes by itself for each change of a request, or several in one where that is set [INFER]', async () => {
    await subscribe(['add_lead'])
    await amo.post('/leads', [{ name: 'А' }, { name: 'Б' }, { name: 'В' }])
    expect(await told()).toHaveLength(3)
    await amo.settings({ webhook_items_per_request: 2 })
    await amo.post('/leads', [{ name: 'А' }, { name: 'Б' }, { name: 'В' }])
    const names = (await told()).map(({ leads }) => leads.add.map(({ name }: { name: string }) => name))
    expect(names).toEqual(expect.arrayContaining([['А', 'Б'], ['В']]))
  })
})

describe('a webhook of unsorted leads', () => {
  const metadata = { form_id: 'f', form_name: 'Заказ', form_page: 'p', form_sent_at: 6, ip: '1.1.1.1', referer: 'r' }

  async function addUnsorted(name: string) {
    const _embedded = { leads: [{ name }], contacts: [{ name: 'Иван' }] }
    const sent = { source_name: 'Сайт', source_uid: 'u', created_at: 7, metadata, _embedded }
    const { body } = await amo.post('/leads/unsorted/forms', [sent])
    const [{ uid, ...added }] = body._embedded.unsorted
    return { uid, lead: String(added._embedded.leads[0].id), contact: String(added._embedded.contacts[0].id) }
  }

  it('tells where each came from, and of the lead only when it is accepted [RU:webhooks-format]', async () => {
    await subscribe(['add_unsorted', 'delete_unsorted', 'add_lead', 'add_contact'])
    const { uid, lead, contact } = await addUnsorted('Заявка')
    expect(await told()).toEqual([
      {
        account,
        unsorted: {
          add: [
            {
              ...{ uid, category: 'forms', created_at: '7', account_id: '31000001', source: 'Сайт' },
              pipeline_id: '1731979',
              source_data: {
                ...{ form_id: 'f', form_name: 'Заказ', form_page: 'p', date: '6', from: 'Сайт' },
                origin: { ip: '1.1.1.1', referer: 'r', datetime: '6' },
              },
              data: {
                leads: [{ id: lead, name: 'Заявка', status_id: '26034985', pipeline_id: '1731979' }],
                contacts: [{ id: contact, name: 'Иван' }],
              },
            },
          ],
        },
      },
    ])
    await amo.post(`/leads/unsorted/${uid}/accept`, {})
    expect(await told()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ leads: { add: [expect.objectContaining({ id: lead })] } }),
        expect.objectContaining({ contacts: { add: [expect.objectContaining({ id: contact })] } }),
        expect.objectContaining({
          unsorted: {
            delete: [
              {
                ...{ action: 'accept', uid, category: 'forms', created_at: '7' },
                accept_result: { leads: [lead], contacts: [contact] },
              },
            ],
          },
        }),
      ]),
    )
  })

  it('tells of one that is declined as of a deletion [RU:webhooks-format]', async () => {
    const { uid, lead } = await addUnsorted('Заявка')
    await subscribe(['delete_unsorted', 'delete_lead'])
    await amo.call('DELETE', `/api/v4/leads/unsorted/${uid}/decline`)
    expect(await told()).toMatchObject([
      { unsorted: { delete: [{ uid, action: 'decline', decline_result: { leads: [lead] } }] } },
    ])
  })
})

it('tells of what a person throws away and takes back [RU:webhooks-format]', async () => {
  const id = await amo.lead()
  await subscribe()
  const short = [{ id: String(id), status_id: '26034988', pipeline_id: '1731979' }]
  const afterwards = async (action: 'delete' | 'restore', entity: string, gone: number) => {
    await amo.admin(`/${action}`, { entity, id: gone })
    return told()
  }
  expect(await afterwards('delete', 'leads', id)).toEqual([{ leads: { delete: short }, account }])
  expect(await afterwards('restore', 'leads', id)).toEqual([{ leads: { restore: short }, account }])
  expect(await afterwards('delete', 'contacts', 7143599)).toEqual([
    { contacts: { delete: [{ id: '7143599', type: 'contact' }] }, account },
  ])
  expect(await afterwards('restore', 'contacts', 7143599)).toEqual([
    { contacts: { restore: [{ id: '7143599', type: 'contact' }] }, account },
  ])
  expect(await afterwards('delete', 'companies', 7143801)).toEqual([
    { contacts: { delete: [{ id: '7143801', type: 'company' }] }, account },
  ])
  expect(await afterwards('delete', 'elements', 525439)).toEqual([
    { catalogs: { delete: [{ id: '525439', catalog_id: '4521', type: 'catalog' }] }, account },
  ])
  const { body } = await amo.get('/events')
  const types = body._embedded.events.map(({ type }: { type: string }) => type)
  expect(types.slice(0, 4)).toEqual(['company_deleted', 'contact_restored', 'contact_deleted', 'lead_restored'])
})
