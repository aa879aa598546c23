import { hostname } from 'node:os'
import type { Database } from '../database/open.ts'
import { createAccept } from './accept.ts'
import { claim } from './claim.ts'
import { countKept, countWaitingStates, readFigures } from './figures.ts'
import type { Filter } from './filter.ts'
import type { Committed } from './group-commit.ts'
import { holdDue, hurry, releaseHeld, takeOver } from './hold.ts'
import { dueChecks, endChecks, giveUp, reopen } from './links-check.ts'
import { countMessages, countNewer, listMessages, type Page, readListed } from './list.ts'
import type { Claim, Outcome, Reason } from './message.ts'
import { countProblems, findProblems } from './problems.ts'
import { type Entry, record, recordLater, renew, settle } from './progress.ts'
import { findAttempts, findConflicts, findMessage, findMessageOfLead, findSameOrder, testCleaned } from './queries.ts'
import {
  askForAnotherLead,
  countWaiting,
  redeliver,
  redeliverWaiting,
  tellOutcome,
  type Waiting,
} from './redelivery.ts'
import { createRefusals } from './refusals.ts'
import { findOldestWaiting } from './standing.ts'
import { tally } from './tally.ts'
import { keepReadings, type Reading, takeUnread } from './unread.ts'

/** How long a claim holds unless it is renewed; a message whose process died waits no longer than this. */
const leaseMs = 10_000

export type Inbox = ReturnType<typeof createInbox>

/**
 * Every write to the message tables, and the reads of the pages.
 * @param now unix ms
 * @param committed told of each commit of orders: how many shared it, and the ms that it took
 */
export function createInbox(database: Database, now: () => number, committed?: Committed) {
  const { db } = database
  const queuedListeners: (() => void)[] = []
  const host = `${hostname()}:${process.pid}`

  function announceQueued() {
    for (const listener of queuedListeners) listener()
  }

  /** @param change gives whether, or how many messages, it has queued */
  async function announcing<Queued extends boolean | number>(change: Promise<Queued>) {
    const queued = await change
    if (queued) announceQueued()
    return queued
  }

  return {
    /** Machine and process id, by which attempts tell who made them. */
    host,

    /** Called when there is something to deliver at once. */
    onQueued: (listener: () => void) => queuedListeners.push(listener),
    announceQueued,

    accept: createAccept(database, now, announceQueued, committed),

    ...createRefusals(db, now, announceQueued),

    /**
     * @param hasCompany whether the process has others at work, which would die with it
     * @param configVersion digest of the settings that they will be mapped by
     */
    claim: (account: string, limit: number, hasCompany = false, configVersion: string | null = null) =>
      claim(db, { account, now: now(), lease: leaseMs, limit, hasCompany, host, configVersion }),
    renew: (held: Claim[]) => renew(db, held, now() + leaseMs),
    recordLater,
    record: (entries: Entry[]) => record(db, entries, now() + leaseMs),
    settle: (settlements: { claim: Claim; outcome: Outcome }[]) => settle(db, settlements, now()),
    holdDue: (account: string, reason: Reason) => holdDue(db, account, reason, now()),
    releaseHeld: (account: string) => releaseHeld(db, account, now()),
    takeOver: (account: string) => takeOver(db, account, now(), leaseMs),
    hurry: (account: string, reason: Reason) => hurry(db, account, reason, now()),

    dueChecks: (account: string, limit: number) => dueChecks(db, account, now(), limit),
    endChecks: (ids: string[]) => endChecks(db, ids),
    reopen: (ids: string[]) => reopen(db, ids, now()),
    giveUp: (id: string, error: string) => giveUp(db, id, error, now()),

    redeliver: (id: string) => announcing(redeliver(db, id, now())),
    redeliverWaiting: (waiting: Waiting) => announcing(redeliverWaiting(db, waiting, now())),
    countWaiting: (waiting: Waiting, most: number) => countWaiting(db, waiting, now(), most),
    tellOutcome: (told: Parameters<typeof tellOutcome>[1]) => announcing(tellOutcome(db, told, now())),
    askForAnotherLead: (id: string, edition: number) => announcing(askForAnotherLead(db, id, edition, now())),

    takeUnread: (before: number, cursor: string | null, limit: number) => takeUnread(db, before, cursor, limit),
    keepReadings: (readings: Map<string, Reading>) => keepReadings(db, readings),

    list: (page: Page) => listMessages(db, page),
    listThese: (ids: string[]) => readListed(db, ids),
    /** Counts no further than `most`; of a rare kind among very many perhaps fewer than there are. */
    count: (filter: Filter, most: number) => countMessages(db, filter, most),
    /** How many came after this message, counted no further than `most`. */
    countNewer: (filter: Filter, id: string, most: number) => countNewer(db, filter, id, most),
    find: (id: string) => findMessage(db, id),
    problems: () => findProblems(db),
    countProblems: (most: number) => countProblems(db, most),
    conflictsOf: (ids: string[]) => findConflicts(db, ids),
    findSame: (order: Parameters<typeof findSameOrder>[1]) => findSameOrder(db, order, now()),
    testCleaned: (id: string) => testCleaned(db, id),
    findOfLead: (leadId: number) => findMessageOfLead(db, leadId),
    attempts: (id: string) => findAttempts(db, id),

    tally: (stop?: AbortSignal) => tally(db, now(), stop),
    /** @param since unix ms, from when on it is counted */
    figures: (since: number) => readFigures(db, since, now()),
    countKept: (most: number) => countKept(db, most),
    countWaitingStates: (most: number) => countWaitingStates(db, most),
    oldestWaiting: (account: string) => findOldestWaiting(db, account),
  }
}
