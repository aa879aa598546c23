import { z } from 'zod'
import { fieldValuesShape } from '../fields/field-values.ts'
import { seedFieldShape } from '../fields/fields.ts'

const unix = z.int().optional()

const card = {
  id: z.int().optional(),
  name: z.string().optional(),
  responsible_user_id: z.int().optional(),
  created_by: z.int().optional(),
  updated_by: z.int().optional(),
  created_at: unix,
  updated_at: unix,
  custom_fields_values: fieldValuesShape,
  is_deleted: z.boolean().optional(),
}

const tags = z.array(z.object({ name: z.string() })).optional()
const party = z.object({ ...card, _embedded: z.object({ tags }).optional() })
const contact = party.extend({ first_name: z.string().optional(), last_name: z.string().optional() })

const lead = z.object({
  ...card,
  price: z.number().optional(),
  status_id: z.int().optional(),
  pipeline_id: z.int().optional(),
  loss_reason_id: z.int().nullish(),
  closed_at: z.int().nullish(),
  _embedded: z
    .object({
      tags,
      contacts: z.array(z.object({ id: z.int(), is_main: z.boolean().optional() })).optional(),
      companies: z.array(z.object({ id: z.int() })).optional(),
    })
    .optional(),
})

const status = z.object({
  id: z.int(),
  name: z.string(),
  sort: z.int().optional(),
  color: z.string().optional(),
  type: z.literal([0, 1]).optional(),
})

const link = z.object({
  entity_id: z.int(),
  entity_type: z.enum(['leads', 'contacts', 'companies']).default('leads'),
  to_entity_id: z.int(),
  to_entity_type: z.enum(['leads', 'contacts', 'companies', 'catalog_elements']),
  metadata: z
    .object({
      catalog_id: z.int().optional(),
      quantity: z.number().nullish(),
      price_id: z.int().nullish(),
      main_contact: z.boolean().optional(),
    })
    .nullish(),
})

const references = z.array(z.object({ id: z.int() }))

const unsorted = z.object({
  uid: z.string(),
  category: z.enum(['forms', 'sip']),
  source_uid: z.string().default(''),
  source_name: z.string().default(''),
  pipeline_id: z.int(),
  created_at: unix,
  metadata: z.record(z.string(), z.unknown()).default({}),
  _embedded: z.object({
    leads: references.length(1),
    contacts: references.default([]),
    companies: references.default([]),
  }),
})

const fields = z.array(seedFieldShape).default([])

/** What an account holds, in the words of the API and of `GET /__sandbox/state`; unknown keys are passed over. */
export const seedShape = z.object({
  account: z.object({
    id: z.int(),
    name: z.string(),
    subdomain: z.string(),
    country: z.string().default('RU'),
    currency: z.string().default('RUB'),
    currency_symbol: z.string().default('₽'),
    timezone: z.string().default('Europe/Moscow'),
    timezone_offset: z.string().default('+03:00'),
  }),
  users: z
    .array(
      z.object({
        id: z.int(),
        name: z.string(),
        email: z.string().default(''),
        lang: z.string().default('ru'),
        is_admin: z.boolean().default(true),
        is_active: z.boolean().default(true),
      }),
    )
    .min(1),
  pipelines: z.array(
    z.object({
      id: z.int(),
      name: z.string(),
      sort: z.int().optional(),
      is_main: z.boolean().default(false),
      is_unsorted_on: z.boolean().default(true),
      is_archive: z.boolean().default(false),
      _embedded: z.object({ statuses: z.array(status) }),
    }),
  ),
  custom_fields: z.object({
    leads: fields,
    contacts: fields,
    companies: fields,
    catalogs: z.array(seedFieldShape.extend({ catalog_id: z.int() })).default([]),
  }),
  loss_reasons: z.array(z.object({ id: z.int(), name: z.string(), sort: z.int().default(0) })).default([]),
  contacts: z.array(contact),
  companies: z.array(party),
  leads: z.array(lead),
  unsorted: z.array(unsorted).default([]),
  catalogs: z.array(
    z.object({
      id: z.int(),
      name: z.string(),
      type: z.string().default('regular'),
      sort: z.int().optional(),
      can_link_multiple: z.boolean().default(true),
    }),
  ),
  elements: z.array(
    z.object({
      id: z.int().optional(),
      catalog_id: z.int(),
      name: z.string(),
      custom_fields_values: fieldValuesShape,
      is_deleted: z.boolean().nullish(),
      created_at: unix,
      updated_at: unix,
    }),
  ),
  links: z.array(link),
  notes: z.array(
    z.object({
      id: z.int().optional(),
      entity_type: z.enum(['leads', 'contacts', 'companies']).default('leads'),
      entity_id: z.int(),
      note_type: z.string().default('common'),
      params: z.record(z.string(), z.unknown()),
      created_at: unix,
    }),
  ),
})

export type FullSeed = z.infer<typeof seedShape>

/** Any section may be left out: it is then taken from the default account. */
export type Seed = Partial<z.input<typeof seedShape>>
