import { median } from './quantiles.ts'

export interface Round {
  perSecond: number
  p50: number
  p99: number
  cpu: number
  daemonCpu: number
  failed: number
  senderCore: number
}

/** The rounds of each contender, by its name. */
export type Measured = Map<string, Round[]>

export function show(measured: Measured, against: string) {
  const rows = [...measured].map(([name, all]) => ({ name, ...medianOf(all) }))
  console.table(
    rows.map(({ name, ...row }) => ({
      name,
      'requests/s': Math.round(row.perSecond),
      [`of ${against}`]: ratioOf(measured, name, against, 'perSecond').toFixed(3),
      'p50 ms': row.p50.toFixed(2),
      'p99 ms': row.p99.toFixed(2),
      'CPU µs': Math.round(row.cpu),
      'database CPU µs': row.daemonCpu === 0 ? '' : Math.round(row.daemonCpu),
      'sender, of a core': row.senderCore.toFixed(2),
      failed: row.failed,
    })),
  )
}

function medianOf(all: Round[]): Round {
  const of = (column: keyof Round) => median(all.map((round) => round[column]))
  return {
    perSecond: of('perSecond'),
    p50: of('p50'),
    p99: of('p99'),
    cpu: of('cpu'),
    daemonCpu: of('daemonCpu'),
    failed: all.reduce((sum, { failed }) => sum + failed, 0),
    senderCore: of('senderCore'),
  }
}

/** The median of what each round gives: other work on the machine slows the neighbours within a round alike. */
export function ratioOf(measured: Measured, name: string, against: string, column: keyof Round) {
  const others = measured.get(against) ?? []
  return median(
    (measured.get(name) ?? []).map((round, index) => round[column] / (others[index]?.[column] ?? Number.NaN)),
  )
}

export function goal(who: string, against: string, ratio: number, bound: 'at least' | 'at most', wanted: number) {
  const isReached = Number.isFinite(ratio) && (bound === 'at least' ? ratio >= wanted : ratio <= wanted)
  return { who, against, ratio: ratio.toFixed(2), goal: `${bound} ${wanted}`, reached: isReached ? 'yes' : 'no' }
}
