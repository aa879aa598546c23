/* A JSON value as a tree that can be folded, walked through by keys and searched. Every piece goes into the page as text. */

/** Children of an object that are shown at once, and how much is unfolded or found at a time. */
const atOnce = 200
const mostUnfolded = 2000
export const mostFound = 1000

/** A tree whose branches are made when they are opened. */
export function createTree(value, { label, more: moreWords }) {
  const root = element('div', 'tree')
  root.setAttribute('role', 'group')
  root.setAttribute('aria-label', label ?? '')
  const nodes = new Map()
  let current = null
  const top = createNode(value, [], null)
  root.append(top.element)
  if (countOf(value) <= atOnce) unfold()
  else top.open()
  setCurrent(top)
  root.addEventListener('focusin', ({ target }) => nodes.has(target) && setCurrent(nodes.get(target)))
  root.addEventListener('click', ({ target }) => {
    const row = target.closest('.row')
    if (row) row.focus()
  })
  root.addEventListener('keydown', move)

  function createNode(own, path, name) {
    const isBranch = isObject(own) && Object.keys(own).length > 0
    const row = element(isBranch ? 'summary' : 'div', 'row')
    row.tabIndex = -1
    if (name !== null) row.append(piece('name', name), ': ')
    const node = { row, path, value: own, element: row, children: new Map(), open: () => {}, close: () => {} }
    nodes.set(row, node)
    if (!isBranch) {
      row.append(piece(typeof own === 'string' ? 'text' : 'other', JSON.stringify(own)))
      return node
    }
    const keys = Object.keys(own)
    const isList = Array.isArray(own)
    row.append(piece('count', isList ? `[${keys.length}]` : `{${keys.length}}`))
    const details = element('details')
    details.append(row)
    const more = button('', grow)
    more.classList.add('more')

    function grow() {
      more.remove()
      const from = node.children.size
      for (const key of keys.slice(from, from + atOnce)) {
        const child = createNode(own[key], [...path, isList ? Number(key) : key], key)
        node.children.set(key, child)
        details.append(child.element)
      }
      const left = keys.length - node.children.size
      more.textContent = moreWords.replace('{number}', left)
      if (left > 0) details.append(more)
    }
    details.addEventListener('toggle', () => details.open && node.children.size === 0 && grow())
    return Object.assign(node, {
      element: details,
      open() {
        if (node.children.size === 0) grow()
        details.open = true
      },
      close: () => {
        details.open = false
      },
      childAt(key) {
        node.open()
        while (!node.children.has(String(key))) grow()
        return node.children.get(String(key))
      },
    })
  }

  function setCurrent(node) {
    if (current) {
      current.row.tabIndex = -1
      current.row.removeAttribute('aria-current')
    }
    current = node
    node.row.tabIndex = 0
    node.row.setAttribute('aria-current', 'true')
  }

  function unfold() {
    const waiting = [top]
    for (let opened = 0; waiting.length > 0 && opened < mostUnfolded; opened++) {
      const node = waiting.shift()
      node.open()
      waiting.push(...node.children.values())
    }
  }

  function move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined) {
      const rows = [...root.querySelectorAll('.row')].filter((row) => row.checkVisibility())
      rows[rows.indexOf(current.row) + step]?.focus()
    } else if (event.key === 'ArrowRight') current.open()
    else if (event.key === 'ArrowLeft') current.close()
    else return
    event.preventDefault()
  }

  return {
    root,
    current: () => current,
    unfold,
    fold() {
      for (const { close } of nodes.values()) close()
      top.open()
      setCurrent(top)
    },
    find: (wanted) => matchesIn(value, wanted),
    reveal(path) {
      let node = top
      for (const key of path) node = node.childAt(key)
      setCurrent(node)
      node.row.scrollIntoView({ block: 'nearest' })
    },
  }
}

/** The ways to what has it in its name or its value, in their order; not by recursion, which has an end. */
function matchesIn(value, wanted) {
  const found = []
  const waiting = [{ own: value, path: [] }]
  while (waiting.length > 0 && found.length < mostFound) {
    const { own, path } = waiting.pop()
    const name = path.length > 0 ? String(path.at(-1)) : ''
    const said = isObject(own) ? '' : wordOf(own)
    if (name.toLowerCase().includes(wanted) || said.toLowerCase().includes(wanted)) found.push(path)
    if (!isObject(own)) continue
    const isList = Array.isArray(own)
    for (const key of Object.keys(own).reverse())
      waiting.push({ own: own[key], path: [...path, isList ? Number(key) : key] })
  }
  return found
}

/** How much there is to show, counted no further than one level beyond what is shown at once. */
function countOf(value) {
  let count = 0
  const waiting = [value]
  while (waiting.length > 0 && count <= atOnce) {
    const own = waiting.pop()
    count += 1
    if (isObject(own)) waiting.push(...Object.values(own).slice(0, atOnce + 1))
  }
  return count
}

/** `custom_fields_values[0]["odd name"].value`. */
export function pathText(path) {
  return path
    .map((key) =>
      typeof key === 'number'
        ? `[${key}]`
        : /^[\p{L}_$][\p{L}\d_$]*$/u.test(key)
          ? `.${key}`
          : `[${JSON.stringify(key)}]`,
    )
    .join('')
    .replace(/^\./, '')
}

/** What no number of JavaScript can hold comes as the text of a number. */
export function isObject(value) {
  return typeof value === 'object' && value !== null && !JSON.isRawJSON?.(value)
}

function wordOf(value) {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

export function button(text, act) {
  const made = element('button')
  made.type = 'button'
  made.textContent = text
  made.addEventListener('click', act)
  return made
}

function piece(name, text) {
  const made = element('span', name)
  made.textContent = text
  return made
}

export function element(tag, name) {
  const made = document.createElement(tag)
  if (name) made.className = name
  return made
}
