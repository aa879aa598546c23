import { looseText } from '../loose-text.ts'
import { type Converted, entriesOf, type Given, taken, takenWith } from './converted.ts'

/** The keys that amoCRM has, and what people call them. */
export const namesOfKeys = {
  name: ['название', 'наименование', 'компания'],
  entity_type: ['тип'],
  vat_id: ['инн', 'inn'],
  kpp: ['кпп'],
  address: ['адрес', 'юридический адрес'],
  real_address: ['фактический адрес'],
  bank_account_number: ['расчетный счет', 'р/с'],
  director: ['директор'],
  tax_registration_reason_code: [],
  bank_code: ['бик', 'bik'],
  unp: ['унп'],
  bin: ['бин'],
  egrpou: ['егрпоу', 'єдрпоу'],
  mfo: ['мфо'],
  oked: ['окэд'],
  external_uid: [],
}

const keys = new Map(
  Object.entries(namesOfKeys).flatMap(([key, names]) => [key, ...names].map((name) => [name, key] as const)),
)

/** A name, one key of a legal entity, or an object with several. Without a name amoCRM takes none: see completeValues. */
export function convertLegalEntity(given: Given): Converted {
  const { part } = given.target
  const entries = part === null ? entriesOf(given.value) : null
  const legalEntity: Record<string, unknown> = {}
  const unplaced: string[] = []
  for (const [name, text] of entries ?? [[part ?? 'name', given.text] as const]) {
    const key = keys.get(looseText(name))
    const value = key === 'entity_type' ? entityType(text) : text
    if (text === '') continue
    if (key === undefined || value === null) unplaced.push(name)
    else legalEntity[key] = value
  }
  const values = Object.keys(legalEntity).length === 0 ? [] : [{ value: legalEntity }]
  if (unplaced.length === 0) return taken(values)
  return takenWith(values, given, 'value_keys_unknown', { keys: unplaced.join(', ') })
}

const entityType = (text: string) => (/^[12]$/.test(text) ? Number(text) : null)
