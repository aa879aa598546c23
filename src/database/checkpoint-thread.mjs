// Plain JavaScript: a thread that has to strip types first takes 10 MB more.
import { statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'

/** Ms. */
const lookEvery = 50

const file = String(workerData)
const sqlite = new DatabaseSync(file)
sqlite.exec('PRAGMA synchronous = FULL')
// Keeps no writer waiting, and waits for none.
const checkpoint = sqlite.prepare('PRAGMA wal_checkpoint(PASSIVE)')
let seen = 0

const timer = setInterval(() => {
  const { mtimeMs } = statSync(`${file}-wal`, { throwIfNoEntry: false }) ?? { mtimeMs: seen }
  if (mtimeMs === seen) return
  seen = mtimeMs
  checkpoint.all()
}, lookEvery)

parentPort?.once('message', () => {
  clearInterval(timer)
  sqlite.close()
})
