/*
 * Makes the texts of an order's page searchable, copyable and, where they are JSON, foldable. Without it they stand there
 * all the same. Nothing of them ever becomes HTML: every piece goes into the page as text.
 */
import { button, createTree, element, isObject, mostFound, pathText } from './json-tree.js'

const words = document.getElementById('viewer-words')?.dataset ?? {}

for (const viewer of document.querySelectorAll('.viewer')) if (viewer.checkVisibility()) enhance(viewer)
for (const pre of document.querySelectorAll('pre[data-copy]')) addCopyButton(pre)
document.addEventListener(
  'toggle',
  ({ target }) => {
    for (const viewer of target.querySelectorAll?.('.viewer:not([data-ready])') ?? [])
      if (viewer.checkVisibility()) enhance(viewer)
  },
  true,
)

function enhance(viewer) {
  viewer.dataset.ready = ''
  const pre = viewer.querySelector('pre')
  const bar = element('div', 'viewer-bar')
  const status = element('output')
  const isCut = () => 'cut' in viewer.dataset
  let text = pre.textContent
  let tree = null
  let isRaw = false
  let search = { query: '', found: [], at: -1 }

  const input = element('input')
  Object.assign(input, { type: 'search', placeholder: words.search, autocomplete: 'off' })
  input.setAttribute('aria-label', words.search)
  input.addEventListener('input', () => find(input.value))
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    go(event.shiftKey ? -1 : 1)
  })
  const next = button(words.next, () => go(1))
  const fold = button(words.fold, () => tree.fold())
  const unfold = button(words.unfold, () => tree.unfold())
  const raw = toggle(words.raw, (isOn) => showRaw(isOn))
  const wrap = toggle(words.wrap, (isOn) => viewer.classList.toggle('unwrapped', !isOn), true)
  const all = button(words.copy, async () => copy(isCut() && !isRaw ? await load() : text, status))
  const value = button(words.value, () => copy(valueText(tree.current().value), status))
  const path = button(words.path, () => copy(pathText(tree.current().path), status))
  bar.append(input, next, fold, unfold, raw, wrap, all, value, path, status)
  viewer.prepend(bar)
  viewer.querySelector('.cut a')?.addEventListener('click', (event) => {
    event.preventDefault()
    showAll()
  })
  show()

  /** As a tree where it is JSON and all of it is here, else as text. */
  function show() {
    tree?.root.remove()
    const parsed = isRaw || isCut() ? undefined : parse(text)
    tree = parsed === undefined ? null : createTree(parsed, { label: pre.getAttribute('aria-label'), more: words.more })
    if (tree) pre.before(tree.root)
    else pre.textContent = text
    pre.hidden = tree !== null
    for (const each of [fold, unfold, value, path]) each.hidden = tree === null
    find(input.value)
  }

  function load(address = viewer.dataset.whole) {
    return fetch(address).then((response) => (response.ok ? response.text() : Promise.reject(response.status)))
  }

  async function showAll() {
    try {
      text = await load()
      delete viewer.dataset.cut
      viewer.querySelector('.cut').remove()
      show()
    } catch {
      status.textContent = words.failed
    }
  }

  async function showRaw(isOn) {
    try {
      text = await load(isOn ? `${viewer.dataset.whole}&raw` : viewer.dataset.whole)
      isRaw = isOn
      delete viewer.dataset.cut
      viewer.querySelector('.cut')?.remove()
      show()
    } catch {
      raw.setAttribute('aria-pressed', String(!isOn))
      status.textContent = words.failed
    }
  }

  function find(query) {
    const wanted = query.trim().toLowerCase()
    search = { query: wanted, found: wanted === '' ? [] : tree ? tree.find(wanted) : mark(pre, text, wanted), at: -1 }
    if (wanted === '' && !tree) pre.textContent = text
    next.hidden = search.found.length < 2
    status.textContent = wanted !== '' && search.found.length === 0 ? words.none : ''
    if (search.found.length > 0) go(1)
  }

  function go(by) {
    const { found } = search
    if (found.length === 0) return
    search.at = (search.at + by + found.length) % found.length
    if (tree) tree.reveal(found[search.at])
    else found[search.at].scrollIntoView({ block: 'nearest' })
    const all = `${found.length}${found.length === mostFound ? '+' : ''}`
    status.textContent = words.of.replace('{number}', search.at + 1).replace('{all}', all)
  }
}

/** The places of a text, as marks in it. */
function mark(pre, text, wanted) {
  const lower = text.toLowerCase()
  // Where a letter has more of them in lower case, places would not fit.
  const places = lower.length === text.length ? placesOf(lower, wanted) : placesOf(text, wanted)
  const marks = []
  let end = 0
  pre.textContent = ''
  for (const place of places) {
    const found = element('mark')
    found.textContent = text.slice(place, place + wanted.length)
    pre.append(text.slice(end, place), found)
    marks.push(found)
    end = place + wanted.length
  }
  pre.append(text.slice(end))
  return marks
}

function placesOf(text, wanted) {
  const places = []
  for (
    let at = text.indexOf(wanted);
    at >= 0 && places.length < mostFound;
    at = text.indexOf(wanted, at + wanted.length)
  )
    places.push(at)
  return places
}

/** Undefined for what is no list and no object, and for what a tree could not show as it was written. */
function parse(text) {
  let names = 0
  try {
    const value = JSON.parse(text, function (_name, own, { source } = {}) {
      if (!Array.isArray(this)) names += 1
      if (typeof own !== 'number' || String(own) === source) return own
      return JSON.rawJSON(source)
    })
    // The value itself is told of with the name ''.
    return isObject(value) && names - 1 === namesIn(text) ? value : undefined
  } catch {
    return undefined
  }
}

/** How many names stand in a JSON text, also those that stand there twice. */
function namesIn(text) {
  let count = 0
  for (const [, colon] of text.matchAll(/"(?:[^"\\]+|\\.)*"(\s*:)?/g)) if (colon) count += 1
  return count
}

function valueText(value) {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2)
}

function addCopyButton(pre) {
  const bar = element('div', 'viewer-bar')
  const status = element('output')
  bar.append(
    button(words.copy, () => copy(pre.textContent, status)),
    status,
  )
  pre.before(bar)
}

async function copy(text, status) {
  const isDone = await toClipboard(text).catch(() => false)
  status.textContent = isDone ? words.copied : words.failed
}

/** By the older way where the page came over plain http. */
async function toClipboard(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text).then(() => true)
  const area = element('textarea', 'sr')
  area.value = text
  document.body.append(area)
  area.select()
  const isDone = document.execCommand('copy')
  area.remove()
  return isDone
}

function toggle(text, change, isOn = false) {
  const made = button(text, () => {
    const isNowOn = made.getAttribute('aria-pressed') !== 'true'
    made.setAttribute('aria-pressed', String(isNowOn))
    change(isNowOn)
  })
  made.setAttribute('aria-pressed', String(isOn))
  return made
}
