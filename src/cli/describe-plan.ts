import type { AccountFacts } from '../amocrm/mirror.ts'
import { userOf } from '../delivery/cards.ts'
import type { DryRun } from '../delivery/dry-run.ts'
import { senderNames } from '../mapping/form.ts'
import { formatMoney, formatQuantity } from '../mapping/numbers.ts'
import type { ApiValue, CrmAccount, FieldValue, Plan, Translate } from '../mapping/plan.ts'
import type { Rules } from '../mapping/request.mapper.ts'
import { textOf } from '../order/order.ts'
import { unusedFields } from './unused-fields.ts'

interface Words {
  account: Pick<AccountFacts, 'currency'> & CrmAccount
  rules: Pick<Rules, 'forms' | 'formOfSource' | 'translate'>
}

/** The dry run in words, and then its requests. */
export function describePlan(run: DryRun, { account, rules }: Words) {
  const { plan, resolved, requests, markerField } = run
  const t = rules.translate
  const { lead } = plan
  const rows: [string, string][] = [
    [t('plan.form'), `${plan.form} (${whyForm(run, rules)})`],
    [t('plan.pipeline'), describeStage(lead, account, t)],
    [t('plan.lead'), lead.name],
    [
      t('plan.price'),
      lead.price === null ? t('plan.none') : `${formatMoney(String(lead.price))} ${account.currency ?? ''}`,
    ],
    [t('plan.responsible'), describeUser(run, account, t)],
    [t('plan.tags'), lead.tags.join(', ') || t('plan.none')],
    [t('plan.partner'), describePartner(run, t)],
    [t('plan.buyer'), describeBuyer(run, t)],
    [t('plan.company'), describeCompany(run, t)],
    ...plan.products.map((_, index): [string, string] => [t('plan.product'), describeProduct(index, run, t)]),
    ...writtenFields(run).map((field): [string, string] => [t('plan.field'), describeField(field, account, t)]),
  ]
  const warnings = resolved.warnings.map(({ code, params }) => `• ${t(`warning.${code}`, params)}`)
  const sent = requests.map(({ step, method, path, body }, index) => {
    const title = `${index + 1}. ${t(`step.${step}`)}: ${method} ${path}`
    return [title, JSON.stringify(body, null, 2)].join('\n')
  })
  const unused = unusedFields(run, rules.forms)
  return [
    table(rows),
    section(t('plan.note'), [plan.note]),
    ...(unused.length > 0 ? [section(t('plan.unused'), [unused.join(', ')])] : []),
    ...(warnings.length > 0 ? [section(t('order.warnings'), warnings)] : []),
    section(t('plan.requests'), markerField === null ? [t('plan.marker_to_be_made'), ...sent] : sent),
  ].join('\n\n')
}

function table(rows: [string, string][]) {
  const width = Math.max(...rows.map(([label]) => label.length))
  return rows.map(([label, text]) => `${label.padEnd(width)}  ${text}`).join('\n')
}

function section(title: string, parts: string[]) {
  return [`${title}:`, ...parts.map((part) => part.replace(/^/gm, '  '))].join('\n')
}

function whyForm({ order, plan }: DryRun, { forms, formOfSource, translate }: Words['rules']) {
  if (textOf(order.meta['form_id']) === plan.form) return translate('plan.form.named')
  const isOwn = formOfSource.get(order.source) === plan.form
  const sender = isOwn ? order.source : senderNames(order).find((name) => forms[plan.form]?.sources.includes(name))
  return sender === undefined ? translate('plan.form.default') : translate('plan.form.source', { source: sender })
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

function describeProduct(index: number, { plan, resolved }: DryRun, t: Translate) {
  const { name = '', quantity = 0 } = plan.products[index] ?? {}
  const missing = resolved.newElements ? t('plan.to_be_made') : t('plan.not_found')
  return `${name} × ${formatQuantity(String(quantity))} → ${resolved.elementIds[index] ?? missing}`
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
  return `${place} = ${values.map((value) => describeValue(value, found?.choices ?? [])).join(', ')}`
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
