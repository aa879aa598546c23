const cards = ['lead', 'contact', 'company']
const people = [...cards, 'customer']
const everything = [...people, 'task']

/**
 * What a webhook can be told of. The last two lines are on no page of amoCRM: other clients use the one,
 * the names in the other are a guess at how the elements of lists, which the settings offer, are called.
 */
export const eventCodes: string[] = [
  ...['add', 'update', 'delete', 'responsible'].flatMap((action) => everything.map((one) => `${action}_${one}`)),
  ...cards.map((one) => `restore_${one}`),
  ...people.map((one) => `note_${one}`),
  ...['status_lead', 'add_talk', 'update_talk', 'add_chat_template_review', 'add_message', 'add_outgoing_message'],
  ...['add_unsorted', 'update_unsorted', 'delete_unsorted'],
  ...['add_catalog_element', 'update_catalog_element', 'delete_catalog_element'],
]
