import { Counter, Histogram, type Registry } from 'prom-client'
import type { CrmWatch } from '../amocrm/http.ts'
import { addGauge } from './add.ts'

const seconds = [0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 20]

/** What this process asks the CRM. @param delivers whether it is the one that delivers */
export function createCrmMetrics(registry: Registry, delivers: () => boolean): CrmWatch {
  const registers = [registry]
  const requests = new Counter({
    name: 'parom_crm_requests_total',
    help: 'Requests that were sent to the CRM, by the status of the answer; none: no answer came',
    labelNames: ['method', 'status'],
    registers,
  })
  const took = new Histogram({
    name: 'parom_crm_request_seconds',
    help: 'From a request sent to the CRM until its answer',
    labelNames: ['method'],
    buckets: seconds,
    registers,
  })
  const pauses = new Counter({
    name: 'parom_crm_pauses_total',
    help: 'How often the CRM said that there were too many requests (429), after which nothing is sent for a while',
    registers,
  })
  const paused = new Counter({
    name: 'parom_crm_pause_seconds_total',
    help: 'How long those pauses were to be, together',
    registers,
  })
  addGauge(registry, {
    name: 'parom_delivers',
    help: '1 where this process is the one that delivers; of all processes of an installation one does',
    read: () => Number(delivers()),
  })
  for (const method of ['GET', 'POST', 'PATCH'])
    for (const status of ['200', '429']) requests.inc({ method, status }, 0)

  return {
    answered({ method, status, ms }) {
      requests.inc({ method, status: status === null ? 'none' : String(status) })
      took.observe({ method }, ms / 1000)
    },
    paused(ms) {
      pauses.inc()
      paused.inc(ms / 1000)
    },
  }
}
