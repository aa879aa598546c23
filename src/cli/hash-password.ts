import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { hash } from '@node-rs/argon2'

const shortest = 8

/** Reads a password from standard input and prints the argon2id string for config/users.ts. */
export async function hashPassword() {
  const password = process.stdin.isTTY ? await ask() : await firstLine()
  if (Array.from(password).length < shortest) {
    console.error(`Пароль должен быть не короче ${shortest} знаков`)
    return 1
  }
  console.log(await hash(password))
  return 0
}

/** Asks at the terminal without showing what is typed. */
async function ask() {
  process.stderr.write('Пароль: ')
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() })
  const terminal = createInterface({ input: process.stdin, output: unseen, terminal: true })
  const password = await terminal.question('')
  terminal.close()
  process.stderr.write('\n')
  return password
}

async function firstLine() {
  const lines = createInterface({ input: process.stdin })
  for await (const line of lines) {
    lines.close()
    return line
  }
  return ''
}
