import { accessSync, constants, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'

const memory = '/dev/shm'
const enough = 3 * 2 ** 30

/**
 * From here on temporary files, databases among them, are in memory, where no write waits for a disk; on a machine
 * that can spare none they stay where they are. Gives what removes them all.
 */
export function useMemoryForFiles() {
  if (spareBytes() < enough) return () => {}
  const folder = mkdtempSync(join(memory, 'parom-'))
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = folder
  return () => {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** What is free there, and of all memory that we may take. */
function spareBytes() {
  try {
    accessSync(memory, constants.W_OK)
    const { bavail, bsize } = statfsSync(memory)
    return Math.min(bavail * bsize, process.availableMemory() / 2)
  } catch {
    return 0
  }
}
