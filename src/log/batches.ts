interface Output {
  write(lines: string): unknown
}

/** Ms that a line waits at most for others. */
const longestDelayMs = 1000
/** Characters that are handed on at once. */
const together = 64 * 1024

/** Hands lines on many at a time: each time costs more than a line does. When the process ends, the last of them. */
export function inBatches(outputs: Output[]): Output {
  let waiting = ''

  function handOn() {
    if (waiting === '') return
    const lines = waiting
    waiting = ''
    for (const output of outputs) output.write(lines)
  }

  setInterval(handOn, longestDelayMs).unref()
  // Before the outputs themselves are ended.
  process.prependListener('exit', handOn)

  return {
    write(line) {
      waiting += line
      if (waiting.length >= together) handOn()
    },
  }
}
