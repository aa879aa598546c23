import type { Form, Route } from '../mapping/form.ts'
import type { CrmPipeline } from '../mapping/plan.ts'
import type { AccountState, Setup } from './facts.ts'
import { error, type Finding, ok, warning } from './finding.ts'

type RoutedAccount = Pick<AccountState, 'pipelines' | 'users' | 'missingContacts'>

/** Pipelines, stages and responsible users, also those of the rules. */
export function examineForms(account: RoutedAccount, { rules }: Pick<Setup, 'rules'>): Finding[] {
  return Object.entries(rules.forms).flatMap(([name, form]) => {
    const faults = routesOf(name, form).flatMap((route) => [
      ...examineStage(route, account.pipelines),
      ...examineUser(route, account.users),
    ])
    return [
      ...faults,
      ...(faults.length === 0 ? [describeRoute(name, form, account)] : []),
      ...examineSubstitute(name, form, account),
    ]
  })
}

interface CheckedRoute extends Route {
  /** Path of its keys in request.mapper. */
  where: string
  /** Pipelines in which a lead of this route may come to stand. */
  pipelineIds: number[]
}

function routesOf(name: string, form: Form): CheckedRoute[] {
  const rules = Object.entries(form.logic).flatMap(([field, routes]) =>
    Object.entries(routes).map(([value, route]) => ({ where: `forms.${name}.logic.${field}.${value}`, route })),
  )
  // Other rules may have moved the lead before a rule sets its stage.
  const anywhere = [form.pipeline_id, ...rules.flatMap(({ route }) => route.pipeline_id ?? [])]
  return [
    { ...form, where: `forms.${name}`, pipelineIds: [form.pipeline_id] },
    ...rules.map(({ where, route }) => ({
      ...route,
      where,
      pipelineIds: route.pipeline_id === undefined ? anywhere : [route.pipeline_id],
    })),
  ]
}

function examineStage(
  { where, pipeline_id, status_id, pipelineIds }: CheckedRoute,
  pipelines: CrmPipeline[],
): Finding[] {
  if (pipeline_id !== undefined) {
    const pipeline = pipelines.find(({ id }) => id === pipeline_id)
    const params = { where: `${where}.pipeline_id`, pipeline: pipeline?.name ?? '', id: String(pipeline_id) }
    if (!pipeline) return [error('pipeline_missing', { ...params, known: quoteAll(pipelines) })]
    if (pipeline.isArchive) return [error('pipeline_archived', params)]
  }
  if (status_id === undefined) return []
  const possible = pipelines.filter(({ id }) => pipelineIds.includes(id))
  // Pipelines have their last stages in common.
  const stages = [...new Map(possible.flatMap(({ statuses }) => statuses).map((stage) => [stage.id, stage])).values()]
  if (stages.some(({ id }) => id === status_id)) return []
  const pipeline = possible.map(({ name }) => `«${name}»`).join(', ')
  const params = { where: `${where}.status_id`, id: String(status_id), pipeline, known: quoteAll(stages) }
  return [possible.length > 1 ? error('stage_missing_anywhere', params) : error('stage_missing', params)]
}

function examineUser({ where, responsible_user_id: wanted }: CheckedRoute, users: AccountState['users']): Finding[] {
  if (typeof wanted !== 'number') return []
  const params = { where: `${where}.responsible_user_id`, id: String(wanted) }
  if (users === null) return [warning('users_hidden', params)]
  const user = users.find(({ id }) => id === wanted)
  const active = quoteAll(users.filter(({ isActive }) => isActive))
  if (!user) return [error('user_missing', { ...params, known: active })]
  return user.isActive ? [] : [error('user_inactive', { ...params, user: user.name, known: active })]
}

function describeRoute(form: string, { pipeline_id, status_id, logic }: Form, { pipelines }: RoutedAccount): Finding {
  const pipeline = pipelines.find(({ id }) => id === pipeline_id)
  const stage = pipeline?.statuses.find(({ id }) => id === status_id)
  const rules = Object.values(logic).reduce((count, routes) => count + Object.keys(routes).length, 0)
  return ok('form_fits', { form, pipeline: pipeline?.name ?? '', stage: stage?.name ?? '', rules: String(rules) })
}

function examineSubstitute(name: string, { partner_not_found }: Form, { missingContacts }: RoutedAccount): Finding[] {
  const contact = typeof partner_not_found === 'object' ? partner_not_found.contact_id : null
  if (contact === null || !missingContacts.includes(contact)) return []
  return [error('substitute_missing', { where: `forms.${name}.partner_not_found.contact_id`, id: String(contact) })]
}

function quoteAll(things: { id: number; name: string }[]) {
  return things.map(({ id, name }) => `«${name}» (${id})`).join(', ') || '—'
}
