import type { ConnectionStatus } from './amocrm/connection-status.ts'
import { ensureStillOurs, MovedError } from './database/moving/mark.ts'
import { createWaitingReader } from './delivery/read-waiting.ts'
import { scheduleCheckups } from './doctor/schedule.ts'
import { startRunJob } from './inbox/run-job.ts'
import { listenEveryMs } from './notices.ts'
import type { Parts } from './parts.ts'
import { repeat } from './repeat.ts'
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
  /** Called when another database has taken the place of this one, although the server works with it. */
  onMoved: (error: MovedError) => void
  /** Unix ms. */
  now: () => number
  /** 0 to 1. */
  random: () => number
}

const minute = 60_000

export function startJobs(parts: Parts, { host, ordersAtOnce, checksItself, onMoved, now, random }: JobsOptions) {
  const { inbox, account, live, quiet } = parts
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
  const isReady = async () => canAsk(await account.connection.status()) && account.turn.keep()
  const jobs: Job[] = [
    worker,
    startRunJob({ runs: parts.runs, log }),
    parts.profiling.watchStalls(),
    createWaitingReader({
      inbox,
      rules: () => live.current().rules,
      now,
      broken: (err) => log.warn({ err }, 'waiting orders cannot be read and searched for yet'),
    }),
    live.checkups,
    ...repeatedly(parts, onMoved),
    ...(checksItself
      ? [
          repeat(scheduleCheckups({ checkups: live.checkups, isReady, now, random }), {
            everyMs: minute,
            failed: (err) => log.error({ err }, 'settings could not be checked'),
          }),
        ]
      : []),
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

/** What is done again and again. */
function repeatedly(
  { database, account, inbox, instances, watch, upkeep, retention, quiet }: Parts,
  onMoved: JobsOptions['onMoved'],
) {
  const { app: log, auth } = quiet
  return [
    repeat(account.connection.refreshIfDue, {
      everyMs: minute,
      failed: (err) => auth.error({ err }, 'amoCRM tokens could not be renewed'),
    }),
    repeat(
      async (stop) => {
        await instances.tellOfThisOne()
        await ensureStillOurs(database)
        await inbox.tally(stop)
      },
      {
        everyMs: minute / 4,
        failed: (err) => {
          if (err instanceof MovedError) onMoved(err)
          else log.warn({ err }, 'figures could not be kept up to date')
        },
      },
    ),
    repeat(watch.look, {
      everyMs: minute / 2,
      failed: (err) => log.error({ err }, 'alerts disturbed'),
      stopPatienceMs: 3000,
    }),
    repeat(upkeep.listen, {
      everyMs: listenEveryMs,
      failed: (err) => log.error({ err }, 'other processes cannot be heard'),
    }),
    repeat(retention.look, {
      everyMs: 10 * minute,
      failed: (err) => log.error({ err }, 'what is old cannot be deleted'),
      ended: retention.leave,
    }),
  ]
}
