// The list of orders: a search that answers while one types, ticks, panels that close. Without it all goes by forms.
const find = (selector) => document.querySelector(selector)

document.addEventListener('keydown', (event) => {
  const isTyping = event.target.closest('input:not([type=checkbox]), select, textarea')
  if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault()
    find('#q')?.select()
    find('#q')?.focus()
  }
  if (event.key === 'Escape') closePanels(null)
})

/** What is typed is one step of the history, however many letters it has. */
let isTypedAlready = false

document.addEventListener('htmx:config:request', ({ detail: { ctx } }) => {
  if (ctx.sourceElement?.id !== 'finder') return
  const body = ctx.request.body
  for (const [name, value] of [...body]) if (value === '') body.delete(name)
  const isTyped = ctx.sourceEvent.type === 'input'
  if (isTyped && isTypedAlready) ctx.replace = 'true'
  else ctx.push = 'true'
  isTypedAlready = isTyped
})

document.addEventListener('htmx:after:swap', () => {
  const said = find('#listing [data-said]')
  if (said) find('#said').textContent = said.textContent
  dress()
})

// Days of the calendar and a span that ends today say the same in two ways.
document.addEventListener(
  'change',
  ({ target }) => {
    const form = target.closest('#finder')
    if (form && (target.name === 'from' || target.name === 'to') && target.value) form.elements.period.value = ''
    if (form && target.name === 'period' && target.value)
      for (const name of ['from', 'to']) if (form.elements[name]) form.elements[name].value = ''
  },
  true,
)

const ticks = () => [...document.querySelectorAll('input[form=ticks][name=id]')]

document.addEventListener('change', ({ target }) => {
  if (target.id === 'tick-all') for (const tick of ticks()) tick.checked = target.checked
  if (target.id === 'tick-all' || target.matches('input[form=ticks]')) dress()
})

/** What only scripts can work is shown, and the ticks are counted. */
function dress() {
  const bar = find('#ticks')
  if (!bar) return
  const all = ticks()
  const count = all.filter(({ checked }) => checked).length
  const tickAll = find('#tick-all')
  tickAll.closest('label').hidden = false
  tickAll.checked = count > 0 && count === all.length
  tickAll.indeterminate = count > 0 && count < all.length
  bar.querySelector('button').disabled = count === 0
  bar.querySelector('.ticked').hidden = count === 0
  find('#ticked').textContent = count
}

function closePanels(target) {
  for (const panel of document.querySelectorAll('details.panel[open]')) if (!panel.contains(target)) panel.open = false
}
document.addEventListener('click', ({ target }) => closePanels(target))

// A click anywhere on a row opens the order, unless it means something else or marks a text.
document.addEventListener('click', (event) => {
  const row = event.target.closest('tr[data-row]')
  if (!row || event.target.closest('a, input, label, button') || String(getSelection())) return
  const link = row.querySelector('.time a')
  if (event.ctrlKey || event.metaKey) window.open(link.href, '_blank', 'noopener')
  else link.click()
})

dress()
window.addEventListener('pageshow', dress)
