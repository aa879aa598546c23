const mostRows = 500

for (const range of document.querySelectorAll('.range input')) showPercent(range)
for (const form of document.querySelectorAll('.filter')) submitOnChange(form)
const journal = document.querySelector('[data-live]')
if (journal) followJournal(journal)
if (document.querySelector('.columns')) followBoard()
openRequestsInPlace()

function showPercent(range) {
  const output = range.parentElement.querySelector('output')
  range.addEventListener('input', () => {
    output.textContent = `${range.value} %`
  })
}

function submitOnChange(form) {
  form.addEventListener('change', (event) => {
    if (event.target.matches('select')) form.requestSubmit()
  })
}

/** The journal as it happens; after a gap in the connection the page is read anew. */
function followJournal(box) {
  const body = box.querySelector('tbody')
  const live = document.getElementById('live')
  const total = document.getElementById('total')
  const time = new Intl.DateTimeFormat('ru-RU', {
    timeZone: box.querySelector('table').dataset.timezone,
    timeStyle: 'medium',
  })
  const filter = readFilter()
  const source = new EventSource('/__sandbox/journal/stream')
  let hadGap = false

  source.addEventListener('open', () => {
    if (hadGap) location.reload()
    live.textContent = 'Обновляется само.'
  })
  source.addEventListener('error', () => {
    hadGap = true
    live.textContent = 'Связь прервана, восстанавливаем…'
  })
  source.addEventListener('arrived', (event) => {
    total.textContent = Number(total.textContent) + 1
    show(JSON.parse(event.data), true)
  })
  source.addEventListener('ended', (event) => show(JSON.parse(event.data), false))
  source.addEventListener('cleared', () => location.reload())
  // A page that is left must not read itself anew.
  window.addEventListener('pagehide', () => source.close())

  function show(entry, isPending) {
    const before = body.querySelector(`[data-id="${CSS.escape(entry.request_id)}"]`)
    if (!fits(entry, filter, isPending)) return void before?.remove()
    const row = before ?? newRow(entry)
    fill(row, entry, isPending)
    if (before) return
    body.prepend(row)
    box.querySelector('.empty-note').hidden = true
    while (body.rows.length > mostRows) body.lastElementChild.remove()
  }

  function newRow(entry) {
    const row = document.getElementById('row').content.firstElementChild.cloneNode(true)
    row.dataset.id = entry.request_id
    row.classList.add('fresh')
    const when = row.querySelector('time')
    when.dateTime = entry.time
    when.textContent = `${time.format(new Date(entry.time))},${entry.time.slice(20, 23)}`
    const link = row.querySelector('a')
    link.href = `/__sandbox/request.html?id=${entry.request_id}`
    link.querySelector('b').textContent = entry.method
    link.querySelector('span').textContent = readable(entry.path)
    return row
  }

  function fill(row, entry, isPending) {
    const chip = document.createElement('span')
    chip.className = `chip ${isPending ? 'wait' : outcomeOf(entry)}`
    chip.textContent = isPending ? '…' : entry.status || 'нет ответа'
    const outcome = row.querySelector('.outcome')
    outcome.replaceChildren(chip)
    if (entry.fault) {
      const fault = document.createElement('span')
      fault.className = 'chip fault'
      fault.textContent = entry.fault
      outcome.append(' ', fault)
    }
    row.querySelector('.bytes').textContent = isPending ? '' : entry.bytes
    row.querySelector('.ms').textContent = isPending ? '' : entry.ms
  }
}

function readFilter() {
  const query = new URLSearchParams(location.search)
  return {
    method: query.get('method') ?? '',
    path: query.get('path')?.trim() ?? '',
    outcome: query.get('outcome') ?? '',
  }
}

function fits(entry, { method, path, outcome }, isPending) {
  if (method && entry.method !== method) return false
  if (path && !readable(entry.path).includes(path)) return false
  if (!outcome) return true
  if (isPending) return false
  if (outcome === 'fault') return entry.fault !== undefined
  return outcome === 'lost' ? entry.status === 0 : String(entry.status).startsWith(outcome)
}

const outcomeOf = ({ status }) => (status === 0 ? 'lost' : `s${String(status)[0]}`)

function readable(path) {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** The board as it changes, without losing the place of whoever reads it. */
function followBoard() {
  const source = new EventSource('/__sandbox/journal/stream')
  let waiting
  source.addEventListener('ended', (event) => {
    if (JSON.parse(event.data).method !== 'GET') refreshSoon()
  })
  source.addEventListener('cleared', refreshSoon)
  window.addEventListener('pagehide', () => source.close())

  function refreshSoon() {
    clearTimeout(waiting)
    waiting = setTimeout(refresh, 200)
  }

  async function refresh() {
    const page = await pageAt(location.href)
    const seen = new Set([...document.querySelectorAll('.card-name')].map(({ href }) => href))
    const focused = document.activeElement?.closest('.card-name')?.href
    for (const part of document.querySelectorAll('[data-part]')) {
      const place = part.querySelector('.cards')?.scrollTop
      const fresh = page.getElementById(part.id)
      if (!fresh) continue
      part.replaceWith(fresh)
      if (place) fresh.querySelector('.cards')?.scrollTo(0, place)
    }
    for (const name of document.querySelectorAll('.card-name')) {
      if (!seen.has(name.href)) name.closest('.card').classList.add('fresh')
      if (name.href === focused) name.focus({ preventScroll: true })
    }
  }
}

const pageAt = async (address) => new DOMParser().parseFromString(await (await fetch(address)).text(), 'text/html')

/** A request is shown over the journal; the link is still a link for a new tab. */
function openRequestsInPlace() {
  const dialog = document.getElementById('details')
  if (!dialog) return
  document.querySelector('.journal').addEventListener('click', async (event) => {
    const link = event.target.closest('tr')?.querySelector('a')
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || String(getSelection()) !== '') return
    event.preventDefault()
    const page = await pageAt(link.href)
    dialog.replaceChildren(closeButton(dialog), page.querySelector('.request, .head'))
    dialog.showModal()
  })
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close()
  })
}

function closeButton(dialog) {
  const button = document.createElement('button')
  button.className = 'close'
  button.textContent = 'Закрыть'
  button.addEventListener('click', () => dialog.close())
  return button
}
