import type { Translate } from '../config/translate.ts'
import type { Tally } from '../inbox/tally.ts'
import type { Span } from './days.ts'

/** What a chart shows of each part of its time; a bar has room for no more than its `label`. */
interface Bar {
  label: string
  title: string
  received: number
  delivered: number
  failed: number
}

interface ChartOptions {
  spans: Span[]
  tallies: Tally[]
  /** Short and long, of a moment. */
  label: Intl.DateTimeFormat
  title: (span: Span) => string
}

export function barsOf({ spans, tallies, label, title }: ChartOptions): Bar[] {
  return spans.map((span) => ({ label: label.format(span.from), title: title(span), ...sumWithin(tallies, span) }))
}

export function sumWithin(tallies: Tally[], { from, to }: Span) {
  const within = tallies.filter(({ slotAt }) => slotAt >= from && slotAt < to)
  const sum = (key: 'received' | 'delivered' | 'failed') => within.reduce((all, tally) => all + tally[key], 0)
  return { received: sum('received'), delivered: sum('delivered'), failed: sum('failed') }
}

/** For the script that draws it. */
export function chartData(bars: Bar[], t: Translate) {
  return JSON.stringify({
    labels: bars.map(({ label }) => label),
    titles: bars.map(({ title }) => title),
    received: bars.map(({ received }) => received),
    delivered: bars.map(({ delivered }) => delivered),
    failed: bars.map(({ failed }) => failed),
    names: { received: t('home.received'), delivered: t('home.delivered'), failed: t('home.failed') },
  })
}
