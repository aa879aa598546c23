import type { Report } from '../http/batch.ts'
import type { User } from '../store/entities.ts'
import type { Store } from '../store/store.ts'

/** Whom a client names as the author of something: the robot, which is 0, or a user of the account. */
export function checkAuthor(store: Store, id: number | undefined, path: string, report: Report) {
  if (id !== undefined && id !== 0 && !store.users.get(id)) report('NotSupportedChoice', path)
}

/** State files that were written before users had roles know administrators only. */
export const isAdmin = ({ is_admin }: User) => is_admin !== false

/** Whoever acts where nobody is named. */
export function firstAdmin(store: Store): User {
  const users = store.users.all()
  const user = users.find(isAdmin) ?? users[0]
  if (!user) throw new Error('The sandbox has no users: its state was not seeded')
  return user
}
