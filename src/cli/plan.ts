import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { AmocrmError } from '../amocrm/errors.ts'
import { createMirror } from '../amocrm/mirror.ts'
import { mirrorSettingsOf } from '../config/account-settings.ts'
import { rulesOf } from '../config/rules.ts'
import { type DryRun, dryRun } from '../delivery/dry-run.ts'
import { UnreadableBodyError } from '../order/body.ts'
import { describePlan } from './describe-plan.ts'
import { CommandError, withAccount } from './with-account.ts'

const exitCodes = { fine: 0, failed: 1, usage: 2 }
const contentTypes = { json: 'application/json', form: 'application/x-www-form-urlencoded' }

/** Shows what would become of an order, and sends nothing but questions. */
export async function plan(args: string[]) {
  const options = readOptions(args)
  if (!options) {
    console.error('npx parom plan <file | -> [--type json|form] [--source lk] [--json]')
    return exitCodes.usage
  }
  const body = await readOrder(options.file).catch(() => null)
  try {
    return await withAccount(async ({ config, database, amocrm, translate }) => {
      if (!body) throw new CommandError(translate('cli.plan.no_file', { file: options.file }))
      if (body.toString().trim() === '') throw new CommandError(translate('intake.empty'))
      const rules = rulesOf(config, translate)
      const partnerFieldId = config.amo.contact_cf_partner_id
      const { client } = amocrm
      const mirror = createMirror({ ...mirrorSettingsOf(config), client, db: database.db, now: Date.now })
      const message = { source: options.source, contentType: contentTypes[options.type ?? typeOf(body)], body }
      const run = await dryRun(message, { client, mirror, partnerFieldId, rules }).catch((error) => {
        throw explain(error, translate)
      })
      console.log(options.json ? asJson(run) : describePlan(run, { account: await mirror.account(), rules }))
      return exitCodes.fine
    })
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    console.error(error.message)
    return exitCodes.failed
  }
}

function asJson({ order, plan, resolved, requests }: DryRun) {
  return JSON.stringify({ order, plan, resolved, requests }, null, 2)
}

function readOptions(args: string[]) {
  const options = {
    type: { type: 'string' },
    source: { type: 'string', default: 'lk' },
    json: { type: 'boolean', default: false },
  } as const
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
    const [file, ...others] = positionals
    const { type, source, json } = values
    if (type !== undefined && !isType(type)) return null
    return file === undefined || others.length > 0 ? null : { type, source, json, file }
  } catch {
    return null
  }
}

/** As a shop would post it. */
async function readOrder(file: string): Promise<Buffer> {
  if (file !== '-') return readFile(file)
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function isType(word: string): word is keyof typeof contentTypes {
  return Object.hasOwn(contentTypes, word)
}

function typeOf(body: Buffer): keyof typeof contentTypes {
  try {
    return typeof JSON.parse(body.toString('utf8')) === 'object' ? 'json' : 'form'
  } catch {
    return 'form'
  }
}

/** What can be told in words; anything else is our own fault. */
function explain(error: unknown, translate: (key: string, params: { error: string }) => string) {
  if (error instanceof UnreadableBodyError)
    return new CommandError(translate('cli.plan.unreadable', { error: error.message }))
  if (!(error instanceof AmocrmError)) return error
  const key = error.kind === 'not_connected' ? 'cli.plan.not_connected' : 'cli.plan.no_answer'
  return new CommandError(translate(key, { error: error.message }))
}
