import type { Kysely } from 'kysely'
import type { Tables } from '../database/tables.ts'
import { createCheckupStore } from './checkup-store.ts'
import { createDoctor, type DoctorOptions, type Report } from './doctor.ts'
import type { Finding } from './finding.ts'

export type Checkups = ReturnType<typeof createCheckups>

interface CheckupsOptions extends Omit<DoctorOptions, 'stop'> {
  db: Kysely<Tables>
  log: Record<'info' | 'warn', (details: object, message: string) => void>
}

/** Examinations whose last report is kept for everybody to see. */
export function createCheckups({ db, log, ...options }: CheckupsOptions) {
  const stopping = new AbortController()
  const store = createCheckupStore(db, options.config.amo.domain, options.now)
  const examineNow = createDoctor({ ...options, stop: stopping.signal })
  let running: Promise<Report> | null = null

  async function run(): Promise<Report> {
    if (!running) await store.begin()
    return runBegun()
  }

  function runBegun(): Promise<Report> {
    running ??= runOnce().finally(() => {
      running = null
    })
    return running
  }

  async function runOnce() {
    try {
      const report = await examineNow()
      if (stopping.signal.aborted) return report
      const { report: before } = await store.last()
      await store.keep(report)
      if (report.isReachable) tellChange(report, before)
      return report
    } finally {
      await store.ended()
    }
  }

  /** Once, and not every night the same. */
  function tellChange(report: Report, before: Report | null) {
    const faults = faultsOf(report)
    if (before && faults.join() === faultsOf(before).join()) return
    if (faults.length > 0) log.warn({ faults }, 'settings do not quite fit the amoCRM account: see /app/doctor')
    else log.info({}, 'settings fit the amoCRM account')
  }

  return {
    run,
    /** The same, unless any process has begun one since then (unix ms); null when one has. */
    runUnlessSince: async (since: number) => ((await store.begin(since)) ? runBegun() : null),
    last: store.last,
    /** How many errors the last report holds. */
    errors: store.errors,
    /** Asks nothing more. */
    async stop() {
      stopping.abort()
      await running?.catch(() => {})
    },
  }
}

/** Texts of the account stay out of the log. */
function faultsOf({ findings }: Report) {
  return findings.filter(({ level }) => level !== 'ok').map(nameOf)
}

function nameOf({ level, code, params }: Finding) {
  return [level, code, params['where'] ?? params['form']].filter(Boolean).join(' ')
}
