import type { Change } from './state-file.ts'

/** A change as the store takes it down while a write is under way. */
export interface Recorded {
  change: Change
  undo: () => void
  before: unknown
}

/** What a write has made of one record; `null` stands for no record. */
export interface Committed {
  kind: string
  before: unknown
  after: unknown
}

/** One entry for each record, however often the write touched it. */
export function netChanges(recorded: Recorded[]): Committed[] {
  const net = new Map<string, Committed>()
  for (const { change, before } of recorded) {
    const [kind, id, after] = change
    const key = `${kind} ${id}`
    net.set(key, { kind, before: net.has(key) ? net.get(key)?.before : before, after })
  }
  return [...net.values()].filter(({ before, after }) => before !== after)
}
