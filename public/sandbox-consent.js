// The answer was given in a popup: the page that opened it goes on, or hears of the refusal, and the popup closes.
const onward = document.getElementById('onward')
const { error, clientId } = onward.dataset

if (!window.opener) {
  location.replace(onward.href)
} else {
  if (error) window.opener.postMessage({ client_id: clientId, error }, '*')
  else window.opener.location.href = onward.href
  window.close()
}
