import { hash } from 'node:crypto'

/** The key of a message whose sender has said what makes it the same order again. @param id as sent, in a header or as `field=value` */
export function senderKey(id: string) {
  return `id:${hash('sha256', id, 'base64url')}`
}

const addresses = ['create-order', 'buy-click', 'callback']

/** Of the order API each address has its own. */
export function apiKey(address: string, key: string) {
  return `${address}:${key}`
}

/** Every key that a message with this id may have. */
export function senderKeys(id: string) {
  const key = senderKey(id)
  return [key, ...addresses.map((address) => apiKey(address, key))]
}
