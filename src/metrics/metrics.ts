import { Counter, Gauge, Registry } from 'prom-client'
import type { Database } from '../database/open.ts'
import type { Inbox } from '../inbox/inbox.ts'
import { createCrmMetrics } from './crm.ts'
import { createDeliveryMetrics } from './deliveries.ts'
import { createIntakeMetrics } from './intake.ts'
import { watchProcess } from './process.ts'
import { createRequestMetrics } from './requests.ts'
import { createStanding, type StandingSources } from './standing.ts'
import { addPoolMetrics, createStoreMetrics } from './store.ts'

interface MetricsOptions {
  version: string
  /** Folder of the installation in its address. */
  basePath: string
  database: Pick<Database, 'dialect' | 'connections'>
  /** Whether this process is the one that delivers. */
  delivers: () => boolean
  /** Asked at the first scrape. */
  standing: () => StandingSources
  /** Unix ms. */
  now: () => number
}

export type Metrics = ReturnType<typeof createMetrics>

/** Everything that one server tells of itself. Several in one process have each their own. */
export function createMetrics({ version, basePath, database, delivers, standing, now }: MetricsOptions) {
  const registry = new Registry()
  const registers = [registry]
  const build = new Gauge({
    name: 'parom_build_info',
    help: 'What runs here; its value is always 1',
    labelNames: ['version', 'node', 'database'],
    registers,
  })
  build.set({ version, node: process.versions.node, database: database.dialect }, 1)
  const intake = createIntakeMetrics(registry)
  const deliveries = createDeliveryMetrics(registry, now)
  const store = createStoreMetrics(registry)
  addPoolMetrics(registry, database.connections)
  const crm = createCrmMetrics(registry, delivers)
  const requests = createRequestMetrics(registry, basePath)
  const settings = createSettingsMetrics(registry)
  const lookUp = createStanding(registry, standing)
  const stop = watchProcess(registry)

  return {
    /** The same inbox, with what passes through it counted. */
    counted: (inbox: Inbox): Inbox => ({ ...inbox, ...intake.counted(inbox), ...deliveries.counted(inbox) }),
    expect: intake.expect,
    notStored: intake.notStored,
    store,
    crm,
    requests,
    settings,
    stop,
    contentType: registry.contentType,

    /** As Prometheus reads it; within some seconds, however the database is. */
    async text() {
      await lookUp()
      return registry.metrics()
    },
  }
}

function createSettingsMetrics(registry: Registry) {
  const registers = [registry]
  const reloads = new Counter({
    name: 'parom_settings_reloads_total',
    help: 'How often the settings were read again: taken, or refused for their faults',
    labelNames: ['result'],
    registers,
  })
  const faults = new Gauge({
    name: 'parom_settings_faults',
    help: 'Faults of the settings as they were read last; as long as there are any, those before stay in force',
    registers,
  })
  for (const result of ['taken', 'refused']) reloads.inc({ result }, 0)
  return {
    read(found: string[]) {
      reloads.inc({ result: found.length > 0 ? 'refused' : 'taken' })
      faults.set(found.length)
    },
  }
}
