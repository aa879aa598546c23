import { Cron } from 'croner'
import type { Checkups } from './checkups.ts'

interface ScheduleOptions {
  checkups: Pick<Checkups, 'run' | 'runUnlessSince'>
  /** Whether the account lets us in. */
  isReady: () => Promise<boolean>
  /** Unix ms. */
  now: () => number
  /** 0 to 1. */
  random: () => number
}

/** Ms. After one that could not ask the account. */
const againAfter = 10 * 60_000
/** Ms. Every process has its own minute of the same hour, and one of them is enough. */
const oneNight = 2 * 60 * 60_000

/** Gives what checks when it is due: at the start, as soon as the account lets us in, and then every night by the clock of the machine. */
export function scheduleCheckups({ checkups, isReady, now, random }: ScheduleOptions) {
  const nights = new Cron(`${Math.floor(random() * 60)} 4 * * *`)
  let dueAt = now()
  let isForced = true

  return async () => {
    if (now() < dueAt || !(await isReady())) return
    const report = isForced ? await checkups.run() : await checkups.runUnlessSince(now() - oneNight)
    isForced = report?.isReachable === false
    dueAt = isForced ? now() + againAfter : nextNight()
  }

  function nextNight() {
    return nights.nextRun(new Date(now()))?.getTime() ?? Number.POSITIVE_INFINITY
  }
}
