/** What says `data-look-every` is looked at again by htmx after so many seconds, but never where nobody sees it. */
const lookedAt = new WeakMap()
// What somebody has unfolded stays so.
window.htmx.config.morphIgnore = [...(window.htmx.config.morphIgnore ?? []), 'open']

setInterval(() => {
  if (document.hidden) return
  for (const element of document.querySelectorAll('[data-look-every]')) {
    const before = lookedAt.get(element)
    if (before !== undefined && Date.now() - before < element.dataset.lookEvery * 1000) continue
    lookedAt.set(element, Date.now())
    if (before !== undefined) window.htmx.trigger(element, 'look')
  }
}, 500)

/** Nobody stays signed in by it. */
document.addEventListener('htmx:config:request', ({ detail: { ctx } }) => {
  if (ctx.sourceElement.matches('[data-look-every]')) ctx.request.headers['x-look'] = 'again'
})

/** What could not be had leaves what is there; who is signed out by now is asked to sign in. */
document.addEventListener('htmx:before:swap', (event) => {
  const { sourceElement, response } = event.detail.ctx
  if (!sourceElement.matches('[data-look-every]')) return
  if (response.raw.redirected) location.reload()
  if (response.raw.redirected || !response.raw.ok) event.preventDefault()
})
