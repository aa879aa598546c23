import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { markerName } from '../src/amocrm/marker.ts'
import { startSandbox } from '../src/sandbox/server.ts'
import { freePort } from '../test/support/mariadb.ts'
import { anOrder, asForm } from '../test/support/orders.ts'
import { postOrder } from '../test/support/parom.ts'
import { startProcess } from '../test/support/process.ts'
import { createVisitor } from '../test/support/visitor.ts'
import { type JournalEntry, mostInASecond } from './crm.ts'

const minutes = Number(process.env['BENCH_MINUTES'] ?? 1)
const tokenLifeSeconds = 40
/** How long Parom is watched after it was locked out. */
const silenceSeconds = 30

const onApi = { path: '/api/v4/*' }
const onTokens = { path: '/oauth2/*' }
/** A fifth of all requests meets one. */
const faults = [
  { ...onApi, effect: 'lost_answer', probability: 0.05, seed: 1 },
  { ...onApi, effect: 'drop', probability: 0.05, seed: 2 },
  { ...onApi, effect: 'status', status: 502, html: true, probability: 0.04, seed: 3 },
  { ...onApi, effect: 'status', status: 504, html: true, commit: true, probability: 0.03, seed: 4 },
  { ...onApi, effect: 'truncate', probability: 0.02, seed: 5 },
  { ...onApi, effect: 'status', status: 429, html: true, probability: 0.02, seed: 6 },
  { ...onTokens, effect: 'lost_answer', probability: 0.1, seed: 7 },
  { ...onTokens, effect: 'status', status: 502, html: true, probability: 0.1, seed: 8 },
]

/** A run of orders, people and renewals of tokens over a CRM that fails, and what its journal says of the rules. */
export async function benchCrmTraffic() {
  const folder = mkdtempSync(join(tmpdir(), 'parom-bench-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const sandbox = await startSandbox()
  const ask = async (path: string, body?: unknown) => {
    const post = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
    // biome-ignore lint/suspicious/noExplicitAny: the sandbox answers what its addresses promise
    return (await (await fetch(`${sandbox.url}/__sandbox/${path}`, post)).json()) as any
  }
  const redirect_uri = `${url}/api/auth`
  await ask('settings', { redirect_uri, access_token_ttl_s: tokenLifeSeconds, refresh_grace: 'until_new_used' })
  const { client_id, client_secret, code } = await ask('credentials')
  const parom = await startProcess({
    ENV_TYPE: 'local',
    PORT: String(port),
    DATABASE_URL: `sqlite:${join(folder, 'bench.db')}`,
    AMO_BASE_URL: sandbox.url,
    AMO_CLIENT_ID: client_id,
    AMO_CLIENT_SECRET: client_secret,
    AMO_REDIRECT_URI: redirect_uri,
    LOG_LEVEL: 'silent',
  })
  try {
    const admin = await connect(url, code, new URL(sandbox.url).host)
    await ask('faults', faults)
    const posted = await live(url, admin, minutes * 60_000)
    await ask('faults', [])
    await ask('settings', { blocked: true })
    await live(url, admin, silenceSeconds * 1000, { checks: false })
    report((await ask('journal')).requests, posted, (await ask('state')).leads)
  } finally {
    await parom.kill('SIGTERM')
    await sandbox.close()
    rmSync(folder, { recursive: true })
  }
}

async function connect(url: string, code: string, referer: string) {
  const admin = createVisitor(url)
  await admin.signIn()
  const [, state = ''] = /data-state="([^"]+)"/.exec((await admin.visit('/api/auth')).text) ?? []
  const { status } = await admin.visit(`/api/auth?${new URLSearchParams({ code, referer, state })}`)
  if (status !== 303) throw new Error(`not connected: ${status}`)
  return admin
}

/** An order every other second or so, and an administrator who keeps pressing “Check”. */
async function live(url: string, admin: ReturnType<typeof createVisitor>, ms: number, { checks = true } = {}) {
  const end = performance.now() + ms
  let posted = 0
  const orders = async () => {
    for (; performance.now() < end; posted++) {
      await postOrder(url, asForm(anOrder({ order_id: `${performance.now()}` })))
      await sleep(1000 + Math.random() * 2000)
    }
  }
  const people = async () => {
    while (checks && performance.now() < end) {
      const [, _csrf = ''] = /name="_csrf" value="([^"]+)"/.exec((await admin.visit('/api/auth')).text) ?? []
      await admin.submit('/api/auth/check', { _csrf })
      await sleep(Math.random() * 3000)
    }
  }
  await Promise.all([orders(), people()])
  return posted
}

interface Lead {
  custom_fields_values: { field_name: string; values: { value: unknown }[] }[]
}

/** What tells one order from another. */
function orderOf({ custom_fields_values }: Lead) {
  return custom_fields_values.find(({ field_name }) => field_name === markerName)?.values[0]?.value
}

function report(requests: JournalEntry[], posted: number, leads: Lead[]) {
  const times = requests.map(({ time }) => Date.parse(time))
  const lockedOut = requests.find(({ status }) => status === 403)
  const answeredAt = lockedOut ? Date.parse(lockedOut.time) + lockedOut.ms : Number.NaN
  const renewals = requests.filter(({ grant_type }) => grant_type === 'refresh_token')
  const usedAgain = renewals.filter(({ token_digest }, index) =>
    renewals.slice(0, index).some((earlier) => earlier.token_digest === token_digest && isAnswered(earlier)),
  )
  console.table({
    'minutes with faults': minutes,
    'orders posted': posted,
    'leads by the end': leads.length,
    'second leads of an order': leads.length - new Set(leads.map(orderOf)).size,
    requests: requests.length,
    'met by a fault': `${Math.round((requests.filter(({ fault }) => fault).length / requests.length) * 100)} %`,
    'most in any sliding second': mostInASecond(requests),
    '429 of the rate limit': requests.filter(({ status, fault }) => status === 429 && !fault).length,
    'renewals of the tokens': renewals.filter(isAnswered).length,
    'refresh tokens used again after a new pair': usedAgain.length,
    'requests after the 403': times.filter((time) => time > answeredAt).length,
    'last status': requests.at(-1)?.status,
  })
}

function isAnswered({ status, fault }: JournalEntry) {
  return status === 200 && !fault
}
