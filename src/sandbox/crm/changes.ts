import type { Committed } from '../store/commit.ts'
import type { Company, Contact, Element, Lead, Link, Note, Task, Unsorted } from '../store/entities.ts'

interface Told {
  leads: Lead
  contacts: Contact
  companies: Company
  elements: Element
  links: Link
  notes: Note
  tasks: Task
  unsorted: Unsorted
}

/** What a write did to one record that the account's people can see. */
export type AccountChange = {
  [Kind in keyof Told]: { kind: Kind; before: Told[Kind] | null; after: Told[Kind] | null }
}[keyof Told]

const told: Record<keyof Told, true> = {
  leads: true,
  contacts: true,
  companies: true,
  elements: true,
  links: true,
  notes: true,
  tasks: true,
  unsorted: true,
}

/** The account's changes among all that a write has done. What an account is born with is not news. */
export function accountChanges(committed: Committed[]): AccountChange[] {
  if (committed.some(({ kind, before }) => kind === 'accounts' && before === null)) return []
  return committed.filter(({ kind }) => kind in told) as AccountChange[]
}

type Action = 'add' | 'update' | 'delete' | 'restore'

/** What happened to a record: one in the trash is gone for everybody, one that is unsorted is not there yet. */
export function actionOf({ before, after }: { before: object | null; after: object | null }): Action | undefined {
  const [was, is] = [isVisible(before), isVisible(after)]
  if (was && is) return 'update'
  if (was) return 'delete'
  if (is) return before === null || isFlagged(before, 'is_unsorted') ? 'add' : 'restore'
  return undefined
}

function isVisible(record: object | null) {
  return record !== null && !isFlagged(record, 'is_deleted') && !isFlagged(record, 'is_unsorted')
}

const isFlagged = (record: object, flag: string) => Reflect.get(record, flag) === true
