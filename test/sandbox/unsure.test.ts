import { expect } from 'vitest'
import { claimsOf, exchange, freshPair, refresh } from './access.ts'
import { type Client, faultsOf, tell } from './client.ts'

const text = (field_id: number, value: unknown) => ({ field_id, values: [{ value }] })
const phones = (...numbers: string[]) => [
  { field_code: 'PHONE', values: numbers.map((value) => ({ value, enum_code: 'WORK' })) },
]
const product = (quantity: number, to_entity_id = 525439) => ({
  to_entity_id,
  to_entity_type: 'catalog_elements',
  metadata: { catalog_id: 4521, quantity },
})

async function countEvents(amo: Client) {
  const { body } = await amo.get('/events')
  return body === '' ? 0 : body._embedded.events.length
}

/** Each row: as it is taken to be, then as the setting makes it. */
tell('what is not known of amoCRM is a setting:', [
  [
    '§3.2',
    'the codes of errors',
    async (amo) => {
      const faults = async () => faultsOf(await amo.post('/tasks', [{ text: 'a' }]))
      expect(await faults()).toEqual(['0: complete_till FieldMissing'])
      await amo.settings({ error_codes: { FieldMissing: 'NotBlank' } })
      expect(await faults()).toEqual(['0: complete_till NotBlank'])
    },
  ],
  [
    '§9',
    'the code of a note to something that is not there',
    async (amo) => {
      const note = { entity_id: 1, note_type: 'common', params: { text: 'a' } }
      expect(faultsOf(await amo.post('/leads/notes', [note]))).toEqual(['0: entity_id NotSupportedChoice'])
      await amo.settings({ note_entity_code: 'EntityNotFound' })
      expect(faultsOf(await amo.post('/leads/notes', [note]))).toEqual(['0: entity_id EntityNotFound'])
    },
  ],
  [
    '§6.5',
    'whether a text has 256 characters or bytes',
    async (amo) => {
      const write = (value: string) => amo.post('/leads', [{ custom_fields_values: [text(685731, value)] }])
      expect((await write('я'.repeat(256))).status).toBe(200)
      expect((await write('😀'.repeat(256))).status).toBe(200)
      await amo.settings({ long_text_unit: 'bytes' })
      expect((await write('я'.repeat(128))).status).toBe(200)
      expect(faultsOf(await write('я'.repeat(129)))).toEqual(['0: custom_fields_values.0.values.0.value TooLong'])
      await amo.settings({ long_text: 'cut' })
      const id = (await write(`a${'я'.repeat(200)}`)).body._embedded.leads[0].id
      expect((await amo.get(`/leads/${id}`)).body.custom_fields_values[0].values[0].value).toBe(`a${'я'.repeat(127)}`)
    },
  ],
  [
    '§6.5',
    'how long a textarea may be, and whether a number is a text',
    async (amo) => {
      const write = async (id: number, value: unknown) =>
        faultsOf(await amo.post('/leads', [{ custom_fields_values: [text(id, value)] }]))
      expect(await write(685741, 'я'.repeat(65_000))).toEqual(['answered 200'])
      expect(await write(685731, 5)).toEqual(['0: custom_fields_values.0.values.0.value InvalidType'])
      await amo.settings({ textarea_max: 1000, number_as_text: 'accept' })
      expect(await write(685741, 'я'.repeat(1000))).toEqual(['answered 200'])
      expect(await write(685741, 'я'.repeat(1001))).toEqual(['0: custom_fields_values.0.values.0.value TooLong'])
      const id = await amo.lead({ custom_fields_values: [text(685731, 5)] })
      expect((await amo.get(`/leads/${id}`)).body.custom_fields_values[0].values).toEqual([{ value: '5' }])
    },
  ],
  [
    '§4.6',
    'whether phones that are sent take the place of the old ones',
    async (amo) => {
      const numbersAfter = async (...numbers: string[]) => {
        await amo.patch('/contacts/7143771', { custom_fields_values: phones(...numbers) })
        const fields = (await amo.get('/contacts/7143771')).body.custom_fields_values ?? []
        return fields.flatMap(({ values }: { values: { value: string }[] }) => values.map(({ value }) => value))
      }
      expect(await numbersAfter('1', '2')).toEqual(['1', '2'])
      await amo.settings({ multitext_patch: 'append' })
      expect(await numbersAfter('3')).toEqual(['1', '2', '3'])
      expect(await numbersAfter()).toEqual([])
    },
  ],
  [
    '§6.2',
    'whether the API has to fill what a stage requires',
    async (amo) => {
      const required_statuses = [{ pipeline_id: 1731979, status_id: 26034991 }]
      await amo.patch('/leads/custom_fields/685731', { required_statuses })
      const id = await amo.lead({ status_id: 26034991 })
      await amo.settings({ required_statuses: 'enforced' })
      const missing = ['0: custom_fields_values FieldMissing']
      expect(faultsOf(await amo.post('/leads', [{ status_id: 26034991 }]))).toEqual(missing)
      expect(faultsOf(await amo.patch(`/leads/${id}`, { price: 5 }))).toEqual(missing)
      expect((await amo.post('/leads', [{}])).status).toBe(200)
      const filled = { custom_fields_values: [text(685731, 'Иван')] }
      expect((await amo.patch(`/leads/${id}`, filled)).status).toBe(200)
      expect((await amo.patch(`/leads/${id}`, { price: 5 })).status).toBe(200)
    },
  ],
  [
    '§5.2',
    'what a lead without a name is called',
    async (amo) => {
      await amo.settings({ unnamed_lead: 'Lead #{id}' })
      const id = await amo.lead({ name: '' })
      expect((await amo.get(`/leads/${id}`)).body.name).toBe(`Lead #${id}`)
    },
  ],
  [
    'SDK:LeadModel',
    'whether budgets have kopecks',
    async (amo) => {
      const prices = async (id: number) => (await amo.get(`/leads/${id}`)).body
      const whole = await prices(await amo.lead({ price: 99.5 }))
      expect(whole.price).toBe(100)
      expect(whole).not.toHaveProperty('price_with_minor_units')
      await amo.settings({ price_with_minor_units: true })
      const id = await amo.lead({ price: 99.456 })
      expect(await prices(id)).toMatchObject({ price: 99, price_with_minor_units: 99.46 })
    },
  ],
  [
    '§2',
    'how many links come in one request',
    async (amo) => {
      const id = await amo.lead()
      const links = Array.from({ length: 61 }, (_, index) => product(1, 525439 + index * 2))
      expect((await amo.post(`/leads/${id}/link`, links)).body._total_items).toBe(61)
      await amo.settings({ links_per_request: 50 })
      expect((await amo.post(`/leads/${id}/link`, links)).status).toBe(422)
      expect((await amo.post(`/leads/${id}/link`, links.slice(11))).status).toBe(200)
    },
  ],
  [
    '3P:ufee/amoapi PR#44',
    'whether an element linked again has its quantity changed or added to',
    async (amo) => {
      const id = await amo.lead()
      const quantityAfter = async (quantity: number) =>
        (await amo.post(`/leads/${id}/link`, [product(quantity)])).body._embedded.links[0].metadata.quantity
      expect([await quantityAfter(2), await quantityAfter(5)]).toEqual([2, 5])
      await amo.settings({ link_again: 'sum' })
      expect(await quantityAfter(1.5)).toBe(6.5)
    },
  ],
  [
    '§5.4',
    'whether duplicates are looked for with a long-lived token',
    async (amo) => {
      await amo.settings({ duplicate_control: { 1731979: { criteria: [685731] } } })
      const merges = async () => {
        const sent = [{ custom_fields_values: [text(685731, 'ORD-1')] }]
        return (await amo.post('/leads/complex', sent)).body[0].merged
      }
      expect([await merges(), await merges()]).toEqual([false, true])
      await amo.settings({ duplicate_control_long_lived: false })
      expect(await merges()).toBe(false)
      await amo.settings({ duplicate_control: { 1731979: { criteria: [685731], several: 'all' } } })
      amo.withToken((await freshPair(amo)).access_token)
      expect(await merges()).toBe(true)
      amo.withToken(amo.sandbox.credentials().access_token)
    },
  ],
  [
    '§5.6',
    'whether events tell of what the API did',
    async (amo) => {
      const id = await amo.lead()
      expect(await countEvents(amo)).toBe(1)
      await amo.settings({ events_of_api_writes: false })
      await amo.lead()
      expect(await countEvents(amo)).toBe(1)
      await amo.admin('/delete', { entity: 'leads', id })
      expect(await countEvents(amo)).toBe(2)
    },
  ],
  [
    '§11.1',
    'which events can be subscribed to',
    async (amo) => {
      const settings = ['add_lead', 'update_task', 'add_unsorted', 'add_message', 'update_catalog_element']
      const sent = { destination: 'http://127.0.0.1:9/hook', settings }
      expect((await amo.post('/webhooks', sent)).status).toBe(201)
      await amo.settings({ webhook_codes: 'documented' })
      expect(faultsOf(await amo.post('/webhooks', sent))).toEqual([
        '0: settings.2 NotSupportedChoice',
        '0: settings.3 NotSupportedChoice',
        '0: settings.4 NotSupportedChoice',
      ])
    },
  ],
  [
    '§1.4',
    'what is in a token',
    async (amo) => {
      const claims = async () => Object.keys(claimsOf((await freshPair(amo)).access_token)).sort()
      const promised = ['account_id', 'api_domain', 'aud', 'exp', 'iat', 'jti', 'nbf', 'scopes', 'sub']
      const seen = ['base_domain', 'grant_type', 'hash_uuid', 'user_flags', 'version']
      expect(await claims()).toEqual([...promised, ...seen].sort())
      await amo.settings({ token_claims: 'promised' })
      expect(await claims()).toEqual(promised)
    },
  ],
  [
    '§1.4',
    'what a used code is answered, and whether it is said why',
    async (amo) => {
      const { code } = amo.sandbox.credentials()
      await exchange(amo, { code })
      expect(await exchange(amo, { code })).toMatchObject({ status: 400, body: { hint: expect.any(String) } })
      await amo.settings({ code_error_status: 401, token_hints: false })
      for (const { status, body } of [await exchange(amo, { code }), await refresh(amo, 'unknown')]) {
        expect(status).toBe(401)
        expect(Object.keys(body).sort()).toEqual(['detail', 'status', 'title', 'type'])
      }
    },
  ],
  [
    '§5.6',
    'whether a lead and the link to its contact are one: a fault can lose the link',
    async (amo) => {
      await amo.admin('/faults', [{ method: 'POST', path: '/api/v4/leads', effect: 'partial_link' }])
      const id = await amo.lead({ _embedded: { contacts: [{ id: 7143599 }] } })
      expect((await amo.get(`/leads/${id}?with=contacts`)).body._embedded.contacts).toEqual([])
    },
  ],
])

tell('the settings', [
  [
    '§14.3',
    'are at first what is documented or likelier',
    async (amo) => {
      await amo.settings({ rate_limit: 7 })
      expect((await amo.admin('/settings')).body).toMatchObject({
        rate_limit: 7,
        rate_limit_scope: 'integration',
        account_rate_limit: 50,
        '429_body': 'json',
        '429_retry_after': null,
        block_after: 20,
        query_index_delay_ms: 2000,
        is_api_filter_enabled: false,
        access_token_ttl_s: 86_400,
        refresh_grace: 'strict',
        batch_failure: 'atomic',
        webhook_answer_ms: 2000,
        webhook_created_status: 201,
        webhook_time_scale: 1,
      })
    },
  ],
])
