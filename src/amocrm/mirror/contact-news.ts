import qs from 'qs'
import type { CardList } from './cards.ts'
import { type Item, itemOfCard } from './items.ts'

/** What a webhook says of contacts and companies. */
interface ContactNews {
  /** Of the account that it comes from; null when it does not say. */
  crmAccount: number | null
  /** In the webhook's order. */
  changes: Change[]
}

export type Change =
  | { list: CardList; kind: 'changed'; item: Item }
  | { list: CardList; kind: 'deleted'; id: number }
  /** It does not say enough: the card has to be read. */
  | { list: CardList; kind: 'named'; id: number }

/**
 * The body of a webhook: a form in PHP's brackets, all values texts. Companies come as contacts of another type.
 * What is about anything else holds no changes; null: it is no webhook of amoCRM.
 * https://www.amocrm.ru/developers/content/crm_platform/webhooks-format
 */
export function readContactNews(body: string, partnerFieldId: number): ContactNews | null {
  const form = parseForm(body)
  const account = asRecord(form?.['account'])
  if (!form || (!isRecord(form['contacts']) && Object.keys(account).length === 0)) return null
  const actions = asRecord(form['contacts'])
  const told = (action: string) => asList(actions[action]).map(asRecord)
  const full = ['add', 'update'].flatMap((action) => told(action).flatMap((card) => changed(card, partnerFieldId)))
  const restored = told('restore').flatMap((card) => brief(card, 'named'))
  const deleted = told('delete').flatMap((card) => brief(card, 'deleted'))
  return { crmAccount: numberOf(account['id']), changes: [...full, ...restored, ...deleted] }
}

/** To any size: what fits the body limit is never cut. */
function parseForm(body: string) {
  try {
    const limits = { parameterLimit: Number.POSITIVE_INFINITY, arrayLimit: 1000, depth: 20 }
    return asRecord(qs.parse(body, { ...limits, plainObjects: true }))
  } catch {
    return null
  }
}

function changed(card: Record<string, unknown>, partnerFieldId: number): Change[] {
  const updatedAt = numberOf(card['updated_at']) ?? numberOf(card['last_modified'])
  const fields = card['custom_fields']
  return brief(card, 'named').map((named) => {
    if (fields === undefined || updatedAt === null) return named
    const told = {
      id: named.id,
      name: textOf(card['name']),
      responsibleUserId: numberOf(card['responsible_user_id']),
      createdAt: numberOf(card['created_at']) ?? numberOf(card['date_create']) ?? updatedAt,
      updatedAt,
      fields: asList(fields).map(asRecord).map(fieldOf),
    }
    return { list: named.list, kind: 'changed', item: itemOfCard(named.list, told, partnerFieldId) }
  })
}

function brief<Kind extends 'named' | 'deleted'>(card: Record<string, unknown>, kind: Kind) {
  const id = numberOf(card['id'])
  const list: CardList = card['type'] === 'company' ? 'companies' : 'contacts'
  return id === null ? [] : [{ list, kind, id }]
}

/** A value is a text, or a record with `value`, or there is only one and no list. */
function fieldOf({ id, code, values }: Record<string, unknown>) {
  const isOne = isRecord(values) && !Array.isArray(values) && 'value' in values
  const each = isOne || typeof values === 'string' ? [values] : asList(values)
  return {
    id: numberOf(id) ?? 0,
    code: textOf(code) || null,
    values: each.map((value) => (isRecord(value) ? value['value'] : value)),
  }
}

/** A list whose indexes have gaps, or are high, comes as a record. */
function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : Object.values(asRecord(value))
}

function asRecord(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {}
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function textOf(value: unknown) {
  return typeof value === 'string' ? value.toWellFormed() : ''
}

function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : 0
  return number > 0 ? number : null
}
