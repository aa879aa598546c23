import { connect } from 'node:net'
import fc from 'fast-check'
import { openDatabase } from '../../../src/database/open.ts'
import { anOrder, asForm } from '../orders.ts'
import { postOrder } from '../parom.ts'
import { aloneOn, residentBytes, startProcess } from '../process.ts'
import { brokenContents } from './contents.ts'
import { brokenFraming } from './framing.ts'
import { type Knock, token } from './requests.ts'
import { everyRoute, mark } from './routes.ts'

interface Attack {
  databaseUrl: string
  requests: number
  seed: number
}

interface AttackOutcome {
  /** What went wrong; empty if nothing did. */
  faults: string[]
  /** How often each kind of request was answered with each status; 0: the connection was closed without an answer. */
  statuses: Map<string, Map<number, number>>
  /** Bytes of memory after each tenth of the requests. */
  memory: number[]
}

const knocks = fc.oneof(brokenFraming, brokenContents, everyRoute)
const atOnce = 400
const mostFaults = 20

/** Sends malformed requests to the server that ships, and looks whether it takes harm. */
export async function attack({ databaseUrl, requests, seed }: Attack): Promise<AttackOutcome> {
  const env = { ...(await aloneOn(databaseUrl)), LOG_LEVEL: 'info', WEBHOOK_TOKEN: token }
  const server = await startProcess(env)
  const pid = server.child.pid ?? 0
  const faults: string[] = []
  const statuses: AttackOutcome['statuses'] = new Map()
  const isAlive = () => server.child.exitCode === null && server.child.signalCode === null
  const memory: number[] = []

  for (let sent = 0; sent < requests && isAlive() && faults.length < mostFaults; sent += atOnce) {
    const batch = fc.sample(knocks, { seed: seed + sent, numRuns: Math.min(atOnce, requests - sent) })
    await Promise.all(
      batch.map(async (knock) => {
        const answered = await send(Number(env.PORT), knock)
        count(statuses, knock.kind, answered === null ? null : statusesIn(answered))
        faults.push(...faultsOf(knock, answered))
      }),
    )
    if (isAlive() && sent + atOnce >= ((memory.length + 1) * requests) / 10) memory.push(residentBytes(pid))
  }

  if (isAlive()) faults.push(...(await faultsAfterwards(env.PORT, databaseUrl)))
  else faults.push(`the server ended with ${server.child.exitCode ?? server.child.signalCode}`)
  faults.push(...faultsOfLog(server.output()))
  await server.kill('SIGKILL')
  return { faults, statuses, memory }
}

/** Gives all that was answered, and nothing where there was nothing; null if a whole request was left hanging. */
function send(port: number, { bytes, isWhole, hangsUp }: Knock) {
  return new Promise<string | null>((resolve) => {
    let received = ''
    let isHanging = false
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      if (hangsUp) return void socket.write(bytes, () => socket.destroy())
      socket.write(bytes)
    })
    const leave = () =>
      socket.destroyed ? undefined : socket.end(() => setTimeout(() => socket.destroy(), patience.end))
    const tired = setTimeout(
      () => {
        isHanging = isWhole && received === ''
        leave()
      },
      isWhole ? patience.whole : patience.open,
    )
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
      if (isWhole) return
      clearTimeout(tired)
      setTimeout(leave, patience.more)
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(tired)
      resolve(isHanging ? null : received)
    })
  })
}

/** Ms to wait for the answer to a whole request, for one to something else, for a further one, and for the end. */
const patience = { whole: 10_000, open: 200, more: 20, end: 200 }

function statusesIn(received: string) {
  return [...received.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status))
}

function count(statuses: AttackOutcome['statuses'], kind: string, answered: number[] | null) {
  const ofKind = statuses.get(kind) ?? new Map<number, number>()
  statuses.set(kind, ofKind)
  for (const status of answered?.length ? answered : [0]) ofKind.set(status, (ofKind.get(status) ?? 0) + 1)
}

function faultsOf({ kind, bytes }: Knock, answered: string | null) {
  const shown = JSON.stringify(bytes.subarray(0, 400).toString('latin1'))
  if (answered === null) return [`${kind}: no answer: ${shown}`]
  const wrong = statusesIn(answered).filter((status) => status >= 500 && status !== 503)
  return [
    ...wrong.map((status) => `${kind}: ${status} to ${shown} (${bytes.length} bytes)`),
    ...(isBare(answered) ? [`${kind}: 503 without a reason to ${shown}`] : []),
    ...(tellsInside.test(answered) ? [`${kind}: the answer tells of the inside: ${shown}`] : []),
    ...(isHtml.test(answered) && answered.includes(mark) ? [`${kind}: sent back as it came: ${shown}`] : []),
  ]
}

/** As a stack trace does, or a file that is none of a browser's business. */
const tellsInside = /\bat .+:\d+:\d+|node_modules|node:internal|root:x:0|"dependencies"/
const isHtml = /^content-type: text\/html/im

function isBare(answered: string) {
  return / 503 /.test(answered.slice(0, 20)) && !/"(error|message|status)":/.test(answered)
}

/** Whether a good order is still taken, and kept. */
async function faultsAfterwards(port: string, databaseUrl: string) {
  const order = asForm(anOrder({ order_id: 'the last' }))
  const answer = await postOrder(`http://127.0.0.1:${port}`, order, { 'x-webhook-token': token }).catch(() => null)
  if (answer?.status !== 200) return [`a good order was answered ${answer?.status} in the end`]
  const { db, close } = openDatabase(databaseUrl)
  const kept = await db.selectFrom('messages').select('body').where('id', '=', answer.body.id).executeTakeFirst()
  await close()
  return kept && Buffer.from(kept.body).equals(Buffer.from(order)) ? [] : ['a good order was not kept in the end']
}

const signsOfTrouble = /unhandled ?rejection|uncaught ?exception|warning|"level":60|\bat .+:\d+:\d+/i

function faultsOfLog(output: string) {
  const lines = output.split('\n').filter((line) => signsOfTrouble.test(line))
  return [...new Set(lines.map((line) => `the log says: ${line.slice(0, 600)}`))].slice(0, mostFaults)
}
