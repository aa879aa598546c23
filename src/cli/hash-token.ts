import { randomBytes } from 'node:crypto'
import { hashToken as digestOf } from '../config/sources.ts'
import type { Translate } from '../config/translate.ts'
import { readArguments, UsageError } from './command-line.ts'
import { readSecret } from './read-secret.ts'

export const hashTokenUsage = 'npx parom hash-token [--new | --signing]'

/** What a header can carry as it is. */
const fitting = /^[\x21-\x7e]{8,}$/

/** Reads a token of a source from standard input, or makes one, and prints what stands for it in sources.config.ts. */
export async function hashToken(args: string[], translate: Translate) {
  const { values: options } = readArguments({
    args,
    options: { new: { type: 'boolean' }, signing: { type: 'boolean' } },
  })
  if (options.new && options.signing) throw new UsageError()
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
