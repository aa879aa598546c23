// Whoever chooses a language for one example wants all of them in it, and a button takes the one that is shown.
const examples = [...document.querySelectorAll('.api-examples')]

function choose(language) {
  for (const each of examples) each.querySelector(`input[value="${language}"]`).checked = true
}

for (const each of examples) {
  each.addEventListener('change', ({ target }) => choose(target.value))
  const button = each.querySelector('.api-copy')
  if (!navigator.clipboard) continue
  button.hidden = false
  const words = button.textContent
  button.addEventListener('click', async () => {
    const { value } = each.querySelector('input:checked')
    await navigator.clipboard.writeText(each.querySelector(`[data-language="${value}"]`).textContent)
    button.textContent = button.dataset.done
    setTimeout(() => {
      button.textContent = words
    }, 2000)
  })
}
