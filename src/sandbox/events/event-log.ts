import { randomInt } from 'node:crypto'
import type { Clock } from '../control/clock.ts'
import type { AccountChange } from '../crm/changes.ts'
import type { Store } from '../store/store.ts'
import { eventsOf } from './derive-events.ts'

const capacity = 100_000
const slack = 1000

/** Takes down what has happened in the account; of more than the capacity the oldest is forgotten. */
export function createEventLog(store: Store, clock: Clock) {
  return { record }

  function record(changes: AccountChange[], actor: number) {
    for (const change of changes) {
      for (const happening of eventsOf(store, change, actor)) {
        const at_ms = clock.ms()
        store.events.put({ id: newId(at_ms), ...happening, created_at: clock.seconds(), at_ms })
      }
    }
    if (store.events.size > capacity + slack) forget(store.events.size - capacity)
  }

  function forget(count: number) {
    for (const { id } of store.events.all().slice(0, count)) store.events.remove(id)
  }
}

const digits = '0123456789abcdefghjkmnpqrstvwxyz'

/** As amoCRM's: ten digits of time and sixteen of luck, in Crockford's base 32. */
function newId(ms: number): string {
  let time = ''
  for (let left = Math.max(0, Math.floor(ms)); time.length < 10; left = Math.floor(left / 32))
    time = digits.charAt(left % 32) + time
  return time + Array.from({ length: 16 }, () => digits.charAt(randomInt(32))).join('')
}
