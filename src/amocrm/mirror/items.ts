import type { Card } from '../card.ts'
import type { Element } from '../catalogs.ts'
import {
  companyNameKey,
  contactNameKey,
  distinctKeys,
  emailKey,
  type Key,
  partnerKey,
  phoneKey,
  productNameKey,
  skuKey,
} from './keys.ts'

export type ListName = 'contacts' | 'companies' | 'products'

/** A contact, a company or a product, and what it is found by. Times are unix seconds. */
export interface Item {
  id: number
  createdAt: number
  /** 0: from ourselves, whatever the CRM says is newer. */
  updatedAt: number
  name: string
  responsibleUserId: number | null
  keys: Key[]
}

/** What we have just made ourselves; what is not told is empty. */
export interface MadeItem {
  id: number
  name: string
  /** Unix seconds. */
  createdAt: number
  responsibleUserId?: number | null
  partnerIds?: string[]
  phones?: string[]
  emails?: string[]
  sku?: string
}

/** A field of the account, by id or by code, and its values as they are. */
interface FilledField {
  id: number
  code: string | null
  values: unknown[]
}

export function itemOfCard(
  list: 'contacts' | 'companies',
  card: Omit<Card, 'isDeleted'>,
  partnerFieldId: number,
): Item {
  const { fields, ...item } = card
  const ofCode = (code: string) => valuesOf(fields, (field) => field.code === code)
  if (list === 'companies') return { ...item, keys: keysOf([companyNameKey(card.name)]) }
  const keys = keysOf([
    contactNameKey(card.name),
    ...valuesOf(fields, ({ id }) => id === partnerFieldId).map(partnerKey),
    ...ofCode('PHONE').map((phone) => phoneKey(phone, card.name)),
    ...ofCode('EMAIL').map(emailKey),
  ])
  return { ...item, keys }
}

export function itemOfElement({ id, name, createdAt, updatedAt, sku }: Omit<Element, 'isDeleted'>): Item {
  return { id, name, createdAt, updatedAt, responsibleUserId: null, keys: keysOf([productNameKey(name), skuKey(sku)]) }
}

export function itemOfMade(list: ListName, made: MadeItem): Item {
  const { id, name, createdAt, responsibleUserId = null, partnerIds = [], phones = [], emails = [], sku } = made
  const namedBy = { contacts: contactNameKey, companies: companyNameKey, products: productNameKey }[list]
  const keys = [
    namedBy(name),
    ...partnerIds.map(partnerKey),
    ...phones.map((phone) => phoneKey(phone, name)),
    ...emails.map(emailKey),
    skuKey(sku),
  ]
  return { id, name, createdAt, updatedAt: 0, responsibleUserId, keys: keysOf(keys) }
}

function valuesOf(fields: FilledField[], isWanted: (field: FilledField) => boolean) {
  return fields.filter(isWanted).flatMap(({ values }) => values)
}

/** Each once: a contact may have the same phone twice. */
export function keysOf(keys: (Key | null)[]): Key[] {
  return distinctKeys(keys.filter((key) => key !== null))
}
