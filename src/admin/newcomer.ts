import { loginShape } from '../people/login.ts'

/** Characters. */
const longestName = 100

/** What a form says of somebody new; `fault` is what is wrong with it, as a key of the translations. */
export function newcomerOf(body: unknown) {
  const fields = (body ?? {}) as Record<string, unknown>
  const text = (value: unknown) => (typeof value === 'string' ? value.normalize('NFC').trim() : '')
  const login = text(fields['login'])
  const name = text(fields['name']).slice(0, longestName)
  return { login, name: name || login, fault: loginShape.test(login) ? null : 'people.login.shape' }
}
