import type { Kysely } from 'kysely'
import type { Tables } from '../database/tables.ts'
import { inTransaction } from '../database/transaction.ts'
import { withinTime } from '../inbox/within-time.ts'
import { prefixOf } from './users.ts'

export type OrderCodes = ReturnType<typeof createOrderCodes>

/** Numbers of a block; who needs another one within `fast` ms gets twice as many. */
const least = 10
const most = 5000
const fast = 10_000
/** Ms. */
const patience = 5000
/** Ms in which a store that failed is not asked for what nobody needs yet. */
const respite = 1000

/** What this process may give away of a user's numbers, in the order in which it got them. */
interface Supply {
  blocks: { next: number; end: number }[]
  left: number
  size: number
  reservedAt: number
  failedAt: number
  waiting: number
  reserving: Promise<void> | null
}

/**
 * Gives the codes that orders are told by. The numbers are reserved by the block, so that no process gives one that
 * another has given, or it itself before it was started anew; those that it does not need are left out.
 * @param now unix ms
 */
export function createOrderCodes(db: Kysely<Tables>, now: () => number) {
  const supplies = new Map<string, Supply>()

  /** The next code of a user. Throws when the store is out of order. */
  async function next(source: string): Promise<string> {
    const supply = supplyOf(source)
    for (;;) {
      const number = take(supply)
      if (supply.left <= supply.size / 2) fetchAhead(source, supply)
      if (number !== null) return codeOf(source, number)
      supply.waiting += 1
      await reserveOnce(source, supply).finally(() => {
        supply.waiting -= 1
      })
    }
  }

  function supplyOf(source: string): Supply {
    const empty = { blocks: [], left: 0, size: 0, reservedAt: 0, failedAt: 0, waiting: 0, reserving: null }
    const supply = supplies.get(source) ?? empty
    supplies.set(source, supply)
    return supply
  }

  /** Whoever has to wait for it is told when it fails. */
  function fetchAhead(source: string, supply: Supply) {
    if (Math.abs(now() - supply.failedAt) < respite) return
    reserveOnce(source, supply).catch(() => {
      supply.failedAt = now()
    })
  }

  function reserveOnce(source: string, supply: Supply) {
    supply.reserving ??= reserve(source, supply).finally(() => {
      supply.reserving = null
    })
    return supply.reserving
  }

  async function reserve(source: string, supply: Supply) {
    const at = now()
    const isFast = Math.abs(at - supply.reservedAt) < fast
    const size = Math.min(most, Math.max(least, isFast ? 2 * supply.size : 0, 2 * supply.waiting))
    const end = await withinTime(patience, moveOn(db, source, size))
    Object.assign(supply, { size, reservedAt: at, left: supply.left + size })
    supply.blocks.push({ next: end - size, end })
  }

  return { next }
}

function take(supply: Supply): number | null {
  const [block] = supply.blocks
  if (!block) return null
  const number = block.next++
  supply.left -= 1
  if (block.next === block.end) supply.blocks.shift()
  return number
}

/** Gives where the block ends. */
function moveOn(db: Kysely<Tables>, source: string, size: number) {
  return inTransaction(db, async (transaction) => {
    // It locks the row, so that nobody comes between it and the look.
    await transaction
      .updateTable('api_users')
      .set((row) => ({ next_code: row('next_code', '+', size) }))
      .where('source', '=', source)
      .execute()
    const { next_code } = await transaction
      .selectFrom('api_users')
      .select('next_code')
      .where('source', '=', source)
      .executeTakeFirstOrThrow()
    return next_code
  })
}

/** `XX0000-00001` */
function codeOf(source: string, number: number) {
  const digits = String(number).padStart(9, '0')
  return `${prefixOf(source)}${digits.slice(0, -5)}-${digits.slice(-5)}`
}
