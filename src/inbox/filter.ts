import type { Expression, ExpressionBuilder, SqlBool } from 'kysely'
import type { MessageState, Tables } from '../database/tables.ts'
import type { Reason } from './message.ts'
import { earliestId } from './message-id.ts'
import { waitingStates } from './redelivery.ts'
import { normalKey } from './search-keys.ts'

/** Which messages are meant; all of what is given has to be true of each. */
export interface Filter {
  state?: MessageState | undefined
  /** Of the pending ones, those that have failed before. */
  retrying?: true | undefined
  source?: string | undefined
  form?: string | undefined
  /** Of those that wait, what nobody has read as an order yet. */
  unread?: true | undefined
  reason?: Reason | undefined
  /** What is not delivered yet. */
  waiting?: true | undefined
  /** Of those that wait, what has no lead yet. */
  leadless?: true | undefined
  /** The shop's id of the partner. */
  partner?: string | undefined
  /** As typed into the search box: number of the order or its beginning, phone, e-mail, partner, lead, id of the message. */
  text?: string | undefined
  /** Phones and e-mails are found by the whole of them alone: by a beginning, who sees them masked would learn them sign by sign. */
  isMasked?: true | undefined
  /** Unix ms: received then or later. */
  from?: number | undefined
  /** Unix ms: received before. */
  until?: number | undefined
}

type Rows = ExpressionBuilder<Tables, 'messages'>
type Condition = Expression<SqlBool>

/** What has to be true of a row, besides its time and its keys; all of it stands in the indexes. */
export function conditionsOf({ state, retrying, source, form, unread, reason, waiting, leadless }: Filter) {
  return (is: Rows): Condition[] => [
    ...(state === undefined ? [] : [is('state', '=', state)]),
    ...(retrying ? [is('state', '=', 'pending'), is('reason', 'is not', null)] : []),
    ...(source === undefined ? [] : [is('source', '=', source)]),
    ...(form === undefined ? [] : [is('form', '=', form)]),
    ...(unread ? [is('form', 'is', null)] : []),
    ...(reason === undefined ? [] : [is('reason', '=', reason)]),
    ...(waiting ? [is('state', 'in', waitingStates)] : []),
    ...(leadless ? [is('lead_id', 'is', null), is('state', 'in', waitingStates)] : []),
  ]
}

export function isOfPartner(partner: string) {
  return (is: Rows): Condition =>
    is.exists(
      is
        .selectFrom('search_keys')
        .select('kind')
        .where('value', '=', normalKey(partner))
        .where('kind', '=', 'partner')
        .whereRef('message_id', '=', 'messages.id'),
    )
}

export type Direction = 'asc' | 'desc'

/** Ids, of which the first may belong to it and the second may not. */
export interface Span {
  floor: string
  ceiling: string
}

/** Behind every id. */
const end = '~'

export function spanOf({ from, until }: Filter): Span {
  return {
    floor: from === undefined ? '' : earliestId(from),
    ceiling: until === undefined ? end : earliestId(until),
  }
}

/** What is left of a span behind an id. */
export function beyond(span: Span, id: string, direction: Direction): Span {
  if (direction === 'desc') return { ...span, ceiling: id < span.ceiling ? id : span.ceiling }
  return { ...span, floor: behind(id) > span.floor ? behind(id) : span.floor }
}

/** What of a span comes first, with this id as its last. */
export function spanUpTo({ span, direction }: { span: Span; direction: Direction }, id: string): Span {
  return direction === 'desc' ? { ...span, floor: id } : { ...span, ceiling: behind(id) }
}

/** Less than every id that is greater. */
function behind(id: string) {
  return `${id}!`
}
