import type { Received } from '../order/parse.ts'

interface Row {
  label: string
  text: string
}

/** What would become of an order, for `planCard` of views/mapping/plan.njk. */
interface ShownPlan {
  lead: Row[]
  people: Row[]
  products: { name: string; quantity: string; element: string }[]
  fields: { place: string; value: string }[]
  note: string
  unused: string[]
  warnings: string[]
  makesMarker: boolean
  requests: { title: string; method: string; path: string; body: string }[]
}

/** Why nothing can be shown; the text is a key of the translations. */
export interface Problem {
  text: string
  params?: Record<string, string | number>
}

export interface RehearsedMessage extends Received {
  /** Of a message that is stored: by it the lead would be known again. */
  id?: string
  isTest?: boolean
}

/** What the delivery would do, without doing it. */
export interface Rehearsing {
  /** Why the intake would not take such a body. */
  refusalOf: (contentType: string, body: Buffer) => Problem | null
  /** @param translate texts for whoever looks at it; what goes to the CRM stays in the language of the installation */
  rehearse: (
    message: RehearsedMessage,
    translate: (key: string, params?: Record<string, string | number>) => string,
  ) => Promise<{ plan: ShownPlan; problem?: never } | { plan?: never; problem: Problem }>
}
