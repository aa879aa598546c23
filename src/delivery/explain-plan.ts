import type { AccountFacts } from '../amocrm/mirror.ts'
import { senderNames } from '../mapping/form.ts'
import { formatMoney, formatQuantity } from '../mapping/numbers.ts'
import type { ApiValue, CrmAccount, FieldValue, MappingWarning, Plan, Translate } from '../mapping/plan.ts'
import type { Rules } from '../mapping/request.mapper.ts'
import { isApiFormat, textOf } from '../order/order.ts'
import { userOf } from './cards.ts'
import type { DryRun } from './dry-run.ts'
import { unusedFields } from './unused-fields.ts'

interface Words {
  account: Pick<AccountFacts, 'currency'> & CrmAccount
  rules: Pick<Rules, 'forms' | 'formOfSource'>
  translate: Translate
}

/** Something of the order, and what it is called. */
interface Row {
  label: string
  text: string
}

export interface PlanInWords {
  lead: Row[]
  people: Row[]
  /** `element`: the one of the catalog, or what becomes of a product that has none. */
  products: { name: string; quantity: string; element: string }[]
  /** `place`: the field of the CRM and whose it is. */
  fields: { place: string; value: string }[]
  note: string
  /** What the order says and no field takes. */
  unused: string[]
  warnings: string[]
  /** Whether the field that marks our leads would be made first. */
  makesMarker: boolean
  /** In the order in which they would be sent. */
  requests: { title: string; method: string; path: string; body: string }[]
}

/** The dry run in words, for a person. */
export function explainPlan(run: DryRun, words: Words): PlanInWords {
  const { plan, resolved, requests, markerField } = run
  const { account, translate: t } = words
  const { lead } = plan
  return {
    lead: [
      { label: t('plan.form'), text: `${plan.form} (${whyForm(run, words)})` },
      { label: t('plan.pipeline'), text: describeStage(lead, account, t) },
      { label: t('plan.lead'), text: lead.name },
      { label: t('plan.price'), text: describePrice(lead.price, account, t) },
      { label: t('plan.responsible'), text: describeUser(run, account, t) },
      { label: t('plan.tags'), text: lead.tags.join(', ') || t('plan.none') },
    ],
    people: [
      { label: t('plan.partner'), text: describePartner(run, t) },
      { label: t('plan.buyer'), text: describeBuyer(run, t) },
      { label: t('plan.company'), text: describeCompany(run, t) },
    ],
    products: plan.products.map(({ name, quantity }, index) => ({
      name,
      quantity: formatQuantity(String(quantity)),
      element: describeElement(index, run, t),
    })),
    fields: writtenFields(run).map((field) => describeField(field, account, t)),
    note: plan.note,
    unused: unusedFields(run, words.rules.forms),
    warnings: resolved.warnings.map(({ code, params }: MappingWarning) => t(`warning.${code}`, params)),
    makesMarker: markerField === null,
    requests: requests.map(({ step, method, path, body }) => ({
      title: t(`step.${step}`),
      method,
      path,
      body: JSON.stringify(body, null, 2),
    })),
  }
}

function describePrice(price: number | null, { currency }: Pick<AccountFacts, 'currency'>, t: Translate) {
  return price === null ? t('plan.none') : `${formatMoney(String(price))} ${currency ?? ''}`
}

function whyForm({ order, plan }: DryRun, { rules: { forms, formOfSource }, translate }: Words) {
  const isOfApi = isApiFormat(order.format)
  if (textOf(order.meta['form_id']) === plan.form) return translate(isOfApi ? 'plan.form.shop' : 'plan.form.named')
  const isOwn = formOfSource.get(order.source) === plan.form
  const sender = isOwn ? order.source : senderNames(order).find((name) => forms[plan.form]?.sources.includes(name))
  if (sender === undefined) return translate('plan.form.default')
  return translate(isOfApi ? 'plan.form.kind' : 'plan.form.source', { source: sender })
}

function describeStage({ pipelineId, statusId }: Plan['lead'], { pipelines }: CrmAccount, t: Translate) {
  const pipeline = pipelines.find(({ id }) => id === pipelineId)
  const stage = pipeline?.statuses.find(({ id }) => id === statusId)
  return [pipeline ? named(pipeline) : t('plan.pipeline.main'), stage ? named(stage) : t('plan.stage.first')].join(
    ' → ',
  )
}

function describeUser({ plan, resolved }: DryRun, { users }: CrmAccount, t: Translate) {
  const { responsible } = plan.lead
  const id = userOf(responsible, resolved)
  const user = id === null ? t('plan.responsible.crm') : named(users?.find((each) => each.id === id) ?? { id })
  return responsible === 'contact' ? `${t('plan.responsible.contact')}: ${user}` : user
}

function describePartner({ plan, resolved }: DryRun, t: Translate) {
  const who = plan.partnerId === null ? t('plan.none') : `${t('plan.partner.id')} ${plan.partnerId}`
  if (resolved.makesPartner) return `${who} → ${t('plan.to_be_made')}`
  const contacts = resolved.contacts.map((contact) => named(contact)).join(', ')
  return contacts === '' ? who : `${who} → ${contacts}`
}

function describeBuyer({ plan, resolved }: DryRun, t: Translate) {
  if (!plan.contact) return t('plan.none')
  return resolved.buyer
    ? `${plan.contact.name} → ${named(resolved.buyer)}, ${t('plan.card_kept')}`
    : `${plan.contact.name} → ${t('plan.to_be_made')}`
}

function describeCompany({ plan, resolved }: DryRun, t: Translate) {
  if (!plan.company) return t('plan.none')
  const { companyId } = resolved
  const fate = companyId === null ? t('plan.company.to_be_made') : `${companyId}, ${t('plan.card_kept')}`
  return `${plan.company.name} → ${fate}`
}

function describeElement(index: number, { resolved }: DryRun, t: Translate) {
  const missing = resolved.newElements ? t('plan.to_be_made') : t('plan.not_found')
  return String(resolved.elementIds[index] ?? missing)
}

/** A card that is there is left as it is. */
function writtenFields({ plan: { lead, contact, company }, resolved }: DryRun): FieldValue[] {
  const ofBuyer = resolved.buyer === null ? contact?.fields : []
  const ofCompany = resolved.companyId === null ? company?.fields : []
  return [...lead.fields, ...(ofBuyer ?? []), ...(ofCompany ?? [])]
}

function describeField({ fieldId, field, values }: FieldValue, { fields }: CrmAccount, t: Translate) {
  const found = fields.find(({ id }) => id === fieldId)
  const place = found ? `«${found.name}» (${t(`doctor.entity.${found.entity}`)})` : field
  return { place, value: values.map((value) => describeValue(value, found?.choices ?? [])).join(', ') }
}

function describeValue(value: ApiValue, choices: { id: number; value: string }[]) {
  const { value: text, enum_id, enum_code } = value
  const choice = choices.find(({ id }) => id === enum_id)?.value ?? enum_code
  if (text === undefined) return choice === undefined ? JSON.stringify(value) : String(choice)
  const shown = typeof text === 'object' ? JSON.stringify(text) : String(text)
  return shown.replace(/\s+/g, ' ') + (choice === undefined ? '' : ` (${choice})`)
}

function named({ id, name }: { id: number; name?: string }) {
  return name ? `${name} (${id})` : String(id)
}
