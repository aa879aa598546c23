import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { startBrowser } from '../test/support/browser.ts'
import type { Event, Sample } from './soak.ts'

const uplot = createRequire(import.meta.url)
  .resolve('uplot/package.json')
  .replace(/package\.json$/, 'dist/')

interface Panel {
  title: string
  series: { label: string; colour: string; values: (number | null)[] }[]
}

/** Draws what was seen over the time, with what happened as lines across. */
export async function drawSoak(samples: Sample[], events: Event[], file: string) {
  const browser = await startBrowser()
  try {
    const page = await browser.newPage({ viewport: { width: 1000, height: 1010 } })
    await page.setContent('<body style="margin:8px;font:13px sans-serif"></body>')
    await page.addStyleTag({ content: readFileSync(`${uplot}uPlot.min.css`, 'utf8') })
    await page.addScriptTag({ content: readFileSync(`${uplot}uPlot.iife.min.js`, 'utf8') })
    await page.evaluate(drawPanels, {
      minutes: samples.map(({ seconds }) => seconds / 60),
      panels: panelsOf(samples),
      marks: events.map(({ seconds, what }) => ({ minute: seconds / 60, what })),
    })
    await page.screenshot({ path: file })
  } finally {
    await browser.close()
  }
}

function panelsOf(samples: Sample[]): Panel[] {
  const series = (label: string, colour: string, value: (sample: Sample) => number) => ({
    label,
    colour,
    values: samples.map((sample) => (Number.isFinite(value(sample)) ? value(sample) : null)),
  })
  return [
    {
      title: 'ms until an order is answered',
      series: [series('p50', '#2a7', ({ p50 }) => p50), series('p99', '#d52', ({ p99 }) => p99)],
    },
    {
      title: 'MiB of memory',
      series: [
        series('server 1', '#27c', ({ memory }) => memory[0] ?? Number.NaN),
        series('server 2', '#a3c', ({ memory }) => memory[1] ?? Number.NaN),
      ],
    },
    {
      title: 'orders in ten seconds',
      series: [
        series('answered 200', '#2a7', ({ answered }) => answered),
        series('refused', '#d52', ({ refused }) => refused),
      ],
    },
    { title: 'orders that wait for the CRM', series: [series('waiting', '#27c', ({ waiting }) => waiting)] },
  ]
}

interface Drawing {
  minutes: number[]
  panels: Panel[]
  marks: { minute: number; what: string }[]
}

/** In the browser. */
function drawPanels({ minutes, panels, marks }: Drawing) {
  const { uPlot } = globalThis as unknown as {
    uPlot: new (options: object, data: unknown[], target: object) => unknown
  }
  const { document } = globalThis as unknown as { document: { body: object } }
  for (const { title, series } of panels) {
    new uPlot(
      {
        title,
        width: 980,
        height: 200,
        scales: {
          x: { time: false },
          y: { range: (_plot: unknown, _least: number, most: number) => [0, Math.max(1, most) * 1.1] },
        },
        legend: { live: false },
        axes: [{ label: 'minutes', labelSize: 16, size: 34 }, { size: 60 }],
        series: [{ label: 'minutes' }, ...series.map(({ label, colour }) => ({ label, stroke: colour, width: 1.5 }))],
        hooks: { draw: [markEvents] },
      },
      [minutes, ...series.map(({ values }) => values)],
      document.body,
    )
  }

  function markEvents(plot: { ctx: CanvasLike; bbox: { top: number; height: number }; valToPos: ToPosition }) {
    const { ctx, bbox } = plot
    ctx.fillStyle = '#888'
    ctx.textAlign = 'left'
    for (const { minute, what } of marks) {
      const x = plot.valToPos(minute, 'x', true)
      ctx.fillRect(x, bbox.top, 1, bbox.height)
      ctx.fillText(what, x + 4, bbox.top + 12)
    }
  }
}

type ToPosition = (value: number, scale: string, isCanvas: boolean) => number

interface CanvasLike {
  fillStyle: string
  textAlign: string
  fillRect(x: number, y: number, width: number, height: number): void
  fillText(text: string, x: number, y: number): void
}
