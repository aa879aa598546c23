// Draws a button in place of each <script class="amocrm_oauth" src=".../auth/button.min.js">.
;(() => {
  const colors = {
    default: ['#ffffff', '#1d2733', '#c3ccd6'],
    blue: ['#1f6fb8', '#ffffff', '#1f6fb8'],
    violet: ['#6b4fbb', '#ffffff', '#6b4fbb'],
    green: ['#2e7d4f', '#ffffff', '#2e7d4f'],
    orange: ['#b85c00', '#ffffff', '#b85c00'],
    red: ['#b3413a', '#ffffff', '#b3413a'],
  }
  const described = ['client_id', 'name', 'description', 'redirect_uri', 'secrets_uri', 'logo', 'scopes', 'state']

  let asked
  window.addEventListener('message', hear)
  for (const tag of document.querySelectorAll('script.amocrm_oauth, script.kommo_oauth')) {
    if (tag.dataset.drawn || !tag.src.includes('/auth/button.min.js')) continue
    tag.dataset.drawn = 'true'
    tag.after(buttonFor(tag))
  }

  function buttonFor(tag) {
    const button = document.createElement('button')
    button.type = 'button'
    button.className = tag.dataset.className ?? ''
    fill(button, tag.dataset.title || 'Подключить amoCRM', tag.dataset.compact === 'true')
    paint(button, colors[tag.dataset.color] ?? colors.default)
    button.addEventListener('click', () => open(tag))
    return button
  }

  function fill(button, title, isCompact) {
    const mark = document.createElement('span')
    mark.textContent = 'amo'
    mark.setAttribute('aria-hidden', 'true')
    Object.assign(mark.style, { fontWeight: '700', letterSpacing: '-0.03em' })
    button.append(mark)
    if (isCompact) {
      button.title = title
      button.setAttribute('aria-label', title)
    } else {
      button.append(title)
    }
  }

  // Through the CSSOM: a page whose policy forbids inline styles shows the button all the same.
  function paint(button, [background, ink, edge]) {
    Object.assign(button.style, {
      display: 'inline-flex',
      alignItems: 'center',
      gap: '10px',
      padding: '10px 16px',
      border: `1px solid ${edge}`,
      borderRadius: '6px',
      background,
      color: ink,
      font: '15px/1.3 system-ui, "Segoe UI", Roboto, sans-serif',
      cursor: 'pointer',
    })
  }

  function open(tag) {
    const origin = new URL(tag.src).origin
    const popup = window.open(consentAddress(tag, origin), 'amocrm_oauth', 'popup,width=750,height=640')
    asked = { popup, origin, callback: callbackOf(tag) }
  }

  function hear({ source, origin, data }) {
    if (!asked?.callback || source !== asked.popup || origin !== asked.origin || !data?.error) return
    asked.callback({ client_id: data.client_id, error: data.error })
    asked = undefined
  }

  function consentAddress(tag, origin) {
    const address = new URL('/oauth', origin)
    for (const name of described) {
      const value = tag.getAttribute(`data-${name}`) ?? tag.getAttribute(`data-${name.replace('_', '-')}`)
      if (value !== null) address.searchParams.set(name, value)
    }
    address.searchParams.set('mode', tag.dataset.mode || 'popup')
    if (callbackOf(tag)) address.searchParams.set('error_callback', '1')
    return address.href
  }

  function callbackOf(tag) {
    const callback = window[tag.dataset.errorCallback]
    return typeof callback === 'function' ? callback : undefined
  }
})()
