import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { hashToken as digestOf } from '../config/sources.ts'
import type { Translate } from '../config/translate.ts'
import { readSecret } from './read-secret.ts'

export const hashTokenUsage = 'npx parom hash-token [--new | --signing]'

/** What a header can carry as it is. */
const fitting = /^[\x21-\x7e]{8,}$/

/** Reads a token of a source from standard input, or makes one, and prints what stands for it in sources.config.ts. */
export async function hashToken(args: string[], translate: Translate) {
  const options = readOptions(args)
  if (!options) {
    console.error(hashTokenUsage)
    return 2
  }
  if (options.signing) {
    console.log(`whsec_${randomBytes(32).toString('base64')}`)
    return 0
  }
  if (options.new) {
    const token = randomBytes(32).toString('base64url')
    console.error(translate('cli.token.new'))
    console.log(`${token}\n${digestOf(token)}`)
    return 0
  }
  const token = (await readSecret(translate('cli.token.prompt'))).trim()
  if (!fitting.test(token)) {
    console.error(translate('cli.token.unfit'))
    return 1
  }
  console.log(digestOf(token))
  return 0
}

function readOptions(args: string[]) {
  try {
    const { values } = parseArgs({ args, options: { new: { type: 'boolean' }, signing: { type: 'boolean' } } })
    return values.new && values.signing ? null : values
  } catch {
    return null
  }
}
