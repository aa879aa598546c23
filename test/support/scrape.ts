import { execFileSync } from 'node:child_process'
import { findProgram } from './programs.ts'

export interface Sample {
  name: string
  labels: Record<string, string>
  value: number
}

/** What Prometheus reads there. */
export async function scrape(url: string, token?: string) {
  const response = await fetch(`${url}/metrics`, { headers: token ? { authorization: `Bearer ${token}` } : {} })
  const text = await response.text()
  const samples = text.split('\n').flatMap(readSample)
  return {
    response,
    text,
    samples,
    /** The sum of all that have these labels; null where there is none. */
    value(name: string, labels: Record<string, string> = {}) {
      const found = samples.filter((sample) => sample.name === name && hasLabels(sample, labels))
      return found.length === 0 ? null : found.reduce((sum, { value }) => sum + value, 0)
    },
    /** Those that are not nought, by the values of their labels. */
    counts(name: string) {
      const counted = samples.filter((sample) => sample.name === name && sample.value !== 0)
      return Object.fromEntries(counted.map(({ labels, value }) => [Object.values(labels).join(' ').trim(), value]))
    },
  }
}

function readSample(line: string): Sample[] {
  const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
  if (!name || line.startsWith('#')) return []
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '', text = '']) => [label, text])
  return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }]
}

function hasLabels({ labels }: Sample, wanted: Record<string, string>) {
  return Object.entries(wanted).every(([label, value]) => labels[label] === value)
}

/** Runs Prometheus's own checks. Throws what they have to say. */
export function promtool(args: string[], input?: string) {
  return execFileSync(findProgram('promtool') ?? 'promtool', args, {
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(input ? { input } : {}),
  })
}
