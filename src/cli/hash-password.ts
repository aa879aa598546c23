import { hash } from '@node-rs/argon2'
import { readSecret } from './read-secret.ts'

const shortest = 8

/** Reads a password from standard input and prints the argon2id string for config/users.ts. */
export async function hashPassword() {
  const password = await readSecret('Пароль')
  if (Array.from(password).length < shortest) {
    console.error(`Пароль должен быть не короче ${shortest} знаков`)
    return 1
  }
  console.log(await hash(password))
  return 0
}
