import { Counter, Gauge, type Registry } from 'prom-client'

/** A value of each combination of labels; null where nothing is known, and then nothing is said. */
type Readings = number | null | [labels: Record<string, string>, value: number][]

interface Looked {
  name: string
  help: string
  labels?: string[]
  /** Asked at each scrape. */
  read: () => Readings
}

/** A figure that is looked up when somebody asks. */
export function addGauge(registry: Registry, { name, help, labels = [], read }: Looked) {
  return new Gauge({
    ...{ name, help, labelNames: labels, registers: [registry] },
    collect() {
      this.reset()
      // Without labels it would be nought from then on.
      if (labels.length === 0) this.remove()
      for (const [label, value] of listOf(read())) this.set(label, value)
    },
  })
}

/** A sum that somebody else keeps. */
export function addSum(registry: Registry, { name, help, labels = [], read }: Looked) {
  return new Counter({
    ...{ name, help, labelNames: labels, registers: [registry] },
    collect() {
      this.reset()
      for (const [label, value] of listOf(read())) this.inc(label, value)
    },
  })
}

function listOf(readings: Readings): [Record<string, string>, number][] {
  if (readings === null) return []
  return typeof readings === 'number' ? [[{}, readings]] : readings
}
