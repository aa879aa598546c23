import type { Clock } from './control/clock.ts'
import type { SettingsBox } from './control/settings.ts'
import { accountChanges } from './crm/changes.ts'
import { firstAdmin } from './crm/users.ts'
import { createEventLog } from './events/event-log.ts'
import type { Store } from './store/store.ts'
import { createQueue } from './webhooks/queue.ts'
import type { Sender } from './webhooks/sender.ts'

interface Parts {
  store: Store
  clock: Clock
  settings: SettingsBox
  sender: Sender
  /** The user whose request is being worked on. */
  actor: () => number | undefined
}

/**
 * Has every write tell what it changed in the account, to the list of events and to webhooks. Whichever route makes
 * the write, nothing is forgotten: what changed is read off the store. A write that fails tells nothing.
 */
export function announceChanges({ store, clock, settings, sender, actor }: Parts) {
  const events = createEventLog(store, clock)
  const queue = createQueue(store, clock, settings)
  store.beforeCommit((committed) => {
    const changes = accountChanges(committed)
    if (changes.length > 0) {
      // What nobody's request did is done by a person, on a page or behind /__sandbox.
      const user = actor()
      if (user === undefined || settings.get().events_of_api_writes)
        events.record(changes, user ?? firstAdmin(store).id)
      queue.add(changes)
    }
    // The time is among the settings.
    if (changes.length > 0 || committed.some(({ kind }) => kind === 'settings')) sender.wake()
  })
}
