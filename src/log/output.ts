import sonicBoom from 'sonic-boom'

/** Bytes. When nobody reads what we print, it is lost, and not the process for want of memory. */
const mostWaiting = 16 * 1024 ** 2
/** A tenth of a second each. */
const triesAtExit = 20

/**
 * Standard output, written in the background; the rest of it when the process ends, in whatever way but SIGKILL. That
 * nothing can be written there, for want of room or of a reader, neither ends the process nor keeps it from ending.
 */
export function createOutput() {
  let isBroken = false
  let triesLeft = Number.POSITIVE_INFINITY
  const output = new sonicBoom.SonicBoom({
    fd: 1,
    sync: false,
    maxLength: mostWaiting,
    retryEAGAIN: () => triesLeft-- > 0,
  })
  output.on('error', () => {
    isBroken = true
  })
  output.on('write', () => {
    isBroken = false
  })
  process.on('exit', () => {
    triesLeft = triesAtExit
    try {
      // It would try for ever.
      if (!isBroken) output.flushSync()
    } catch {}
  })
  return output
}
