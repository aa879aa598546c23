import type { Translate } from '../config/translate.ts'

interface Output {
  isTTY?: boolean | undefined
  write: (text: string) => unknown
}

/** Ms between two lines where nobody sees a bar move, and between two moves of a bar. */
const lineEvery = 5000
const moveEvery = 200
const width = 24

/** How far something is that counts: a bar on a terminal, a line now and then elsewhere. */
export function createProgressBar(output: Output, translate: Translate, now: () => number = Date.now) {
  let total = 0
  let done = 0
  let what = ''
  let begunAt = now()
  let toldAt = begunAt

  function describe() {
    const share = total === 0 ? 1 : Math.min(1, done / total)
    const seconds = Math.max(0.001, (now() - begunAt) / 1000)
    const perSecond = done / seconds
    const left = perSecond > 0 ? Math.ceil((total * (1 - share)) / perSecond) : null
    const params = { percent: Math.floor(share * 100), speed: Math.round(perSecond), what }
    const text =
      left === null
        ? translate('cli.progress', params)
        : translate('cli.progress.left', { ...params, left: inMinutes(left) })
    const filled = Math.round(share * width)
    return output.isTTY ? `\r${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${text}\u001b[K` : `${text}\n`
  }

  function tell() {
    toldAt = now()
    output.write(describe())
  }

  return {
    total(count: number) {
      total = count
      begunAt = now()
      toldAt = begunAt
    },
    table(name: string) {
      what = name
    },
    rows(more: number) {
      done += more
      if (now() - toldAt >= (output.isTTY ? moveEvery : lineEvery)) tell()
    },
    /** The last word. */
    end() {
      tell()
      if (output.isTTY) output.write('\n')
    },
  }
}

/** `m:ss` */
export function inMinutes(seconds: number) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`
}
