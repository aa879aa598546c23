import type { Runs } from './runs.ts'

interface RunJobOptions {
  runs: Pick<Runs, 'open' | 'step' | 'onChange'>
  log: { error: (details: object, message: string) => void }
}

/** Ms. Others start runs, too, and do not wake us. */
const lookEveryMs = 1000
const lookAgainMs = 200

/** Carries out the runs, a chunk of each in turn. */
export function startRunJob({ runs, log }: RunJobOptions) {
  let isStopped = false
  let looking = Promise.resolve(false)
  let timer: NodeJS.Timeout | undefined

  /** Whether there is any run to look after. */
  async function look() {
    const open = await runs.open()
    for (let active = open; active.length > 0 && !isStopped; ) {
      const moved: string[] = []
      for (const id of active) if (await runs.step(id).catch(disturbed)) moved.push(id)
      active = moved
    }
    return open.length > 0
  }

  function disturbed(err: unknown) {
    log.error({ err }, 'runs disturbed')
    return false
  }

  function wake() {
    looking = looking.then(look).catch(disturbed)
    void looking.then(lookLater)
  }

  function lookLater(isBusy: boolean) {
    clearTimeout(timer)
    if (!isStopped) timer = setTimeout(wake, isBusy ? lookAgainMs : lookEveryMs)
  }

  runs.onChange(wake)
  wake()
  return {
    wake,
    async stop() {
      isStopped = true
      clearTimeout(timer)
      await looking
    },
  }
}
