import type { Kysely } from 'kysely'
import type { Tables } from '../database/tables.ts'
import { inspectConnection } from './account.ts'
import { type Amocrm, createAmocrmClient } from './client.ts'
import { type AccountSettings, type Connection, createConnection } from './connection.ts'
import { type CrmWatch, createHttp } from './http.ts'
import { createRequestCount } from './request-count.ts'
import type { Lane } from './traffic.ts'
import { createTurns } from './turns.ts'

interface AccountOptions {
  db: Kysely<Tables>
  /** When aborted, nothing more is sent and nothing more is waited for. */
  stop: AbortSignal
  /** Unix ms. */
  now: () => number
  timeoutMs?: number
  requestsPerSecond?: Record<Lane, number>
  watch?: CrmWatch
  /** Is told when the tokens were renewed, and how many ms the new one is good for. */
  onRenewed?: (ms: number) => void
}

export type Account = ReturnType<typeof createAccount>

/** The way to the amoCRM account, for the delivery and for people. It has to be opened before it is used. */
export function createAccount(settings: AccountSettings, { db, stop, now, onRenewed, ...pace }: AccountOptions) {
  const turns = createTurns({ db, account: settings.account, stop, now, ...peoplesPace(pace) })
  const count = createRequestCount(now)
  const http = createHttp({ monotonicNow: () => performance.now(), stop, turns, count, ...pace })
  const connection = createConnection({ ...settings, db, http, stop, now, ...(onRenewed && { onRenewed }) })
  return {
    connection,
    turn: turns.delivery,
    /** How often this process asks the CRM. */
    traffic: count.read,
    delivery: createAmocrmClient({ http, connection, lane: 'delivery' }),
    amocrm: { connection, http, client: createAmocrmClient({ http, connection, lane: 'people' }) },
  }
}

function peoplesPace({ requestsPerSecond }: Pick<AccountOptions, 'requestsPerSecond'>) {
  return requestsPerSecond && { peoplePerSecond: requestsPerSecond.people }
}

/**
 * @param token AMO_ACCESS_TOKEN, which takes the place of what was connected before
 * @param isSubstitute whether it does so only where what was connected before does not work: the sandbox gives a new
 * token at every start, and what people made is kept
 */
export async function openAccount(
  { connection, client }: { connection: Connection; client: Amocrm },
  token: string | null,
  isSubstitute: boolean,
) {
  await connection.open(null)
  const isKept =
    isSubstitute &&
    (await inspectConnection(client, connection).then(
      () => true,
      () => false,
    ))
  if (!isKept) await connection.open(token)
}
