import { randomBytes } from 'node:crypto'
import type { Clock } from '../control/clock.ts'

const formLife = 20 * 60_000

/** Forms that were shown and not sent yet: each is good for one answer, to the question it was shown for. */
export function createForms<T>(clock: Clock) {
  const shown = new Map<string, { subject: T; until: number }>()
  return { show, take }

  function show(subject: T): string {
    for (const [token, { until }] of shown) if (until <= clock.ms()) shown.delete(token)
    const token = randomBytes(24).toString('base64url')
    shown.set(token, { subject, until: clock.ms() + formLife })
    return token
  }

  function take(token: unknown): T | undefined {
    if (typeof token !== 'string') return undefined
    const form = shown.get(token)
    shown.delete(token)
    return form && form.until > clock.ms() ? form.subject : undefined
  }
}
