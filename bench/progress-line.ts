/** One line that is written anew on a terminal; elsewhere a line every ten seconds. */
export function createProgressLine(title: string) {
  const every = process.stdout.isTTY ? 0 : 10_000
  let shownAt = Number.NEGATIVE_INFINITY
  let last = ''
  const write = () => process.stdout.write(process.stdout.isTTY ? `\r\x1b[K${title}: ${last}` : `${title}: ${last}\n`)
  return {
    show(text: string) {
      last = text
      if (performance.now() - shownAt < every) return
      shownAt = performance.now()
      write()
    },
    end() {
      write()
      if (process.stdout.isTTY) process.stdout.write('\n')
    },
  }
}
