import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { leadUrl } from '../amocrm/leads.ts'
import type { Config } from '../config/load.ts'
import type { Translate } from '../config/translate.ts'
import { openDatabase } from '../database/open.ts'
import { createInbox } from '../inbox/inbox.ts'

const sample = join(import.meta.dirname, '../../test/fixtures/orders/opencart-sample/_webhook.txt')
const patienceMs = 20_000

/** Posts a real OpenCart order to the running server, as the shop would, and waits for its lead. */
export async function sendSampleOrder({ env, app, amo, sandbox }: Config, translate: Translate) {
  if (env !== 'local') {
    console.error(translate('cli.sample.local_only'))
    return 1
  }
  const host = app.host === '0.0.0.0' || app.host === '::' ? '127.0.0.1' : app.host
  const server = app.socket === null ? `http://${host}:${app.port}${app.basePath}` : String(app.publicBase)
  const url = `${server}/api/order/create?source=lk`
  const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded' }
  if (app.webhook_token) headers['x-webhook-token'] = app.webhook_token

  const response = await fetch(url, { method: 'POST', headers, body: await readFile(sample, 'utf8') }).catch(() => null)
  if (!response) {
    console.error(translate('cli.sample.unreachable', { url: server }))
    return 1
  }
  const text = await response.text()
  console.log(`POST ${url}\n${response.status} ${text}`)
  const answer: { id?: string; duplicate?: boolean } = response.headers.get('content-type')?.includes('json')
    ? JSON.parse(text)
    : {}
  // An answer of one's own does not tell the order's id.
  if (!answer.id) return response.ok ? 0 : 1
  if (answer.duplicate) console.log(translate('cli.sample.duplicate'))

  const lead = await waitForLead(app.databaseUrl, answer.id)
  if (lead === null) {
    console.error(translate('cli.sample.timeout', { url: `${server}/app/transactions/${answer.id}` }))
    return 1
  }
  const crm = amo.startSandbox ? sandbox.baseUrl : amo.baseUrl
  console.log(`${translate('page.lead')} ${lead}: ${leadUrl(crm, lead)}`)
  return 0
}

async function waitForLead(databaseUrl: string, id: string) {
  const database = openDatabase(databaseUrl)
  const inbox = createInbox(database, Date.now)
  try {
    for (let waited = 0; waited < patienceMs; waited += 200) {
      const message = await inbox.find(id)
      if (message?.state === 'delivered') return message.lead_id
      await sleep(200)
    }
    return null
  } finally {
    await database.close()
  }
}
