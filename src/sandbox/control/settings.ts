import { z } from 'zod'
import { Problem } from '../http/problems.ts'
import type { Store } from '../store/store.ts'

/** What makes a lead of `/leads/complex` a duplicate in one pipeline; numbers are ids of fields of leads or contacts. */
const duplicateRule = z.strictObject({
  criteria: z.array(z.union([z.enum(['phone', 'email']), z.int()])).min(1),
  found: z.enum(['update', 'keep']).default('update'),
  several: z.enum(['all', 'newest', 'new']).default('newest'),
})

export type DuplicateRule = z.infer<typeof duplicateRule>

const settingsShape = z.strictObject({
  rate_limit: z.int().positive().nullable(),
  '429_body': z.enum(['json', 'html']),
  /** How long `query` does not see a change; a range gives each change a delay of its own. */
  query_index_delay_ms: z.union([
    z.number().min(0),
    z.strictObject({ min: z.number().min(0), max: z.number().min(0) }),
  ]),
  is_api_filter_enabled: z.boolean(),
  blocked: z.boolean(),
  access_token_ttl_s: z.int().positive(),
  refresh_grace: z.enum(['strict', 'until_new_used']),
  redirect_uri: z.url(),
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
})

export type Settings = z.infer<typeof settingsShape>
export type SettingsBox = ReturnType<typeof createSettings>

const defaults: Settings = {
  rate_limit: 7,
  '429_body': 'json',
  query_index_delay_ms: 2000,
  is_api_filter_enabled: false,
  blocked: false,
  access_token_ttl_s: 86400,
  refresh_grace: 'strict',
  redirect_uri: 'http://127.0.0.1:3000/api/auth',
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

/** The settings as they are now. */
export function settingsOf(store: Store): Settings {
  const saved = store.settings.get('settings')?.value
  return saved === undefined ? defaults : { ...defaults, ...(saved as Partial<Settings>) }
}

export function createSettings(store: Store) {
  const get = () => settingsOf(store)
  return { get, merge }

  function merge(body: unknown): Settings {
    const parsed = settingsShape.partial().safeParse(body)
    if (!parsed.success) throw new Problem(400, { detail: z.prettifyError(parsed.error) })
    const merged = { ...get(), ...withoutUndefined(parsed.data) }
    store.settings.put({ id: 'settings', value: merged })
    return merged
  }
}

function withoutUndefined(part: object) {
  return Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined)) as Partial<Settings>
}
