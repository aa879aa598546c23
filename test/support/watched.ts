import { onTestFinished } from 'vitest'
import { createWatch } from '../../src/alerts/watch.ts'
import type { ConnectionStatus } from '../../src/amocrm/connection-status.ts'
import { alertsConfigSchema } from '../../src/config/alert-schema.ts'
import { deriveAlerts } from '../../src/config/alerts.ts'
import { loadTexts } from '../../src/config/load.ts'
import type { AlertsConfig } from '../../src/config/schema.ts'
import { createTranslate } from '../../src/config/translate.ts'
import { migrate } from '../../src/database/migrate.ts'
import { type Database, openDatabase } from '../../src/database/open.ts'
import { createInbox } from '../../src/inbox/inbox.ts'

export const account = 'shop.amocrm.ru'
/** A Wednesday, noon in Moscow. */
export const noon = Date.parse('2026-11-25T12:00:00+03:00')
export const minute = 60_000
export const hour = 60 * minute

const healthy: ConnectionStatus = {
  state: 'connected',
  kind: 'oauth',
  baseUrl: 'https://shop.amocrm.ru',
  account: { id: 1, name: 'Магазин' },
  user: { id: 2, name: 'Ольга', isAdmin: true },
  until: null,
  since: 1,
  lost: null,
  pausedUntil: null,
  stopped: null,
}

/** The watch over a database, with a clock and a connection that the test moves. */
export async function startWatch(url: string, config: AlertsConfig, { file = null as string | null } = {}) {
  const database: Database = openDatabase(url)
  await migrate(database)
  onTestFinished(() => database.close().catch(() => {}))
  const world = { now: noon, connection: healthy, config, isReachable: true }
  const now = () => world.now
  const inbox = createInbox(database, now)
  const logged: string[] = []
  const log = (details: object, message: string) => void logged.push(JSON.stringify([message, details]))
  const translate = createTranslate(await loadTexts('ru'), 'ru')
  const settings = () => ({
    ...deriveAlerts(alertsConfigSchema.parse(world.config), { timeZone: 'Europe/Moscow', variables: {} }),
    translate,
    language: 'ru' as const,
    timeZone: 'Europe/Moscow',
    base: 'https://crm.example.ru',
    appName: 'Паром',
  })
  const parts = {
    account,
    settings,
    connection: { status: async () => world.connection },
    file,
    log: { warn: log, error: log },
    now,
  }
  const watch = createWatch({ ...parts, db: database.db })
  let number = 0

  return {
    world,
    database,
    inbox,
    watch,
    logged,
    /** Another process on the same database. */
    another: () => createWatch({ ...parts, db: database.db }),
    /** Looks after so many ms. */
    async after(ms: number) {
      world.now += ms
      await watch.look()
    },
    connect: (change: Partial<ConnectionStatus>) => {
      world.connection = { ...healthy, ...change }
    },
    /** Orders come in. Gives their ids. */
    async receive(count = 1) {
      const ids: string[] = []
      for (let each = 0; each < count; each++) {
        const order = {
          account,
          source: 'lk',
          dedupeKey: `k${++number}`,
          dedupeWindow: null,
          contentType: 'text/plain',
        }
        ids.push((await inbox.accept({ ...order, headers: {}, body: Buffer.from(`order ${number}`) })).id)
      }
      return ids
    },
    /** amoCRM will not have them, or takes them. */
    async settle(outcome: 'dead' | 'delivered', numberOf: (id: string) => string | null = () => null) {
      const claims = await inbox.claim(account, 50)
      const dead = { kind: 'dead', reason: 'crm_rejected', error: 'refused +7 912 345-67-89' } as const
      await inbox.settle(
        claims.map((claim) => ({ claim, outcome: outcome === 'dead' ? dead : { kind: 'delivered' as const } })),
      )
      for (const { id } of claims) {
        const order_number = numberOf(id)
        await database.db.updateTable('messages').set({ order_number }).where('id', '=', id).execute()
      }
    },
  }
}
