import { AsyncLocalStorage } from 'node:async_hooks'
import type { Request, Response } from 'express'
import { announceChanges } from './announce.ts'
import { type Clock, createClock } from './control/clock.ts'
import { createFaults } from './control/faults.ts'
import { createJournal } from './control/journal.ts'
import { createRateLimit } from './control/rate-limit.ts'
import { createSettings, type SettingsBox } from './control/settings.ts'
import type { Author } from './crm/cards.ts'
import { originOf } from './http/hal.ts'
import { createIntegrations, type Integrations } from './oauth/integrations.ts'
import { createTokens, type Tokens } from './oauth/tokens.ts'
import { createPresenter } from './present/present.ts'
import { createStore, type Store } from './store/store.ts'
import { createSender, type Sender } from './webhooks/sender.ts'

/** The parts of one running sandbox, handed to every route. */
export interface Context {
  store: Store
  clock: Clock
  settings: SettingsBox
  integrations: Integrations
  tokens: Tokens
  rateLimit: ReturnType<typeof createRateLimit>
  faults: ReturnType<typeof createFaults>
  journal: ReturnType<typeof createJournal>
  /** The user whose request is being worked on. */
  actor: AsyncLocalStorage<number>
  sender: Sender
  log: (line: string) => void
}

interface ContextOptions {
  file?: string | undefined
  now: () => number
  log: (line: string) => void
}

export function createContext({ file, now, log }: ContextOptions): Context {
  const store = createStore(file)
  const clock = createClock(store, now)
  const settings = createSettings(store, clock)
  const integrations = createIntegrations(store, settings)
  const tokens = createTokens({ store, clock, settings, integrations })
  const rateLimit = createRateLimit(clock, settings)
  const [faults, journal] = [createFaults(store, clock), createJournal(clock, tokens)]
  const actor = new AsyncLocalStorage<number>()
  const sender = createSender(store, clock, settings, log)
  announceChanges({ store, clock, settings, sender, actor: () => actor.getStore() })
  return { store, clock, settings, integrations, tokens, rateLimit, faults, journal, actor, sender, log }
}

export const presenterFor = (context: Context, req: Request) => createPresenter(context.store, originOf(req))

/** The user whose token the request carries. */
export function authorOf(context: Context, res: Response): Author {
  return { userId: Number(res.locals['userId']), clock: context.clock }
}

/** Tells whether a record's last change has reached the search index. */
export function indexed({ settings }: Context) {
  const now = settings.indexTime()
  const { query_index_delay_ms: delay } = settings.get()
  const { min, max } = typeof delay === 'number' ? { min: delay, max: delay } : delay
  return ({ id, touched_ms }: { id: number; touched_ms: number }) =>
    touched_ms + min + scatter(id + touched_ms) * Math.max(0, max - min) <= now
}

// Anywhere from 0 to 1, and the same for the same change whenever it is asked about.
const scatter = (number: number) => Math.abs(Math.sin(number) * 10_000) % 1
