import { createHash, randomBytes } from 'node:crypto'

/** How long a link counts by which somebody sets his password. */
export const linkMs = 7 * 24 * 60 * 60_000

/** What a link ends in: nobody guesses it, and only its digest is kept. */
export function newToken() {
  return randomBytes(32).toString('base64url')
}

export function digestOf(token: string) {
  return createHash('sha256').update(token).digest('base64url')
}

/** Below BASE_PATH. */
export function linkPath(token: string) {
  return `/invitations/${token}`
}
