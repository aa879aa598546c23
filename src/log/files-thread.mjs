// Plain JavaScript, as database/checkpoint-thread.mjs is. The thread of createLogFiles.
import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { parentPort } from 'node:worker_threads'

/** As pino has its transports: what it gives is written to. @param {{ folder: string, most: number, size: number }} options */
export default function open(options) {
  const files = createDailyFiles(options)
  return new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      files.write(String(chunk))
      done()
    },
    final(done) {
      files.close()
      done()
    },
  })
}

/**
 * `parom-2026-11-23.log`, and after so many bytes `parom-2026-11-23.1.log`, by UTC as the lines are. All processes write
 * to the same one, whole lines at a time, which the system appends one after the other.
 * @param {{ folder: string, most: number, size: number }} options
 */
function createDailyFiles({ folder, most, size }) {
  /** @type {{ fd: number, day: string } | null} */
  let file = null
  /** The beginning of a line whose end has not come yet. */
  let begun = ''
  let lost = 0
  let isTorn = false

  function write(/** @type {string} */ text) {
    const end = text.lastIndexOf('\n') + 1
    if (end === 0) {
      begun += text
      return
    }
    const lines = begun + text.slice(0, end)
    begun = text.slice(end)
    try {
      append(lines)
    } catch (error) {
      if (lost === 0) tell(error)
      lost += lines.split('\n').length - 1
      close()
    }
  }

  function append(/** @type {string} */ lines) {
    const now = new Date().toISOString()
    const fd = current(now.slice(0, 10))
    if (lost > 0) {
      const line = { level: 'error', time: now, channel: 'app', count: lost, msg: 'log lines were lost' }
      writeWhole(fd, `${JSON.stringify(line)}\n`)
      lost = 0
    }
    writeWhole(fd, lines)
  }

  /** A disk may fill up in the middle of a line. */
  function writeWhole(/** @type {number} */ fd, /** @type {string} */ lines) {
    let rest = Buffer.from(isTorn ? `\n${lines}` : lines)
    isTorn = false
    while (rest.length > 0) {
      const written = writeSync(fd, rest)
      isTorn = rest[written - 1] !== newline
      rest = rest.subarray(written)
    }
  }

  function current(/** @type {string} */ day) {
    if (file?.day === day && isGood(file.fd)) return file.fd
    close()
    mkdirSync(folder, { recursive: true, mode: 0o750 })
    let number = listOf(folder).find((each) => each.day === day)?.number ?? 0
    let fd = openFile(day, number)
    while (!isGood(fd)) {
      closeSync(fd)
      number += 1
      fd = openFile(day, number)
    }
    file = { fd, day }
    for (const { name } of listOf(folder).slice(most)) rmSync(join(folder, name), { force: true })
    return fd
  }

  function openFile(/** @type {string} */ day, /** @type {number} */ number) {
    const name = number === 0 ? `parom-${day}.log` : `parom-${day}.${number}.log`
    return openSync(join(folder, name), 'a', 0o640)
  }

  /** Neither full, nor taken away by somebody. */
  function isGood(/** @type {number} */ fd) {
    const { nlink, size: bytes } = fstatSync(fd)
    return nlink > 0 && bytes < size
  }

  function close() {
    if (file) closeSync(file.fd)
    file = null
  }

  return { write, close }
}

const newline = 10

/** All that stand there, of earlier runs and of other processes too, the newest first. @param {string} folder */
function listOf(folder) {
  return readdirSync(folder)
    .flatMap((name) => {
      const [, day, number = '0'] = /^parom-(\d{4}-\d\d-\d\d)(?:\.(\d+))?\.log$/.exec(name) ?? []
      return day ? [{ name, day, number: Number(number) }] : []
    })
    .toSorted((one, other) => (one.day === other.day ? other.number - one.number : one.day < other.day ? 1 : -1))
}

/** @param {unknown} error */
function tell(error) {
  const { code = 'unknown' } = /** @type {{ code?: string }} */ (error)
  parentPort?.postMessage({ code: 'EVENT', name: 'trouble', args: [{ code }] })
}
