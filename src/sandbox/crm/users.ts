import type { Report } from '../http/batch.ts'
import type { Store } from '../store/store.ts'

/** Whom a client names as the author of something: the robot, which is 0, or a user of the account. */
export function checkAuthor(store: Store, id: number | undefined, path: string, report: Report) {
  if (id !== undefined && id !== 0 && !store.users.get(id)) report('NotSupportedChoice', path)
}
