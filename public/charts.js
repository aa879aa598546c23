/* Draws what stands in `data-chart`, and again when that, the colours or the room for it change. */
const { uPlot } = window
const parts = [
  { key: 'received', colour: '--chart-received', width: 0.84 },
  { key: 'delivered', colour: '--chart-delivered', width: 0.5 },
  { key: 'failed', colour: '--bad', width: 0.2 },
]
const height = 190
const widest = 56
/** Nobody counts half an order. */
const steps = [0, 1, 2, 3, 4, 5, 6].flatMap((zeros) => [1, 2, 5].map((one) => one * 10 ** zeros))
const font = '12px system-ui, sans-serif'
const drawn = new Map()

/** As the browser reckons it by now, light or dark. */
function colourOf(element, name) {
  element.style.color = `var(${name})`
  const { color } = getComputedStyle(element)
  element.style.color = ''
  return color
}

/** Bars one before the other, each narrower: what was received, what of it was delivered, what failed. */
function bars(share) {
  return (u, series) => {
    const fill = new Path2D()
    const [xs, ys] = [u.data[0], u.data[series]]
    const width = Math.min(u.bbox.width / xs.length, widest * devicePixelRatio) * share
    const floor = u.valToPos(0, 'y', true)
    for (const [index, count] of ys.entries()) {
      if (count === 0) continue
      const top = Math.min(u.valToPos(count, 'y', true), floor - devicePixelRatio)
      fill.rect(u.valToPos(xs[index], 'x', true) - width / 2, top, width, floor - top)
    }
    return { stroke: null, fill, clip: null, band: null, gaps: null, flags: 1 }
  }
}

function draw(element) {
  const text = element.dataset.chart
  const { width } = element.getBoundingClientRect()
  drawn.get(element)?.destroy()
  element.replaceChildren()
  if (width === 0) return
  const { labels, titles, names, ...counts } = JSON.parse(text)
  const told = document.createElement('p')
  const last = labels.length - 1
  const most = Math.max(1, ...parts.flatMap(({ key }) => counts[key]))
  const dim = colourOf(element, '--dim')
  const line = colourOf(element, '--line')
  const tell = (index) =>
    `${titles[index]}: ${parts.map(({ key }) => `${names[key].toLowerCase()} ${counts[key][index]}`).join(', ')}`
  const sparse = Math.ceil(labels.length / (width / 48))
  const chart = new uPlot(
    {
      width,
      height,
      padding: [8, 4, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: { x: { time: false, range: [-0.5, last + 0.5] }, y: { range: [0, most * 1.05] } },
      axes: [
        {
          stroke: dim,
          font,
          size: 26,
          grid: { show: false },
          ticks: { show: false },
          splits: () => labels.map((_, index) => index).filter((index) => index % sparse === 0),
          values: (_u, splits) => splits.map((index) => labels[index]),
        },
        {
          stroke: dim,
          font,
          size: 44,
          space: 28,
          grid: { stroke: line, width: 1 },
          ticks: { show: false },
          incrs: steps,
          values: (_u, splits) => splits.map((count) => count.toLocaleString(document.documentElement.lang)),
        },
      ],
      series: [
        {},
        ...parts.map(({ colour, width: share }) => ({
          fill: colourOf(element, colour),
          width: 0,
          paths: bars(share),
          points: { show: false },
        })),
      ],
      hooks: {
        setCursor: [
          ({ cursor: { left, idx } }) => {
            told.textContent = left >= 0 && idx !== null ? tell(idx) : ''
          },
        ],
      },
    },
    [labels.map((_, index) => index), ...parts.map(({ key }) => counts[key])],
    element,
  )
  element.append(told)
  drawn.set(element, chart)
}

function drawAll() {
  for (const element of document.querySelectorAll('[data-chart]')) draw(element)
}

const widths = new Map()
const sizes = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) {
    if (widths.get(target) !== contentRect.width) draw(target)
    widths.set(target, contentRect.width)
  }
})
const changes = new MutationObserver((records) => {
  for (const element of new Set(records.map(({ target }) => target))) draw(element)
})
for (const element of document.querySelectorAll('[data-chart]')) {
  sizes.observe(element)
  changes.observe(element, { attributeFilter: ['data-chart'] })
}
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll)
