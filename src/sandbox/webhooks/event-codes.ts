const cards = ['lead', 'contact', 'company']
const people = [...cards, 'customer']
const everything = [...people, 'task']

/** What a webhook can be told of, by amoCRM's page. */
export const documentedCodes: string[] = [
  ...['add', 'update', 'delete', 'responsible'].flatMap((action) => everything.map((one) => `${action}_${one}`)),
  ...cards.map((one) => `restore_${one}`),
  ...people.map((one) => `note_${one}`),
  ...['status_lead', 'add_talk', 'update_talk', 'add_chat_template_review'],
]

/**
 * Those on Kommo's page and of other clients as well; the names in the last line are a guess at how the elements of
 * lists, which the settings offer, are called.
 */
export const knownCodes: string[] = [
  ...documentedCodes,
  ...['add_message', 'add_outgoing_message', 'add_unsorted', 'update_unsorted', 'delete_unsorted'],
  ...['add_catalog_element', 'update_catalog_element', 'delete_catalog_element'],
]
