import type { Request, RequestHandler } from 'express'
import type { Store } from '../store/store.ts'
import type { Clock } from './clock.ts'
import { createEffects } from './fault-effects.ts'
import { type FaultSpec, readFaults } from './fault-shape.ts'
import type { JournalEntry } from './journal.ts'

interface Fault {
  id: number
  spec: FaultSpec
  matches: RegExp
  fired: number
  random: () => number
}

/** Faults on demand: the first in the list that fits a request is what happens to it. */
export function createFaults(store: Store, clock: Clock) {
  const effects = createEffects(store)
  const waiting = new Set<NodeJS.Timeout>()
  let faults: Fault[] = []
  let lastId = 0
  return { replace, add, remove, list, apply: apply(), stop }

  function replace(body: unknown) {
    faults = read(body)
    return list()
  }

  function add(body: unknown) {
    faults = [...faults, ...read(body)]
  }

  function remove(ids: Set<number>) {
    faults = faults.filter(({ id }) => !ids.has(id))
  }

  function list() {
    return faults.map(({ id, spec, fired }) => ({ id, ...spec, fired }))
  }

  function read(body: unknown): Fault[] {
    return readFaults(body, clock.ms()).map((spec) => {
      lastId += 1
      return { id: lastId, spec, matches: pattern(spec.path ?? '*'), fired: 0, random: randomFrom(spec.seed ?? 1) }
    })
  }

  function apply(): RequestHandler {
    return (req, res, next) => {
      const fault = faults.find((each) => fits(each, req, clock.ms()))
      if (!fault) return next()
      fault.fired += 1
      const entry: JournalEntry | undefined = res.locals['journalEntry']
      if (entry) entry.fault = fault.spec.effect
      const { effect, delay_ms } = fault.spec
      const strike = () => effects[effect]({ ...fault, req, res, next })
      if (delay_ms === undefined) strike()
      else later(strike, delay_ms)
    }
  }

  function later(strike: () => void, ms: number) {
    const timer = setTimeout(() => {
      waiting.delete(timer)
      strike()
    }, ms).unref()
    waiting.add(timer)
  }

  /** What is still waiting never happens. */
  function stop() {
    for (const timer of waiting) clearTimeout(timer)
    waiting.clear()
  }
}

function fits({ spec, matches, fired, random }: Fault, req: Request, nowMs: number): boolean {
  if (spec.times !== undefined && fired >= spec.times) return false
  if (spec.from !== undefined && nowMs < Date.parse(spec.from)) return false
  if (spec.until !== undefined && nowMs >= Date.parse(spec.until)) return false
  if (![undefined, '*', req.method].includes(spec.method?.toUpperCase())) return false
  if (!matches.test(req.originalUrl.split('?')[0] ?? '')) return false
  if (spec.items_over !== undefined && itemsOf(req) <= spec.items_over) return false
  if (spec.mentions !== undefined && !JSON.stringify(req.body ?? null).includes(spec.mentions)) return false
  return spec.probability === undefined || random() < spec.probability
}

const itemsOf = ({ body }: Request) => (Array.isArray(body) ? body.length : 1)

function pattern(path: string): RegExp {
  const parts = path.split('*').map((part) => RegExp.escape(part))
  return new RegExp(`^${parts.join('.*')}$`, 's')
}

/** mulberry32: the same seed gives the same run of luck. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
