import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'

/** The first line of standard input; at a terminal it is asked for. */
export function readSecret(prompt: string) {
  return process.stdin.isTTY ? ask(prompt) : firstLine()
}

/** Asks at the terminal without showing what is typed. */
async function ask(prompt: string) {
  process.stderr.write(`${prompt}: `)
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() })
  const terminal = createInterface({ input: process.stdin, output: unseen, terminal: true })
  const secret = await terminal.question('')
  terminal.close()
  process.stderr.write('\n')
  return secret
}

async function firstLine() {
  const lines = createInterface({ input: process.stdin })
  for await (const line of lines) {
    lines.close()
    return line
  }
  return ''
}
