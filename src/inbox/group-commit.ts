import { withinTime } from './within-time.ts'

interface GroupCommitOptions<Item, Result> {
  /** Stores all of them in one commit. Gives what became of each, in their order; throws when the store is out of order. */
  commit: (items: Item[]) => Promise<(Result | Error)[]>
  /** Bytes. */
  sizeOf: (item: Item) => number
  /** Ms after which a store that does not answer is given up. */
  patience?: number
  committed?: Committed | undefined
}

/** Told of each commit: how many shared it, and the ms that it took. */
export type Committed = (items: number, ms: number) => void

interface Entry<Item, Result> {
  item: Item
  size: number
  resolve: (result: Result) => void
  reject: (error: Error) => void
}

/** No statement is larger than the MiB that some databases take, as hexadecimal text too, and none takes long. */
const most = { together: 100, bytesTogether: 512 * 1024, waiting: 10_000, bytesWaiting: 64 * 1024 ** 2 }

/** There are too many already who wait for the store. */
export class StoreBusyError extends Error {
  override name = 'StoreBusyError'
}

/**
 * Lets those who come at the same time share one commit: while it is made, the next ones gather.
 * Who comes alone waits for nobody. What waits is bounded: beyond that the promise is rejected at once.
 */
export function createGroupCommit<Item, Result>({
  commit,
  sizeOf,
  patience = 5000,
  committed,
}: GroupCommitOptions<Item, Result>) {
  let waiting: Entry<Item, Result>[] = []
  let bytesWaiting = 0
  let isBusy = false

  function enter(item: Item): Promise<Result> {
    const size = sizeOf(item)
    if (waiting.length >= most.waiting || bytesWaiting + size > most.bytesWaiting) {
      return Promise.reject(new StoreBusyError(`${waiting.length} orders wait to be stored`))
    }
    return new Promise((resolve, reject) => {
      waiting.push({ item, size, resolve, reject })
      bytesWaiting += size
      if (isBusy) return
      isBusy = true
      // After all requests that have arrived by now.
      setImmediate(storeAll)
    })
  }

  async function storeAll() {
    while (waiting.length > 0) await storeSome(takeGroup())
    isBusy = false
  }

  function takeGroup() {
    let count = 0
    let bytes = 0
    for (const { size } of waiting) {
      if (count > 0 && (count === most.together || bytes + size > most.bytesTogether)) break
      count++
      bytes += size
    }
    bytesWaiting -= bytes
    const group = waiting.slice(0, count)
    waiting = waiting.slice(count)
    return group
  }

  async function storeSome(group: Entry<Item, Result>[]) {
    const begun = performance.now()
    try {
      const results = await withinTime(patience, commit(group.map(({ item }) => item)))
      committed?.(group.length, performance.now() - begun)
      for (const [index, { resolve, reject }] of group.entries()) {
        const result = results[index]
        if (result instanceof Error) reject(result)
        else resolve(result as Result)
      }
    } catch (error) {
      // Those who wait would only wait longer for the same.
      for (const { reject } of [...group, ...waiting]) reject(error instanceof Error ? error : new Error(String(error)))
      waiting = []
      bytesWaiting = 0
    }
  }

  return enter
}
