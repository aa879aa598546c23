import type { z } from 'zod'
import { settingsShape } from '../control/settings.ts'
import { otherGroup, settingWords } from './setting-words.ts'

type Values = z.infer<typeof settingsShape>
type Kind = 'switch' | 'choice' | 'number' | 'text' | 'json'

interface Reading {
  kind: Kind
  isNullable: boolean
  choices: readonly unknown[]
}

/** Every setting as a field of a form, in groups. What was `sent` and refused is shown again. */
export function settingGroups(values: Values, sent: Record<string, unknown> = {}) {
  const fields = Object.entries(settingsShape.shape).map(([name, shape]) => {
    const reading = read(shape)
    const words = settingWords[name] ?? { group: otherGroup, title: name }
    const text = typeof sent[name] === 'string' ? sent[name] : written(reading.kind, Reflect.get(values, name))
    const options = reading.choices.map((choice) => ({
      value: String(choice),
      label: words.options?.[String(choice)] ?? String(choice),
    }))
    return { ...words, name, kind: reading.kind, isNullable: reading.isNullable, text, options }
  })
  const groups = [...new Set(fields.map(({ group }) => group))].toSorted(otherLast)
  return groups.map((name) => ({ name, fields: fields.filter(({ group }) => group === name) }))
}

const otherLast = (a: string, b: string) => Number(a === otherGroup) - Number(b === otherGroup)

/** The settings that a sent form means; what cannot be one is left for the settings to refuse. */
export function settingsOfForm(form: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settingsShape.shape).flatMap(([name, shape]) => {
      const reading = read(shape)
      // A switch that is off sends nothing.
      if (reading.kind === 'switch') return [[name, form[name] === 'on']]
      return typeof form[name] === 'string' ? [[name, meant(reading, form[name].trim())]] : []
    }),
  )
}

function read(shape: z.core.$ZodType): Reading {
  const { def } = (shape as z.core.$ZodTypes)._zod
  const plain = (kind: Kind, choices: readonly unknown[] = []) => ({ kind, isNullable: false, choices })
  switch (def.type) {
    case 'nullable':
      return { ...read(def.innerType), isNullable: true }
    case 'optional':
    case 'default':
      return read(def.innerType)
    case 'boolean':
      return plain('switch')
    case 'enum':
      return plain('choice', Object.values(def.entries))
    case 'literal':
      return plain('choice', def.values)
    case 'number':
      return plain('number')
    case 'string':
      return plain('text')
    default:
      return plain('json')
  }
}

function written(kind: Kind, value: unknown): string {
  if (kind === 'switch') return value === true ? 'on' : ''
  if (kind === 'json') return JSON.stringify(value)
  return value === null || value === undefined ? '' : String(value)
}

function meant({ kind, isNullable, choices }: Reading, text: string): unknown {
  if (text === '' && isNullable) return null
  if (kind === 'choice') return choices.find((choice) => String(choice) === text) ?? text
  if (kind === 'number') return text === '' ? text : Number(text)
  if (kind === 'text') return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
