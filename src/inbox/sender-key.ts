import { hash } from 'node:crypto'

/** The key of a message whose sender has said what makes it the same order again. @param id as sent, in a header or as `field=value` */
export function senderKey(id: string) {
  return `id:${hash('sha256', id, 'base64url')}`
}
