import { readFile } from 'node:fs/promises'
import type { Kysely } from 'kysely'
import { AmocrmError } from '../amocrm/errors.ts'
import { createMirror } from '../amocrm/mirror.ts'
import { mirrorSettingsOf } from '../config/account-settings.ts'
import type { Config } from '../config/load.ts'
import { rulesOf } from '../config/rules.ts'
import type { Translate } from '../config/translate.ts'
import type { Tables } from '../database/tables.ts'
import { type DryRun, dryRun } from '../delivery/dry-run.ts'
import { explainPlan } from '../delivery/explain-plan.ts'
import { ensureReadable } from '../intake/body.ts'
import { Refusal } from '../intake/refusal.ts'
import { isApiFormat } from '../order/order.ts'
import { ofAnyShop } from '../order/order-api.ts'
import { CommandError, readArguments, UsageError } from './command-line.ts'
import { describePlan } from './describe-plan.ts'
import { withAccount } from './with-account.ts'

export const planUsage =
  'npx parom plan <file | -> [--type json|form] [--source <id>] [--format create-order|buy-click|callback] [--json]'

const contentTypes = { json: 'application/json', form: 'application/x-www-form-urlencoded' }

/** Shows what would become of an order, and sends nothing but questions. */
export async function plan(args: string[]) {
  const options = readOptions(args)
  const body = await readOrder(options.file).catch(() => null)
  return withAccount(async ({ config, database, amocrm, translate }) => {
    const sender = await findSender(options, config, database.db)
    if (typeof sender === 'string') {
      throw new CommandError(translate('cli.plan.no_source', { source: options.source, known: sender }))
    }
    if (!body) throw new CommandError(translate('cli.plan.no_file', { file: options.file }))
    const type = options.type ?? typeOf(body)
    const contentType = contentTypes[type]
    try {
      ensureReadable(type, body, contentType)
    } catch (error) {
      throw explain(error, translate)
    }
    const rules = rulesOf(config, translate)
    const partnerFieldId = config.amo.contact_cf_partner_id
    const { client } = amocrm
    const mirror = createMirror({ ...mirrorSettingsOf(config), client, db: database.db, now: Date.now })
    const message = { contentType, body, ...sender }
    const run = await dryRun(message, { client, mirror, partnerFieldId, rules }).catch((error) => {
      throw explain(error, translate)
    })
    const inWords = async () => explainPlan(run, { account: await mirror.account(), rules, translate })
    console.log(options.json ? asJson(run) : describePlan(await inWords(), translate))
    return 0
  })
}

/** Whose order it would be; the names of those who are known, where there is no such one. */
async function findSender({ source, format }: Options, { sources }: Pick<Config, 'sources'>, db: Kysely<Tables>) {
  if (format === undefined) {
    const known = sources.map(({ id }) => id)
    return known.includes(source) ? { source } : known.join(', ')
  }
  const order = { ...ofAnyShop, source, format }
  if (source === ofAnyShop.source) return order
  const shops = await db.selectFrom('api_users').select(['source', 'partner_id', 'form']).execute()
  const shop = shops.find((each) => each.source === source)
  if (!shop) return [ofAnyShop.source, ...shops.map((each) => each.source)].join(', ')
  return { ...order, sender: { partnerId: shop.partner_id, form: shop.form } }
}

function asJson({ order, plan, resolved, requests }: DryRun) {
  return JSON.stringify({ order, plan, resolved, requests }, null, 2)
}

type Options = ReturnType<typeof readOptions>

function readOptions(args: string[]) {
  const options = {
    type: { type: 'string' },
    source: { type: 'string' },
    format: { type: 'string' },
    json: { type: 'boolean', default: false },
  } as const
  const { values, positionals } = readArguments({ args, options, allowPositionals: true })
  const [file, ...others] = positionals
  const { type, format, source = format === undefined ? 'lk' : ofAnyShop.source, json } = values
  if (type !== undefined && !isType(type)) throw new UsageError()
  if (format !== undefined && !isApiFormat(format)) throw new UsageError()
  if (file === undefined || others.length > 0) throw new UsageError()
  return { type, source, format, json, file }
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

/** Also of JSON that is broken: then its own fault is to be told. */
function typeOf(body: Buffer): keyof typeof contentTypes {
  return /^\s*[{[]/.test(body.toString('utf8')) ? 'json' : 'form'
}

/** What can be told in words; anything else is our own fault. */
function explain(error: unknown, translate: Translate) {
  if (error instanceof Refusal) return new CommandError(translate(error.text, error.params))
  if (!(error instanceof AmocrmError)) return error
  if (error.kind === 'not_connected') return new CommandError(translate('cli.plan.not_connected'))
  return new CommandError(translate('cli.plan.impossible', { error: error.message }))
}
