import { Cron } from 'croner'
import type { Checkups } from './checkups.ts'

interface ScheduleOptions {
  checkups: Pick<Checkups, 'run' | 'runUnlessSince' | 'stop'>
  /** Whether the account lets us in. */
  isReady: () => Promise<boolean>
  log: { error: (details: object, message: string) => void }
  /** Unix ms. */
  now: () => number
  /** 0 to 1. */
  random: () => number
}

const lookEveryMs = 60_000
/** Ms. After one that could not ask the account. */
const againAfter = 10 * 60_000
/** Ms. Every process has its own minute of the same hour, and one of them is enough. */
const oneNight = 2 * 60 * 60_000

/** Checks at the start, as soon as the account lets us in, and then every night by the clock of the machine. */
export function scheduleCheckups({ checkups, isReady, log, now, random }: ScheduleOptions) {
  const nights = new Cron(`${Math.floor(random() * 60)} 4 * * *`)
  let dueAt = now()
  let isForced = true
  let running = Promise.resolve()

  async function look() {
    if (now() < dueAt || !(await isReady())) return
    const report = isForced ? await checkups.run() : await checkups.runUnlessSince(now() - oneNight)
    isForced = report?.isReachable === false
    dueAt = isForced ? now() + againAfter : nextNight()
  }

  function nextNight() {
    return nights.nextRun(new Date(now()))?.getTime() ?? Number.POSITIVE_INFINITY
  }

  /** Looks whether one is due. */
  function wake() {
    running = running.then(look).catch((err: unknown) => log.error({ err }, 'settings could not be checked'))
  }

  const timer = setInterval(wake, lookEveryMs)
  wake()
  return {
    wake,
    async stop() {
      clearInterval(timer)
      await checkups.stop()
      await running
    },
  }
}
