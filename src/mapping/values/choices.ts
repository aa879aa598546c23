import { looseText } from '../loose-text.ts'
import type { CrmField } from '../plan.ts'
import { type Converted, type Given, partsOf, refused, taken, takenWith, textsOf } from './converted.ts'

export function convertChoice(given: Given): Converted {
  const choice = findChoice(given.target.field, given.text)
  return choice ? taken([{ enum_id: choice.id }]) : refused(given, 'value_not_choice')
}

/** A choice may have a comma in it, so a text is tried whole before it is parted. */
export function convertChoices(given: Given): Converted {
  const { field } = given.target
  const ids = new Set<number>()
  const unknown: string[] = []
  const parts = textsOf(given.value).flatMap((text) => (findChoice(field, text) ? [text] : partsOf(text)))
  for (const part of parts) {
    const choice = findChoice(field, part)
    if (choice) ids.add(choice.id)
    else unknown.push(part)
  }
  const values = [...ids].map((enum_id) => ({ enum_id }))
  return unknown.length === 0
    ? taken(values)
    : takenWith(values, given, 'value_not_choice', { value: unknown.join(', ') })
}

/** A choice by its value, its id or its code. */
export function findChoice(field: CrmField, text: string): Choice | undefined {
  const index = indexes.get(field) ?? indexChoices(field.choices)
  indexes.set(field, index)
  return index.get(looseText(text))
}

type Choice = CrmField['choices'][number]

const indexes = new WeakMap<CrmField, Map<string, Choice>>()

/** Where a value reads like the id or code of another choice, the value counts; of two alike the first. */
function indexChoices(choices: Choice[]) {
  const index = new Map<string, Choice>()
  const add = (key: string, choice: Choice) => index.has(key) || index.set(key, choice)
  for (const choice of choices) add(looseText(choice.value), choice)
  for (const choice of choices) add(String(choice.id), choice)
  for (const choice of choices) if (choice.code) add(looseText(choice.code), choice)
  return index
}
