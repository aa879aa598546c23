import { expect } from 'vitest'
import { faultsOf, tell } from './client.ts'

tell('contacts', [
  [
    'RU:contacts-api',
    'are created and read back with phone and e-mail',
    async (amo) => {
      const answer = await amo.post('/contacts', [
        {
          first_name: 'Пётр',
          last_name: 'Ткач',
          request_id: 'c-1',
          custom_fields_values: [
            { field_code: 'PHONE', values: [{ value: '+79123456789', enum_code: 'WORK' }] },
            { field_id: 641351, values: [{ value: 'CUST-1' }] },
          ],
          _embedded: { tags: [{ name: 'partner' }] },
        },
      ])
      const [created] = answer.body._embedded.contacts
      expect(created).toMatchObject({ is_deleted: false, is_unsorted: false, request_id: 'c-1' })
      expect((await amo.get(`/contacts/${created.id}?with=leads`)).body).toMatchObject({
        name: 'Пётр Ткач',
        first_name: 'Пётр',
        last_name: 'Ткач',
        custom_fields_values: [{ field_code: 'PHONE', field_type: 'multitext' }, { field_id: 641351 }],
        _embedded: { tags: [{ name: 'partner' }], companies: [], leads: [] },
      })
    },
  ],
  [
    'RU:contacts-api',
    'are changed one by one or together',
    async (amo) => {
      amo.advance(1000)
      const together = await amo.patch('/contacts', [
        { id: 7143599, name: 'Росс' },
        { id: 7143601, last_name: 'Сидоров' },
      ])
      expect(together.body._embedded.contacts).toMatchObject([
        { id: 7143599, name: 'Росс', updated_at: amo.seconds() },
        { id: 7143601, name: 'Иван Сидоров' },
      ])
      expect((await amo.patch('/contacts/7143603', { name: 'Ромашка' })).body).toMatchObject({
        id: 7143603,
        name: 'Ромашка',
      })
      expect(faultsOf(await amo.patch('/contacts', [{ id: 1 }]))).toEqual(['0: id NotSupportedChoice'])
    },
  ],
  [
    'RU:contacts-api',
    'cannot be given leads',
    async (amo) => {
      const answer = await amo.post('/contacts', [{ _embedded: { leads: [{ id: 1 }] } }])
      expect(faultsOf(answer)).toEqual(['0: _embedded.leads FieldNotExpected'])
    },
  ],
  [
    'RU:companies-api',
    'have companies beside them',
    async (amo) => {
      const created = await amo.post('/companies', [{ name: 'ООО Пример' }])
      const [{ id }] = created.body._embedded.companies
      const lead = await amo.lead({ _embedded: { companies: [{ id }] } })
      expect((await amo.get(`/leads/${lead}`)).body._embedded.companies).toMatchObject([{ id }])
      expect((await amo.get(`/companies/${id}`)).body).toMatchObject({ name: 'ООО Пример' })
    },
  ],
])
