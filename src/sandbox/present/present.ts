import type { Account } from '../store/entities.ts'
import type { Store } from '../store/store.ts'
import { createCardPresenter } from './present-cards.ts'
import { createSetupPresenter } from './present-setup.ts'
import { createUnsortedPresenter } from './present-unsorted.ts'

export type Presenter = ReturnType<typeof createPresenter>

/** Stored records as the API shows them to a client that came by `origin`. */
export function createPresenter(store: Store, origin: string) {
  const api = `${origin}/api/v4`
  const { id } = accountOf(store)
  return {
    ...createCardPresenter(store, api, id),
    ...createSetupPresenter(store, api, id),
    ...createUnsortedPresenter(api, id),
  }
}

export function accountOf(store: Store): Account {
  const [account] = store.accounts.all()
  if (!account) throw new Error('The sandbox has no account: its state was not seeded')
  return account
}
