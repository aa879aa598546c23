// What is typed is looked for at once in the lists that are on the page, and an id is copied by a click.
const field = document.querySelector('#find')
const lists = document.querySelector('#lists')
const found = document.querySelector('#found')

const plain = (text) => text.toLowerCase().replaceAll('ё', 'е').replace(/\s+/g, ' ').trim()

function search() {
  const words = plain(field.value)
  let count = 0
  for (const item of lists.querySelectorAll('li[data-find]')) {
    const group = item.closest('.group')?.querySelector('h4')?.dataset.find ?? ''
    item.hidden = !plain(`${item.dataset.find} ${group}`).includes(words)
    if (!item.hidden) count += 1
  }
  for (const group of lists.querySelectorAll('.group'))
    group.hidden =
      group.querySelector('li:not([hidden])') === null && !plain(group.querySelector('h4').dataset.find).includes(words)
  found.textContent = count === 0 ? found.dataset.none : String(count)
}

if (field && lists) {
  field.addEventListener('input', search)
  field.form.addEventListener('submit', (event) => event.preventDefault())
}

lists?.addEventListener('click', async ({ target }) => {
  if (!target.matches('code.id') || !navigator.clipboard) return
  await navigator.clipboard.writeText(target.textContent)
  target.classList.add('copied')
  setTimeout(() => target.classList.remove('copied'), 1000)
})
