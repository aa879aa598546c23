import { stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Registry } from 'prom-client'
import type { ConnectionStatus } from '../amocrm/connection-status.ts'
import type { Inbox } from '../inbox/inbox.ts'
import { withinTime } from '../inbox/within-time.ts'
import { addGauge } from './add.ts'

export interface StandingSources {
  inbox: Pick<Inbox, 'countWaitingStates' | 'oldestWaiting'>
  account: string
  connection: { status: () => Promise<ConnectionStatus> }
  alerts: { standings: () => Promise<{ rule: string; isWatched: boolean; standing: { state: string } | null }[]> }
  instances: { all: () => Promise<{ isAlive: boolean }[]> }
  countSessions: () => Promise<number>
  /** The file of the database; null where it is elsewhere. */
  file: string | null
  /** Unix ms. */
  now: () => number
}

/** Ms. So long what the database has said counts, or that it said nothing: any number of questions cost it no more. */
const countsFor = 5000
/** Ms. Who asks is told of the rest without it then. */
const patience = 2000
/** Orders of a state; more of them are not counted. */
const most = 50_000

type Standing = Awaited<ReturnType<typeof gather>>

/** What the database knows, which all processes share. Gives the function that looks it up, if it is time. */
export function createStanding(registry: Registry, sources: () => StandingSources) {
  let standing: Standing | null = null
  let askedAt = Number.NEGATIVE_INFINITY
  let asking: Promise<void> | null = null

  async function ask() {
    const { now } = sources()
    askedAt = now()
    // A database that hangs is not asked again until it has given its answer.
    const gathered = gather(sources())
    standing = await withinTime(patience, gathered).catch(() => null)
    await gathered.catch(() => {})
  }

  addStandingGauges(registry, () => standing)
  addGauge(registry, {
    name: 'parom_database_up',
    help: '1 where the database answers this process',
    read: () => Number(standing !== null),
  })

  return async function lookUp() {
    if (Math.abs(sources().now() - askedAt) >= countsFor)
      asking ??= ask().finally(() => {
        asking = null
      })
    const told = asking
    if (told) await withinTime(patience, told).catch(() => {})
  }
}

async function gather({ inbox, account, connection, alerts, instances, countSessions, file, now }: StandingSources) {
  const [waiting, oldest, status, standings, processes, sessions] = await Promise.all([
    inbox.countWaitingStates(most),
    inbox.oldestWaiting(account),
    connection.status(),
    alerts.standings(),
    instances.all(),
    countSessions(),
  ])
  return {
    ...{ waiting, status, standings, sessions, files: file === null ? null : await sizesOf(file) },
    oldestAge: oldest === null ? 0 : Math.max(0, now() - oldest.since) / 1000,
    processes: processes.filter(({ isAlive }) => isAlive).length,
    isPaused: status.pausedUntil !== null,
  }
}

async function sizesOf(file: string) {
  const sizeOf = (name: string) =>
    stat(name).then(
      ({ size }) => size,
      () => 0,
    )
  const [main, log, { bavail, blocks, bsize }] = await Promise.all([
    sizeOf(file),
    sizeOf(`${file}-wal`),
    statfs(dirname(file)),
  ])
  return { main, log, free: bavail * bsize, disk: blocks * bsize }
}

/** Every process says the same of these, so they are not to be added up. */
const shared = 'Of the database, and so the same from every process'

function addStandingGauges(registry: Registry, standing: () => Standing | null) {
  const add = (name: string, help: string, read: (known: Standing) => number | null) =>
    addGauge(registry, { name, help: `${help}. ${shared}`, read: () => withKnown(read) })
  const addBy = (
    label: string,
    name: string,
    help: string,
    read: (known: Standing) => [value: string, number: number][],
  ) =>
    addGauge(registry, {
      ...{ name, help: `${help}. ${shared}`, labels: [label] },
      read: () => withKnown((known) => read(known).map(([value, number]) => [{ [label]: value }, number])),
    })

  function withKnown<Result>(read: (known: Standing) => Result) {
    const known = standing()
    return known && read(known)
  }

  addBy(
    'state',
    'parom_orders_waiting',
    `Orders that are not delivered: pending, held until the CRM lets us in, dead until a person looks; none beyond ${most} are counted`,
    ({ waiting }) => Object.entries(waiting),
  )
  add(
    'parom_oldest_waiting_seconds',
    'For how long the oldest order that is neither delivered nor dead has waited; 0 where none does',
    ({ oldestAge }) => oldestAge,
  )
  addBy('state', 'parom_crm_connection_state', '1 for how the connection to the CRM stands', ({ status }) =>
    (['none', 'connected', 'expiring', 'lost'] as const).map((state) => [state, Number(status.state === state)]),
  )
  add(
    'parom_crm_token_ends_timestamp_seconds',
    'When the connection ends if nobody does anything, in unix time',
    (known) => (known.status.until === null ? null : known.status.until / 1000),
  )
  add('parom_crm_paused', '1 while the CRM wants to be left alone', ({ isPaused }) => Number(isPaused))
  add('parom_delivery_stopped', '1 while a person has stopped the delivery', ({ status }) =>
    Number(status.stopped !== null),
  )
  addBy(
    'rule',
    'parom_alert_raised',
    '1 for each rule of the alerts that is broken, of those that are watched',
    (known) =>
      known.standings
        .filter(({ isWatched }) => isWatched)
        .map(({ rule, standing }) => [rule, Number(standing?.state === 'raised')]),
  )
  add(
    'parom_processes',
    'Processes of this installation that have lately said that they are there',
    (known) => known.processes,
  )
  add('parom_sessions', 'People who are signed in', ({ sessions }) => sessions)
  addFileGauges(registry, () => standing()?.files ?? null)
}

function addFileGauges(registry: Registry, files: () => Standing['files']) {
  const add = (name: string, help: string, read: (known: NonNullable<Standing['files']>) => number) =>
    addGauge(registry, {
      ...{ name, help: `${help}; of SQLite alone` },
      read() {
        const known = files()
        return known && read(known)
      },
    })
  add('parom_sqlite_file_bytes', 'Size of the database file', ({ main }) => main)
  add('parom_sqlite_wal_bytes', 'Size of its write-ahead log', ({ log }) => log)
  add('parom_disk_free_bytes', 'What is left on the disk of the database', ({ free }) => free)
  add('parom_disk_size_bytes', 'How large the disk of the database is', ({ disk }) => disk)
}
