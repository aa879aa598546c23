import type { ConnectionStatus } from './amocrm/connection-status.ts'
import { keepFresh } from './amocrm/keep-fresh.ts'
import { createWaitingReader } from './delivery/read-waiting.ts'
import { scheduleCheckups } from './doctor/schedule.ts'
import { startRunJob } from './inbox/run-job.ts'
import { keepFigures } from './keep-figures.ts'
import type { Parts } from './parts.ts'
import { startDelivery } from './start-delivery.ts'

/** What goes on beside the requests until the server stops. */
interface Job {
  wake?: () => void
  stop: () => Promise<void>
}

interface JobsOptions {
  /** Host of the account, as configured. */
  host: string
  ordersAtOnce: number
  checksItself: boolean
  /** Unix ms. */
  now: () => number
  /** 0 to 1. */
  random: () => number
}

export function startJobs(parts: Parts, { host, ordersAtOnce, checksItself, now, random }: JobsOptions) {
  const { inbox, account, live, quiet, instances } = parts
  const { connection } = account
  const log = quiet.app
  const route = () => live.current().route
  const worker = startDelivery({ inbox, account, host, route, ordersAtOnce, channels: quiet, now, random })
  inbox.onQueued(worker.wake)
  inbox.onNotKept((count, err) =>
    log.warn(
      { count, ...(err ? { err } : {}) },
      'refused requests were not kept: too many, or the database is out of order',
    ),
  )
  const isReady = async () => canAsk(await connection.status()) && account.turn.keep()
  const { checkups } = live
  const jobs: Job[] = [
    worker,
    startRunJob({ runs: parts.runs, log }),
    keepFresh(connection, quiet.auth),
    parts.profiling.watchStalls(),
    keepFigures({ inbox, instances, log }),
    createWaitingReader({
      inbox,
      rules: () => live.current().rules,
      now,
      broken: (err) => log.warn({ err }, 'waiting orders cannot be read and searched for yet'),
    }),
    checksItself ? scheduleCheckups({ checkups, isReady, log, now, random }) : checkups,
    parts.watch.start(),
    parts.upkeep.start(),
    parts.retention.start(),
  ]
  return {
    wake() {
      for (const job of jobs) job.wake?.()
    },
    stop: () => Promise.all(jobs.map((job) => job.stop())),
  }
}

function canAsk({ state, pausedUntil }: ConnectionStatus) {
  return (state === 'connected' || state === 'expiring') && pausedUntil === null
}
