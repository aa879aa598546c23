import type { AccountLists } from '../amocrm/mirror.ts'
import type { Translate } from '../config/translate.ts'
import { examineMapping } from '../doctor/examine-mapping.ts'
import { describeFinding, type Finding } from '../doctor/finding.ts'
import { createFieldFinder, describeReference, type FieldTarget } from '../mapping/amo-fields.mapper.ts'
import { describeField } from '../mapping/field-values.ts'
import { constantMark, type Form, isConstant, type Mapping, type Route } from '../mapping/form.ts'
import { targetsOf } from '../mapping/mapped-values.ts'
import type { Rules } from '../mapping/request.mapper.ts'
import { becomes, systemNames, typeNames } from './mapping-words.ts'

interface Words {
  rules: Rules
  /** Null: nobody has read them yet. */
  lists: AccountLists | null
  translate: Translate
}

/** Findings whose cause is that something is not in the account any more; the others say that something does not fit. */
const vanished = /^(field|pipeline|stage|user|substitute)_missing|^pipeline_archived$|^user_inactive$/

/** Form by form what goes where, and what of it is amiss. */
export function describeForms(words: Words) {
  const { rules, lists } = words
  const findings = lists ? examineMapping(lists, rules) : []
  return {
    forms: Object.entries(rules.forms).map(([name, form]) => describeForm(name, form, findings, words)),
    /** Those that belong to no form alone. */
    others: describeAll(
      findings.filter(({ params }) => params['where'] === undefined && params['form'] === undefined),
      words,
    ),
    counts: {
      gone: findings.filter(({ code }) => vanished.test(code)).length,
      unfit: findings.filter(({ code }) => !vanished.test(code)).length,
    },
  }
}

function describeForm(name: string, form: Form, findings: Finding[], words: Words) {
  const at = `forms.${name}`
  const { templates } = words.rules
  const template = templates.forms[name]?.leadName
  return {
    name,
    senders: sendersOf(name, form, words),
    route: describeRoute(form, at, form.pipeline_id, findings, words),
    leadName: form.lead_name,
    template: template === templates.standard.leadName ? undefined : template,
    creates: form.entities_create.map((entity) => words.translate(createNames[entity])),
    tags: Object.values(form.tags).flat().length > 0 ? form.tags : null,
    partner: describePartner(form, words),
    products: describeProducts(form, words),
    rules: Object.entries(form.logic).flatMap(([field, routes]) =>
      Object.entries(routes).map(([value, route]) => ({
        field,
        value,
        route: describeRoute(
          route,
          `${at}.logic.${field}.${value}`,
          route.pipeline_id ?? form.pipeline_id,
          findings,
          words,
        ),
      })),
    ),
    rows: Object.entries(form.mapping).map(([source, mapping]) => describeRow(source, mapping, at, findings, words)),
    faults: describeAll(
      findings.filter(({ params }) => params['form'] === name),
      words,
    ),
  }
}

const createNames = {
  lead: 'mapping.creates.lead',
  contact: 'mapping.creates.contact',
  company: 'mapping.creates.company',
}

/** Whose orders take the form. */
function sendersOf(name: string, { sources }: Form, { rules, translate }: Words) {
  const own = [...rules.formOfSource].filter(([, form]) => form === name).map(([source]) => source)
  const named = [...new Set([...own, ...sources])].map((source) =>
    source === 'metform' ? translate('mapping.sender.metform') : translate('mapping.sender.source', { source }),
  )
  const rest = name === 'default' ? [translate('mapping.sender.rest')] : []
  return [...named, translate('mapping.sender.named', { form: name }), ...rest]
}

function describeRoute(route: Route, at: string, pipelineId: number, findings: Finding[], { lists, translate }: Words) {
  const pipeline = lists?.pipelines.find(({ id }) => id === pipelineId)
  const stage = pipeline?.statuses.find(({ id }) => id === route.status_id)
  const user = lists?.users?.find(({ id }) => id === route.responsible_user_id)
  const markOf = (key: string) => markedBy(findingsAt(`${at}.${key}`, findings), translate)
  return {
    pipeline:
      route.pipeline_id === undefined ? null : { ...named(route.pipeline_id, pipeline), ...markOf('pipeline_id') },
    stage: route.status_id === undefined ? null : { ...named(route.status_id, stage), ...markOf('status_id') },
    responsible:
      typeof route.responsible_user_id === 'number'
        ? { ...named(route.responsible_user_id, user), ...markOf('responsible_user_id') }
        : (route.responsible_user_id ?? null),
  }
}

function named(id: number, found: { name: string } | undefined) {
  return { id, name: found?.name }
}

function describePartner({ partner_not_found: wanted }: Form, { translate }: Words) {
  if (typeof wanted === 'object') return translate('mapping.partner.substitute', { contact: wanted.contact_id })
  return translate(wanted === 'create' ? 'mapping.partner.create' : 'mapping.partner.warn')
}

function describeProducts({ products }: Form, { translate }: Words) {
  const by = products.match.map((key) => translate(key === 'sku' ? 'mapping.products.sku' : 'mapping.products.name'))
  const missing = translate(products.not_found === 'create' ? 'mapping.products.create' : 'mapping.products.warn')
  return `${by.join(', ')}; ${missing}`
}

function describeRow(source: string, mapping: Mapping, at: string, findings: Finding[], words: Words) {
  const { rules, lists, translate } = words
  const findField = createFieldFinder(lists?.fields ?? [])
  const here = findingsAt(`${at}.mapping.${source}`, findings)
  return {
    source: isConstant(source) ? source.slice(constantMark.length) : source,
    constant: isConstant(source) ? (mapping.value ?? '') : undefined,
    values: Object.entries(mapping.values ?? {}),
    fallback: mapping.default,
    targets: targetsOf(mapping, { amoFields: rules.amoFields, findField }).map((target) => {
      if (target.system) {
        const mark = markedBy(
          here.filter(({ params }) => params['field'] === undefined),
          translate,
        )
        return {
          name: target.name,
          system: translate(systemNames[target.system]),
          becomes: becomesOf(target.system),
          ...mark,
        }
      }
      const { name, reference, found } = target
      const field = found ? describeField(found.field, name) : describeReference(name, reference)
      const mark = markedBy(
        here.filter(({ params }) => params['field'] === field),
        translate,
      )
      return {
        name,
        reference: Object.entries(reference).flat().join(' '),
        ...(found && describeTarget(found, words)),
        ...mark,
      }
    }),
  }
}

function describeTarget({ field, part }: FieldTarget, { lists, translate }: Words) {
  const { groupId } = lists?.fields.find(({ id, entity }) => id === field.id && entity === field.entity) ?? {}
  return {
    field: field.name,
    id: field.id,
    entity: translate(`doctor.entity.${field.entity}`),
    type: typeOf(field.type, translate),
    part,
    group: lists?.fieldGroups?.find(({ id }) => id === groupId)?.name,
    becomes: becomesOf(field.type),
  }
}

export function typeOf(type: string, translate: Translate) {
  const name = typeNames[type]
  return name ? translate(name) : type
}

function becomesOf(type: string) {
  return becomes[type] ?? null
}

function findingsAt(where: string, findings: Finding[]) {
  return findings.filter(({ params }) => params['where'] === where)
}

/** How something is marked, and why. */
function markedBy(findings: Finding[], translate: Translate) {
  const isGone = findings.some(({ code }) => vanished.test(code))
  const mark = isGone ? 'gone' : findings.length > 0 ? 'unfit' : null
  return { mark, faults: describeAll(findings, { translate }) }
}

function describeAll(findings: Finding[], { translate }: Pick<Words, 'translate'>) {
  return findings.map((finding) => describeFinding(finding, translate))
}
