/** Keys of the texts about amoCRM's kinds of fields and about what is no custom field. */

export const systemNames = {
  lead_name: 'mapping.system.lead_name',
  lead_price: 'mapping.system.lead_price',
  contact_first_name: 'mapping.system.contact_first_name',
  contact_last_name: 'mapping.system.contact_last_name',
  contact_second_name: 'mapping.system.contact_second_name',
  contact_name: 'mapping.system.contact_name',
  company_name: 'mapping.system.company_name',
}

export const typeNames: Record<string, string> = {
  text: 'mapping.type.text',
  textarea: 'mapping.type.textarea',
  numeric: 'mapping.type.numeric',
  monetary: 'mapping.type.monetary',
  price: 'mapping.type.price',
  checkbox: 'mapping.type.checkbox',
  select: 'mapping.type.select',
  multiselect: 'mapping.type.multiselect',
  radiobutton: 'mapping.type.radiobutton',
  date: 'mapping.type.date',
  date_time: 'mapping.type.date_time',
  birthday: 'mapping.type.birthday',
  url: 'mapping.type.url',
  streetaddress: 'mapping.type.streetaddress',
  smart_address: 'mapping.type.smart_address',
  multitext: 'mapping.type.multitext',
  legal_entity: 'mapping.type.legal_entity',
  chained_list: 'mapping.type.chained_list',
  file: 'mapping.type.file',
  tracking_data: 'mapping.type.tracking_data',
  category: 'mapping.type.category',
}

const line = 'mapping.becomes.line'
const number = 'mapping.becomes.number'
const choice = 'mapping.becomes.choice'
const date = 'mapping.becomes.date'

/** What a value of the order becomes in a field of the type. */
export const becomes: Record<string, string> = {
  text: line,
  streetaddress: line,
  tracking_data: line,
  textarea: 'mapping.becomes.lines',
  numeric: number,
  monetary: number,
  price: number,
  checkbox: 'mapping.becomes.yes_no',
  select: choice,
  radiobutton: choice,
  category: choice,
  multiselect: 'mapping.becomes.choices',
  date,
  birthday: date,
  date_time: 'mapping.becomes.date_time',
  url: 'mapping.becomes.url',
  multitext: 'mapping.becomes.several',
  chained_list: 'mapping.becomes.elements',
  lead_price: 'mapping.becomes.whole',
}
