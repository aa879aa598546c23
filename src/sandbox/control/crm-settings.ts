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
  text_filter: z.enum(['exact', 'substring']),
  /** Whether a full page names a next one although nothing is on it. */
  next_link_when_empty: z.boolean(),
  /** What a `limit` above 250 becomes. */
  limit_above_250: z.literal([50, 250]),
  /** A text of more than 256 characters. */
  long_text: z.enum(['refuse', 'cut']),
  /** The code of the error about such a text. */
  long_text_code: z.string().min(1),
  /** A phone or an e-mail without its kind: a work one, or an error. */
  multitext_without_enum: z.enum(['work', 'refuse']),
  /** The longest text of a note. */
  note_text_max: z.int().positive().nullable(),
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
}

/** The likelier readings. */
export const crmDefaults: z.infer<z.ZodObject<typeof crmSettings>> = {
  query_index_delay_ms: 2000,
  batch_failure: 'atomic',
  batch_limit_status: 422,
  complex_limit_status: 400,
  filters_off: 'ignore_all',
  text_filter: 'exact',
  next_link_when_empty: false,
  limit_above_250: 250,
  long_text: 'refuse',
  long_text_code: 'TooLong',
  multitext_without_enum: 'work',
  note_text_max: null,
  links_set_price: false,
  unsorted_again: 'refuse',
  unsorted_leads_listed: false,
  super_fields: true,
  duplicate_control: {},
}
