import { type Order, textOf } from '../order/order.ts'
import { looseText } from './loose-text.ts'
import { valueAt, valuesAt } from './order-values.ts'
import type { CrmAccount, CrmPipeline, MappingWarning, PlannedLead, Responsible } from './plan.ts'

/** A section of request.mapper. Its keys are the file's own. */
export interface Form {
  /** Orders of these sources or formats take this form, unless they or their source name one. */
  sources: string[]
  pipeline_id: number
  status_id: number
  responsible_user_id?: number | 'contact' | undefined
  lead_name: string
  entities_create: ('lead' | 'contact' | 'company')[]
  /** By field of the order; a key `custom###…` stands for a constant, its `value`. */
  mapping: Record<string, Mapping>
  /** By field and value of the order, `*` for any other value: what to do otherwise. */
  logic: Record<string, Record<string, Route>>
  /** Texts, or `mapping###<field>` for the values that the order has there. */
  tags: { lead: string[]; contact: string[]; company: string[] }
  partner_not_found: 'warn' | 'create' | { contact_id: number }
  products: { match: ('name' | 'sku')[]; not_found: 'warn' | 'create' }
}

export interface Mapping {
  mapped_id: string | string[]
  /** Of a constant; `entity###contact_name` and its like in it stand for what became of the order. */
  value?: string | undefined
  /** What the order's values mean in the CRM; `*` for any other. */
  values?: Record<string, string> | undefined
  /** Taken when the order has nothing there, or what does not fit. */
  default?: string | undefined
}

export interface Route {
  pipeline_id?: number | undefined
  status_id?: number | undefined
  responsible_user_id?: number | 'contact' | undefined
}

export const constantMark = 'custom###'

export function isConstant(source: string) {
  return source.startsWith(constantMark)
}

/** Whether a constant speaks of what became of the order. */
export function isQuoting(value: string) {
  return value.includes('entity###')
}

export interface FormRules {
  forms: Record<string, Form>
  /** Which form a source takes for orders that name none, by the source's id. */
  formOfSource: ReadonlyMap<string, string>
}

/** The form that the order names, else that of its sender. */
export function chooseForm(order: Order, rules: FormRules): string {
  const named = textOf(order.meta['form_id'])
  return Object.hasOwn(rules.forms, named) ? named : formOfSender(order, rules)
}

type Sender = Pick<Order, 'source' | 'format'>

/** The source's own form, else the one that is for the source or the format, else `default`. */
export function formOfSender(sender: Sender, { forms, formOfSource }: FormRules): string {
  const formFor = (name: string) => Object.keys(forms).find((form) => forms[form]?.sources.includes(name))
  const [first, second] = senderNames(sender)
  return formOfSource.get(sender.source) ?? formFor(first) ?? formFor(second) ?? 'default'
}

/** By what `sources` may mean the sender, the closer name first. `lk` names a format too, so that a WordPress form is rather `metform`. */
export function senderNames({ source, format }: Sender): [string, string] {
  return source === 'lk' ? [format, source] : [source, format]
}

/** Where the lead goes and who answers for it, as far as the account has that. */
export function routeLead(order: Order, form: Form, { pipelines, users }: CrmAccount) {
  const route = chooseRoute(order, form)
  const warnings: MappingWarning[] = []
  const stage = findStage(route, form, pipelines, warnings)
  return { ...stage, responsible: findResponsible(route.responsible_user_id ?? null, users, warnings), warnings }
}

/** The last rule that fits wins: pipeline, stage and user each for itself. */
function chooseRoute(order: Order, { logic, pipeline_id, status_id, responsible_user_id }: Form) {
  const chosen = { pipeline_id, status_id, responsible_user_id }
  for (const [field, rules] of Object.entries(logic)) {
    for (const rule of rulesFor(order, field, rules)) {
      chosen.pipeline_id = rule?.pipeline_id ?? chosen.pipeline_id
      chosen.status_id = rule?.status_id ?? chosen.status_id
      chosen.responsible_user_id = rule?.responsible_user_id ?? chosen.responsible_user_id
    }
  }
  return chosen
}

/** A value may have a comma in it, so it is tried whole before it is parted. */
function rulesFor(order: Order, field: string, rules: Record<string, Route>) {
  const whole = ruleFor(textOf(valueAt(order, field)), rules)
  return whole ? [whole] : valuesAt(order, field).map((value) => ruleFor(value, rules) ?? rules['*'])
}

function ruleFor(value: string, rules: Record<string, Route>): Route | undefined {
  if (Object.hasOwn(rules, value)) return rules[value]
  const word = looseText(value)
  return Object.entries(rules).find(([written]) => looseText(written) === word)?.[1]
}

function findStage(
  { pipeline_id, status_id }: Pick<Form, 'pipeline_id' | 'status_id'>,
  form: Form,
  pipelines: CrmPipeline[],
  warnings: MappingWarning[],
): Pick<PlannedLead, 'pipelineId' | 'statusId'> {
  const pipeline = pipelines.find(({ id, isArchive }) => id === pipeline_id && !isArchive)
  if (!pipeline) {
    warnings.push({ code: 'pipeline_unknown', params: { pipeline: String(pipeline_id) } })
    return pipeline_id === form.pipeline_id
      ? { pipelineId: null, statusId: null }
      : findStage(form, form, pipelines, warnings)
  }
  if (pipeline.statuses.some(({ id }) => id === status_id)) return { pipelineId: pipeline_id, statusId: status_id }
  // A rule that moves the lead to another pipeline and names no stage means that pipeline's first.
  const isMeant = status_id === form.status_id && pipeline_id !== form.pipeline_id
  if (!isMeant)
    warnings.push({ code: 'status_unknown', params: { status: String(status_id), pipeline: pipeline.name } })
  return { pipelineId: pipeline_id, statusId: null }
}

function findResponsible(wanted: Responsible, users: CrmAccount['users'], warnings: MappingWarning[]): Responsible {
  const isKnown = users === null || users.some(({ id, isActive }) => id === wanted && isActive)
  if (typeof wanted !== 'number' || isKnown) return wanted
  warnings.push({ code: 'user_unknown', params: { user: String(wanted) } })
  return null
}

const fromField = 'mapping###'

/** Doubles count once. */
export function tagsOf(order: Order, tags: string[]) {
  const texts = tags.flatMap((tag) => (tag.startsWith(fromField) ? valuesAt(order, tag.slice(fromField.length)) : tag))
  return [...new Set(texts)]
}
