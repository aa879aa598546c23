import type { CrmAnswer } from './amocrm/http.ts'
import type { Log } from './log/log.ts'

/** Ms from which something is worth a line whatever the level. At debug all answers are told, and statements that took a while. */
const slow = { statement: 1000, answer: 5000, stall: 500 }
const aWhile = 50
const beatMs = 250

/** How long things take: statements of the database, answers of the CRM, and whatever keeps everything else waiting. */
export function createProfiling(log: Log) {
  function statement(text: string, ms: number) {
    if (ms < aWhile) return
    log[ms >= slow.statement ? 'warn' : 'debug']({ statement: text, ms: Math.round(ms) }, 'slow statement')
  }

  function answer({ lane, call, status, ms }: CrmAnswer) {
    const isSlow = ms >= slow.answer
    const line = { lane, call, status, ms: Math.round(ms) }
    log[isSlow ? 'info' : 'debug'](line, isSlow ? 'slow answer of amoCRM' : 'answer of amoCRM')
  }

  /** A job that tells when nothing could be done for a while. */
  function watchStalls() {
    let expectedAt = performance.now() + beatMs
    const timer = setInterval(() => {
      const late = performance.now() - expectedAt
      if (late >= slow.stall) log.warn({ ms: Math.round(late) }, 'event loop stalled')
      expectedAt = performance.now() + beatMs
    }, beatMs)
    return { stop: async () => clearInterval(timer) }
  }

  return { statement, answer, watchStalls }
}
