// The live tail of the list: new orders come by themselves while nobody reads, else they are announced.
const every = 5000
const mostWatched = 100
const keptAs = 'parom.tail'
const one = (selector) => document.querySelector(selector)
const isOn = () => localStorage.getItem(keptAs) !== 'off'

const pill = document.createElement('button')
pill.id = 'newer'
pill.type = 'button'
pill.hidden = true
pill.addEventListener('click', () => {
  scrollTo({ top: 0 })
  showNewest()
})

/** Somebody has something in view that must not move away from under him. */
function isReading() {
  const isBusy = one(
    '#listing table.orders:hover, #listing :focus-visible:not(#tail), #listing :checked:not(#tail, option), details.panel[open]',
  )
  return Boolean(isBusy) || scrollY > 120 || String(getSelection()) !== ''
}

async function look() {
  const listing = one('#listing')
  if (!isOn() || document.hidden || !listing) return
  const rows = [...listing.querySelectorAll('tr[data-live]')].slice(0, mostWatched)
  const url = new URL(listing.dataset.news, location.href)
  if (listing.dataset.newest) url.searchParams.set('after', listing.dataset.newest)
  if (rows.length > 0) url.searchParams.set('rows', rows.map(named).join(','))
  if (!url.searchParams.has('after') && rows.length === 0) return
  const answer = await read(url)
  // Meanwhile it may be another list.
  if (!answer || one('#listing') !== listing) return
  for (const row of answer.querySelectorAll('tr[data-row]')) replace(row)
  const news = answer.querySelector('#news')
  if (news && Number(news.dataset.count) > 0) await meet(news.textContent)
  else pill.hidden = true
}

const named = ({ dataset: { row, stamp } }) => `${row.replaceAll('-', '')}.${stamp}`

async function read(url) {
  try {
    const response = await fetch(url, { headers: { accept: 'text/html', 'x-look': 'again' } })
    // Whoever is signed out finds that out by the next click, and a server that is gone may come back.
    if (!response.ok || response.redirected) return null
    return new DOMParser().parseFromString(await response.text(), 'text/html')
  } catch {
    return null
  }
}

/** A row as it is now, with the tick and the focus that the old one has. */
function replace(row) {
  const old = one(`#listing tr[data-row="${CSS.escape(row.dataset.row)}"]`)
  if (!old) return
  const focused = [...old.querySelectorAll('a, input')].indexOf(document.activeElement)
  const tick = row.querySelector('input')
  if (tick && old.querySelector('input')?.checked) tick.checked = true
  old.replaceWith(row)
  if (focused >= 0) row.querySelectorAll('a, input')[focused]?.focus()
}

async function meet(words) {
  if (!isReading()) return showNewest(words)
  if (pill.textContent !== words || pill.hidden) say(words)
  pill.textContent = words
  if (!pill.isConnected) one('#finder').after(pill)
  pill.hidden = false
}

function say(words) {
  one('#said').textContent = words
}

/** The first page anew, in which those that were not there before stand out for a moment. */
async function showNewest(words) {
  const listing = one('#listing')
  const page = await read(location.href)
  const fresh = page?.querySelector('#listing')
  if (!fresh || one('#listing') !== listing) return
  const known = new Set([...listing.querySelectorAll('tr[data-row]')].map(({ dataset }) => dataset.row))
  for (const row of fresh.querySelectorAll('tr[data-row]')) row.classList.toggle('fresh', !known.has(row.dataset.row))
  const ticked = new Set([...listing.querySelectorAll('input[name=id]:checked')].map(({ value }) => value))
  for (const tick of fresh.querySelectorAll('input[name=id]')) tick.checked = ticked.has(tick.value)
  listing.replaceWith(fresh)
  pill.hidden = true
  if (words) say(words)
  document.dispatchEvent(new Event('htmx:after:swap'))
}

function showSwitch() {
  const tail = one('#tail')
  if (!tail) return
  tail.closest('label').hidden = false
  tail.checked = isOn()
}

document.addEventListener('change', ({ target }) => {
  if (target.id !== 'tail') return
  localStorage.setItem(keptAs, target.checked ? 'on' : 'off')
  if (target.checked) look()
  else pill.hidden = true
})
document.addEventListener('htmx:after:swap', () => {
  pill.hidden = true
  showSwitch()
})
document.addEventListener('visibilitychange', look)
showSwitch()

async function goOn() {
  await look()
  setTimeout(goOn, every)
}
setTimeout(goOn, every)
