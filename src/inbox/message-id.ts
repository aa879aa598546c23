import { randomFillSync } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'

/** Bytes; random ones are dear in small portions. */
const portion = 16
const pool = Buffer.allocUnsafe(1024 * portion)
let used = pool.length
let sequence = 0

/** Unix ms, when the message with this id was received. */
export function timeOfId(id: string) {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
}

/** A UUIDv7, of those that this process makes in the same millisecond the later the greater. @param ms unix ms */
export function createMessageId(ms: number) {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += portion
  const random = pool.subarray(used - portion, used)
  sequence = (sequence + 1) % 2 ** 32
  return uuidv7({ msecs: ms, random, seq: sequence })
}

/** What the ids of all messages since then are not below: a UUIDv7 begins with its time. @param ms unix ms */
export function earliestId(ms: number) {
  const time = Math.max(0, ms).toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}`
}
