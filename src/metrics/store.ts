import { Histogram, type Registry } from 'prom-client'
import type { Database } from '../database/open.ts'
import { addGauge } from './add.ts'

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]
const together = [1, 2, 5, 10, 20, 50, 100]

/** How orders get to disk from this process. */
export function createStoreMetrics(registry: Registry) {
  const registers = [registry]
  const took = new Histogram({
    name: 'parom_commit_seconds',
    help: 'How long a commit of orders that came together took',
    buckets: seconds,
    registers,
  })
  const size = new Histogram({
    name: 'parom_commit_orders',
    help: 'How many orders shared one commit',
    buckets: together,
    registers,
  })
  return {
    committed(orders: number, ms: number) {
      size.observe(orders)
      took.observe(ms / 1000)
    },
  }
}

/** Connections of this process to MySQL; nothing of SQLite, which has none. */
export function addPoolMetrics(registry: Registry, connections: Database['connections']) {
  const figures = {
    size: 'Connections that this process may have to the database',
    open: 'Connections that this process has to the database',
    busy: 'Connections to the database that are in use now',
    waiting: 'Who waits for a connection to the database now',
  }
  for (const [figure, help] of Object.entries(figures) as [keyof typeof figures, string][])
    addGauge(registry, {
      ...{ name: `parom_database_pool_${figure}`, help },
      read: () => connections()?.[figure] ?? null,
    })
}
