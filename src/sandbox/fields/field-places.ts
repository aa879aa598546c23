const cards = ['contacts', 'companies', 'leads']
const everywhere = [...cards, 'catalogs']

/** Which kinds of entity can have a field of a type. */
const fieldPlaces = new Map<string, string[]>([
  ['text', everywhere],
  ['numeric', everywhere],
  ['checkbox', everywhere],
  ['select', everywhere],
  ['multiselect', everywhere],
  ['date', everywhere],
  ['url', everywhere],
  ['date_time', everywhere],
  ['textarea', everywhere],
  ['radiobutton', everywhere],
  ['streetaddress', everywhere],
  ['file', everywhere],
  // The table of the documentation has no companies here, but every company has a phone and an e-mail.
  ['multitext', ['contacts', 'companies']],
  ['smart_address', cards],
  ['birthday', cards],
  ['legal_entity', cards],
  ['monetary', cards],
  ['tracking_data', ['leads']],
  ['chained_list', ['leads']],
  ['price', ['catalogs']],
  ['category', ['catalogs']],
  ['items', ['catalogs']],
  ['linked_entity', ['catalogs']],
  ['supplier', ['catalogs']],
  ['payer', ['catalogs']],
])

export const canLiveIn = (type: string, owner: string) => fieldPlaces.get(type)?.includes(owner) === true
