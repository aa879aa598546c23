import type { AmocrmError } from './errors.ts'

/** What the CRM has against a lead or a card: one of a list, by its place in what was sent, or a part of which there is one. */
export type RefusedPart =
  | { kind: 'field' | 'tag' | 'contact' | 'company'; place: number }
  | { kind: 'pipeline' | 'status' | 'user' | 'price' }

const lists = {
  custom_fields_values: 'field',
  '_embedded.tags': 'tag',
  '_embedded.contacts': 'contact',
  '_embedded.companies': 'company',
} as const
const single = { pipeline_id: 'pipeline', status_id: 'status', responsible_user_id: 'user', price: 'price' } as const

/** Empty when it has something else against it too, so that leaving these out would not do. */
export function refusedParts({ kind, faults }: AmocrmError): RefusedPart[] {
  const parts = faults.map(({ path }) => partAt(path))
  return kind === 'rejected' && parts.every((part) => part !== null) ? parts : []
}

function partAt(path: string): RefusedPart | null {
  if (path in single) return { kind: single[path as keyof typeof single] }
  const [, list = '', place] = /^([a-z_]+(?:\.[a-z]+)?)\.(\d+)(?:\.|$)/.exec(path) ?? []
  return list in lists ? { kind: lists[list as keyof typeof lists], place: Number(place) } : null
}
