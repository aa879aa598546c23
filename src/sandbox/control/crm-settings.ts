import { z } from 'zod'

/** What makes a lead of `/leads/complex` a duplicate in one pipeline; numbers are ids of fields of leads or contacts. */
const duplicateRule = z.strictObject({
  criteria: z.array(z.union([z.enum(['phone', 'email']), z.int()])).min(1),
  found: z.enum(['update', 'keep']).default('update'),
  several: z.enum(['all', 'newest', 'new']).default('newest'),
})

export type DuplicateRule = z.infer<typeof duplicateRule>

/** What nobody is sure of about the API, and what accounts have chosen differently. */
export const crmSettings = {
  /** How long `query` does not see a change; a range gives each change a delay of its own. */
  query_index_delay_ms: z.union([
    z.number().min(0),
    z.strictObject({ min: z.number().min(0), max: z.number().min(0) }),
  ]),
  /** A batch with a faulty item: nothing is done, or the rest is, answered with success or with the errors. */
  batch_failure: z.enum(['atomic', 'partial_200', 'partial_400']),
  /** The answer to more than 250 items. */
  batch_limit_status: z.literal([400, 422]),
  /** The answer to more than 50 items of `/leads/complex`. */
  complex_limit_status: z.literal([400, 422]),
  /** What a filter does where the account has not paid for it: nothing at all, or nothing for custom fields only. */
  filters_off: z.enum(['ignore_all', 'ignore_custom_fields']),
  /** How a filter by a text compares. */
  text_filter: z.enum(['exact', 'exact_any_case', 'substring']),
  /** In which form a filter by a checkbox works: `[id][]=1`, `[id]=1` or both. */
  checkbox_filter: z.enum(['either', 'list', 'scalar']),
  /** Whether a full page names a next one although nothing is on it. */
  next_link_when_empty: z.boolean(),
  /** What a `limit` above 250 becomes. */
  limit_above_250: z.literal([50, 250]),
  /** A text of more than 256 characters. */
  long_text: z.enum(['refuse', 'cut']),
  /** What is counted in it. */
  long_text_unit: z.enum(['characters', 'bytes']),
  /** The longest value of a textarea, in characters. */
  textarea_max: z.int().positive().nullable(),
  /** A number where a text is expected. */
  number_as_text: z.enum(['refuse', 'accept']),
  /** Other codes for errors than ours, by ours: of some, such as FieldMissing and TooLong, nobody knows the true ones. */
  error_codes: z.record(z.string(), z.string().min(1)),
  /** The code of the error about a note to something that is not there. */
  note_entity_code: z.string().min(1),
  /** A phone or an e-mail without its kind: a work one, or an error. */
  multitext_without_enum: z.enum(['work', 'refuse']),
  /** Phones and e-mails sent with a change: they take the place of the old ones, or join them. */
  multitext_patch: z.enum(['replace', 'append']),
  /** Whether a lead can be written without a field that its stage requires. */
  required_statuses: z.enum(['ignored', 'enforced']),
  /** What a lead without a name is called. */
  unnamed_lead: z.string().min(1),
  /** Whether prices have kopecks, as in newer accounts. */
  price_with_minor_units: z.boolean(),
  /** The longest text of a note. */
  note_text_max: z.int().positive().nullable(),
  /** The most links of one request; null: as many as of everything else. */
  links_per_request: z.int().positive().nullable(),
  /** What linking an element again does to its quantity. */
  link_again: z.enum(['replace', 'sum']),
  /** Whether linking products makes their sum the price of the lead. */
  links_set_price: z.boolean(),
  /** The same unsorted entity sent again. */
  unsorted_again: z.enum(['refuse', 'accept']),
  /** Whether lists show leads that nobody has accepted yet. */
  unsorted_leads_listed: z.boolean(),
  /** The paid option for fields of the types monetary and chained_list. */
  super_fields: z.boolean(),
  /** Duplicate control of `/leads/complex`, by the id of a pipeline. */
  duplicate_control: z.record(z.string().regex(/^\d+$/), duplicateRule),
  /** Whether it works for requests with a long-lived token. */
  duplicate_control_long_lived: z.boolean(),
}

/** The likelier readings. */
export const crmDefaults: z.infer<z.ZodObject<typeof crmSettings>> = {
  query_index_delay_ms: 2000,
  batch_failure: 'atomic',
  batch_limit_status: 422,
  complex_limit_status: 400,
  filters_off: 'ignore_all',
  text_filter: 'exact',
  checkbox_filter: 'either',
  next_link_when_empty: false,
  limit_above_250: 250,
  long_text: 'refuse',
  long_text_unit: 'characters',
  textarea_max: null,
  number_as_text: 'refuse',
  error_codes: {},
  note_entity_code: 'NotSupportedChoice',
  multitext_without_enum: 'work',
  multitext_patch: 'replace',
  required_statuses: 'ignored',
  unnamed_lead: 'Сделка #{id}',
  price_with_minor_units: false,
  note_text_max: null,
  links_per_request: null,
  link_again: 'replace',
  links_set_price: false,
  unsorted_again: 'refuse',
  unsorted_leads_listed: false,
  super_fields: true,
  duplicate_control: {},
  duplicate_control_long_lived: true,
}
