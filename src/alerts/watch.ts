import { randomUUID } from 'node:crypto'
import { statfs } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import type { Kysely } from 'kysely'
import type { ConnectionStatus } from '../amocrm/connection-status.ts'
import type { Alerts } from '../config/alerts.ts'
import type { Tables } from '../database/tables.ts'
import { findLastReceived, findNeedy, findOldestWaiting } from '../inbox/standing.ts'
import { withinTime } from '../inbox/within-time.ts'
import { isWithin } from './local-time.ts'
import { createOutage } from './outage.ts'
import { letterOf, type Recipient, recipientsOf } from './recipients.ts'
import { type Details, type Facts, judge, type RuleName, ruleNames, serious } from './rules.ts'
import { createAlertStore, type Standing } from './store.ts'
import type { TextSettings } from './texts.ts'

/** By what is watched, and in which words it is told. */
interface WatchSettings extends Alerts, TextSettings {
  appName: string
}

interface WatchOptions {
  db: Kysely<Tables>
  account: string
  /** Asked anew at each look. */
  settings: () => WatchSettings
  connection: { status: () => Promise<ConnectionStatus> }
  /** The file of the database; null where it is elsewhere. */
  file: string | null
  log: Record<'warn' | 'error', (details: object, message: string) => void>
  /** Unix ms. */
  now: () => number
}

const databasePatienceMs = 10_000
/** Ms. Of more and more orders that need a person, word is sent no oftener. */
const tellAgainAfter = 60 * 60_000
/** Ms after a first failure, doubled with each further one. */
const backoff = { first: 30_000, longest: 60 * 60_000 }
/** Ms. */
const giveUpAfter = 3 * 24 * 60 * 60_000
const shownMessages = 50

/** Looks, in one process at a time, whether something has gone wrong or is well again, and says so. */
export function createWatch({ db, account, settings, connection, file, log, now }: WatchOptions) {
  const owner = randomUUID()
  const store = createAlertStore(db, account)
  const outage = createOutage()
  let tidiedAt = 0

  /** What is cut short is sent once more by the next. */
  async function look() {
    let isOurs: boolean
    try {
      isOurs = await withinTime(databasePatienceMs, store.takeDuty(owner, now()))
      if (outage.known()) await tellOutageIsOver()
      outage.ended()
    } catch (err) {
      log.error({ err }, 'database does not answer, or cannot be written to')
      return tellOutage()
    }
    if (!isOurs) return
    await compare()
    await sendDue()
    if (now() - tidiedAt > giveUpAfter / 72) {
      tidiedAt = now()
      await store.tidyUp(now())
    }
  }

  /** Writes down what has changed since the last look, and whom to tell. */
  async function compare() {
    const { rules, channels } = settings()
    const ids = recipientsOf(channels).map(({ id }) => id)
    const standings = new Map((await store.standings()).map((row) => [row.rule, row]))
    const unwatched = [...standings.keys()].filter((rule) => !rules[rule as RuleName])
    await store.drop(unwatched)
    const raised = new Set([...standings.values()].filter(({ state }) => state === 'raised').map(({ rule }) => rule))
    for (const [rule, details] of judge(await gatherFacts(), rules, raised)) {
      if (!rules[rule]) continue
      const standing = standings.get(rule)
      if (details && standing?.state === 'raised') await compareCounts(rule, details, standing, ids)
      else if (details) await store.change(rule, 'raised', details, ids, now())
      else if (standing?.state === 'raised') await store.change(rule, 'ok', {}, ids, now())
    }
  }

  /** Orders that an hour later are more than were told of are told of, too. */
  async function compareCounts(
    rule: RuleName,
    details: Details,
    { details: before, told_at, since }: Standing,
    recipients: string[],
  ) {
    if (rule !== 'needs_person') return
    const count = Number(details['count'])
    const told = Number(JSON.parse(before ?? '{}').count)
    if (count === told) return
    const isDue = count > told && now() - (told_at ?? 0) >= tellAgainAfter
    if (count < told || isDue) await store.grew(rule, details, isDue ? { recipients, since } : null, now())
  }

  async function gatherFacts(): Promise<Facts> {
    return {
      now: now(),
      needy: await findNeedy(db, account),
      oldest: await findOldestWaiting(db, account),
      connection: await connection.status(),
      lastReceived: settings().rules.no_orders ? await findLastReceived(db, account) : null,
      disk: file === null ? null : await freeSpace(file),
    }
  }

  async function sendDue() {
    const { quietHours, channels } = settings()
    const isQuiet = quietHours !== null && isWithin(now(), quietHours)
    const due = (await store.due(now())).filter(({ rule }) => !isQuiet || serious.has(rule))
    const recipients = recipientsOf(channels)
    const known = new Set(recipients.map(({ id }) => id))
    const orphans = due.filter(({ recipient }) => !known.has(recipient)).map(({ id }) => id)
    if (orphans.length > 0) await store.failed(orphans, 'nobody is told there any more', null)
    await Promise.all(
      recipients.map(async (recipient) => {
        const letters = due.filter((each) => each.recipient === recipient.id)
        if (letters.length > 0) await send(recipient, letters)
      }),
    )
  }

  /** What dies between sending and writing it down is sent once more: twice is better than never. */
  async function send(recipient: Recipient, happenings: Awaited<ReturnType<typeof store.due>>) {
    const ids = happenings.map(({ id }) => id)
    try {
      await recipient.send(letterOf(happenings, settings()), now())
    } catch (error) {
      const { message, retryAfter = 0 } = error as { message: string; retryAfter?: number }
      const tries = Math.max(...happenings.map((each) => each.tries))
      const asked = Math.min(retryAfter, giveUpAfter)
      const wait = Math.max(Math.min(backoff.first * 2 ** tries, backoff.longest), asked)
      const isOver = happenings.every(({ at }) => now() - at > giveUpAfter)
      log.warn({ via: recipient.channel, error: message }, 'alert could not be sent')
      return store.failed(ids, message, isOver ? null : now() + wait)
    }
    await store.sent(ids, now())
  }

  /** Nothing can be written down, so each process tells of what itself has seen. */
  async function tellOutage() {
    const current = outage.failed(now())
    const { rules, channels } = settings()
    if (!current || !rules.database) return
    const happening = {
      rule: 'database',
      kind: 'raised',
      at: now(),
      since: current.since,
      details: ownDetails,
    } as const
    const letter = letterOf([{ ...happening, id: randomUUID() }], settings())
    const untold = recipientsOf(channels).filter(({ id }) => !current.told.has(id))
    await Promise.all(
      untold.map((recipient) =>
        recipient.send(letter, now()).then(
          () => void current.told.add(recipient.id),
          ({ message: error }) => log.warn({ via: recipient.channel, error }, 'alert could not be sent'),
        ),
      ),
    )
  }

  async function tellOutageIsOver() {
    const { since, told } = outage.known() ?? { since: now(), told: new Set<string>() }
    const ids = recipientsOf(settings().channels).map(({ id }) => id)
    const untold = ids.filter((id) => !told.has(id))
    await store.wasOut(ownDetails, { since, told: ids.filter((id) => told.has(id)), untold }, now())
  }

  return {
    look,

    /** Everything that is watched, and how it stands; null: not at all. */
    async standings() {
      const rows = new Map((await store.standings()).map((row) => [row.rule, row]))
      const { rules } = settings()
      return ruleNames.map((rule) => ({ rule, isWatched: rules[rule] !== false, standing: rows.get(rule) ?? null }))
    },
    messages: () => store.last(shownMessages),
    recipients: () => recipientsOf(settings().channels),
    settings,
  }
}

const ownDetails = { host: hostname() }

/** A disk that does not answer is the database's trouble. */
async function freeSpace(file: string) {
  const space = await statfs(dirname(file)).catch(() => null)
  return space && { free: space.bavail * space.bsize, size: space.blocks * space.bsize }
}
