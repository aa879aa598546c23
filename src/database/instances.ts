import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Tables } from './tables.ts'

/** Ms. Who has not said for so long that it is there is not. */
const aliveFor = 45_000
const rememberedFor = 24 * 60 * 60_000

export type Instances = ReturnType<typeof createInstances>

interface InstancesOptions {
  db: Kysely<Tables>
  /** Machine and process id. */
  host: string
  version: string
  /** Digest of the settings that its orders are mapped by. */
  settings: () => string
  /** What it has sent to the CRM of late. */
  traffic: () => { requests: number; busiest: number; answeredAt: number | null }
  /** Unix ms. */
  now: () => number
}

/** Machines and process ids of those that are there. */
export async function liveHosts(db: Kysely<Tables>, now: number) {
  const rows = await db
    .selectFrom('instances')
    .select('host')
    .where('seen_at', '>', now - aliveFor)
    .execute()
  return rows.map(({ host }) => host)
}

/** The processes of this installation, each of which says now and then that it is there. */
export function createInstances({ db, host, version, settings, traffic, now }: InstancesOptions) {
  const id = randomUUID()
  const startedAt = now()
  let read = { at: startedAt, faults: [] as string[] }

  async function tellOfThisOne() {
    const { requests, busiest, answeredAt } = traffic()
    const seen = {
      ...{ host, version, started_at: startedAt, seen_at: now(), requests, busiest, answered_at: answeredAt },
      ...{ settings: settings(), settings_read_at: read.at, settings_faults: JSON.stringify(read.faults) },
    }
    const { numUpdatedRows } = await db
      .updateTable('instances')
      .set(seen)
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    if (numUpdatedRows > 0n) return
    await db
      .insertInto('instances')
      .values({ id, ...seen })
      .execute()
    await db
      .deleteFrom('instances')
      .where('seen_at', '<', now() - rememberedFor)
      .execute()
  }

  return {
    tellOfThisOne,

    /** It has read its settings, or goes by the old ones for these faults. */
    async settingsRead(faults: string[]) {
      read = { at: now(), faults }
      await tellOfThisOne()
    },

    async forgetThisOne() {
      await db.deleteFrom('instances').where('id', '=', id).execute()
    },

    /** Those of the last day, with this one's newest figures. */
    async all() {
      const { requests, busiest, answeredAt } = traffic()
      const at = now()
      const rows = await db
        .selectFrom('instances')
        .selectAll()
        .where('id', '!=', id)
        .where('seen_at', '>', at - rememberedFor)
        .orderBy('host')
        .orderBy('id')
        .execute()
      const others = rows.map((row) => ({
        host: row.host,
        version: row.version,
        startedAt: row.started_at,
        seenAt: row.seen_at,
        isAlive: row.seen_at > at - aliveFor,
        isThis: false,
        requests: row.requests,
        busiest: row.busiest,
        answeredAt: row.answered_at,
        settings: row.settings,
        settingsReadAt: row.settings_read_at,
        settingsFaults: JSON.parse(row.settings_faults) as string[],
      }))
      const own = {
        ...{ host, version, startedAt, seenAt: at, isAlive: true, isThis: true, requests, busiest, answeredAt },
        ...{ settings: settings(), settingsReadAt: read.at, settingsFaults: read.faults },
      }
      return [own, ...others]
    },
  }
}
