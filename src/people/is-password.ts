import { hash, verify } from '@node-rs/argon2'

/** Checked where there is none, so that the answer takes as long. */
const nobodys = hash('nobody has this password')

/** @param expected argon2id; null: whoever it is has none, or there is nobody */
export async function isPassword(password: string, expected: string | null | undefined) {
  const matches = await verify(expected ?? (await nobodys), password)
  return matches && expected != null
}
