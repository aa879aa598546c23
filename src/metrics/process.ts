import { readdirSync } from 'node:fs'
import {
  constants,
  monitorEventLoopDelay,
  type NodeGCPerformanceDetail,
  PerformanceObserver,
  performance,
} from 'node:perf_hooks'
import { Histogram, type Registry } from 'prom-client'
import { addGauge, addSum } from './add.ts'

/** Ms between two looks of the event loop's watch. */
const resolution = 20
/** Ms. Who asks sooner gets the same figures, so that two who ask do not halve them. */
const lagCountsFor = 5000

/** How this process is. Gives the function that ends its watches. */
export function watchProcess(registry: Registry) {
  const stopLag = watchEventLoop(registry)
  const stopCollections = watchCollections(registry)
  addResources(registry)
  return () => {
    stopLag()
    stopCollections()
  }
}

function watchEventLoop(registry: Registry) {
  const delay = monitorEventLoopDelay({ resolution })
  delay.enable()
  const lag = (ns: number) => Math.max(0, ns / 1e9 - resolution / 1000) || 0
  let read = { at: Number.NEGATIVE_INFINITY, lags: [] as [Record<string, string>, number][] }
  addGauge(registry, {
    name: 'parom_event_loop_lag_seconds',
    help: 'By how much the event loop was late since it was asked last, not counting questions within 5 s; percentile 100 is the worst',
    labels: ['percentile'],
    read() {
      const at = performance.now()
      if (at - read.at < lagCountsFor) return read.lags
      const lags = [50, 99, 100].map((each): [Record<string, string>, number] => [
        { percentile: String(each) },
        lag(each === 100 ? delay.max : delay.percentile(each)),
      ])
      // Nothing was measured yet.
      if (delay.count === 0) return lags.map(([label]) => [label, 0])
      delay.reset()
      read = { at, lags }
      return lags
    },
  })
  addSum(registry, {
    name: 'parom_event_loop_active_seconds_total',
    help: 'How long the event loop had something to do; a second per second is all it can',
    read: () => performance.eventLoopUtilization().active / 1000,
  })
  return () => delay.disable()
}

const collections = new Map([
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
])

function watchCollections(registry: Registry) {
  const took = new Histogram({
    name: 'parom_gc_seconds',
    help: 'Garbage collections, by kind',
    labelNames: ['kind'],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5],
    registers: [registry],
  })
  for (const kind of [...collections.values(), 'other']) took.zero({ kind })
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { kind } = (entry as typeof entry & { detail: NodeGCPerformanceDetail }).detail
      took.observe({ kind: collections.get(kind ?? 0) ?? 'other' }, entry.duration / 1000)
    }
  })
  observer.observe({ entryTypes: ['gc'] })
  return () => observer.disconnect()
}

function addResources(registry: Registry) {
  addSum(registry, {
    name: 'parom_process_cpu_seconds_total',
    help: 'Processor time of this process, all its threads together',
    labels: ['mode'],
    read() {
      const { user, system } = process.cpuUsage()
      return [
        [{ mode: 'user' }, user / 1e6],
        [{ mode: 'system' }, system / 1e6],
      ]
    },
  })
  addGauge(registry, {
    name: 'parom_process_memory_bytes',
    help: 'Memory of this process: resident is what the machine gave it; heap, heap_used and external are parts of that',
    labels: ['kind'],
    read() {
      const { rss, heapTotal, heapUsed, external } = process.memoryUsage()
      const kinds = { resident: rss, heap: heapTotal, heap_used: heapUsed, external }
      return Object.entries(kinds).map(([kind, bytes]) => [{ kind }, bytes])
    },
  })
  addGauge(registry, {
    name: 'parom_process_start_time_seconds',
    help: 'When this process was started, in unix time',
    read: () => performance.timeOrigin / 1000,
  })
  addGauge(registry, {
    name: 'parom_process_open_handles',
    help: 'Timers, sockets, files and other things that this process waits for',
    labels: ['type'],
    read() {
      const counts = new Map<string, number>()
      for (const type of process.getActiveResourcesInfo()) counts.set(type, (counts.get(type) ?? 0) + 1)
      return [...counts].map(([type, count]) => [{ type }, count])
    },
  })
  addGauge(registry, {
    name: 'parom_process_open_files',
    help: 'File descriptors of this process, sockets included; where the system tells',
    read: countDescriptors,
  })
}

function countDescriptors() {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return null
  }
}
