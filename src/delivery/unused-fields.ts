import type { Form } from '../mapping/form.ts'
import { wordedFields } from '../mapping/in-words.ts'
import { textOf } from '../order/order.ts'
import type { DryRun } from './dry-run.ts'

/** What the order says and the form takes no notice of; the note may still speak of it. */
export function unusedFields({ order, plan }: Pick<DryRun, 'order' | 'plan'>, forms: Record<string, Form>) {
  const form = forms[plan.form]
  const used = form ? namesIn(form) : []
  const isUsed = (field: string) => used.some((name) => name === field || name.startsWith(`${field}.`))
  return Object.entries(order.fields).flatMap(([field, value]) =>
    textOf(value).trim() === '' || isUsed(field) ? [] : field,
  )
}

function namesIn({ mapping, logic, tags }: Form) {
  const ofTags = Object.values(tags)
    .flat()
    .flatMap((tag) => /^mapping###(.*)$/s.exec(tag)?.[1] ?? [])
  const names = [...Object.keys(mapping), ...Object.keys(logic), ...ofTags]
  return [...names, ...names.flatMap((name) => behind.get(name) ?? [])]
}

/** Of the order API: what is used in words is used. */
const behind = new Map<string, readonly string[]>([...Object.entries(wordedFields), ['total', ['summWithoutDelivery']]])
