/* Counts down to the next try of an order, by what the server said was left: clocks differ. */
const locale = document.documentElement.lang

for (const element of document.querySelectorAll('[data-countdown]')) countDown(element)

function countDown(element) {
  const end = performance.now() + Number(element.dataset.countdown)
  const show = () => {
    const left = Math.ceil((end - performance.now()) / 1000)
    element.textContent = left > 0 ? element.dataset.in.replace('{}', inWords(left)) : element.dataset.soon
    if (left <= 0) clearInterval(timer)
  }
  const timer = setInterval(show, 1000)
  show()
}

/** The two largest units, as src/admin/amounts.ts has them. */
function inWords(seconds) {
  const units = [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
    ['second', 1],
  ]
  const first = units.findIndex(([, length]) => seconds >= length)
  return units
    .slice(first, first + 2)
    .map(([unit, length], index) => [unit, Math.floor((index === 0 ? seconds : seconds % units[first][1]) / length)])
    .filter(([, value]) => value > 0)
    .map(([unit, value]) => new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short' }).format(value))
    .join(' ')
}
