import { inspectConnection } from './amocrm/account.ts'
import type { Connection } from './amocrm/connection.ts'
import { leadUrl } from './amocrm/leads.ts'
import type { Account } from './amocrm/open-account.ts'
import type { Config } from './config/load.ts'
import { mappingVersion } from './config/rules.ts'
import { createLinkCheck } from './delivery/check-links.ts'
import { createDeliverer } from './delivery/deliver.ts'
import { createWorker } from './delivery/worker.ts'
import type { Effort, WorkerLog } from './delivery/worker-log.ts'
import type { Inbox } from './inbox/inbox.ts'
import type { Claim } from './inbox/message.ts'
import type { Channels } from './log/log.ts'

interface DeliveryParts {
  channels: Channels
  /** Unix ms. */
  now: () => number
  /** 0 to 1, for the jitter of retries. */
  random: () => number
  inbox: Inbox
  account: Account
  /** Host of the account, as configured. */
  host: string
  /** The same one until the settings have changed. */
  route: () => DeliveryRoute
  ordersAtOnce: number
}

type DeliveryRoute = ReturnType<typeof createRoute>

/** The way of orders to the CRM by these settings. */
export function createRoute(
  config: Config,
  parts: Omit<Parameters<typeof createDeliverer>[0], 'partnerFieldId' | 'translate'>,
) {
  const { translate } = parts.rules
  const partnerFieldId = config.amo.contact_cf_partner_id
  return { version: mappingVersion(config), ...createDeliverer({ ...parts, partnerFieldId, translate }) }
}

export function startDelivery({ inbox, account, host, route, ordersAtOnce, channels, now, random }: DeliveryParts) {
  const { app: log } = channels
  const { connection, turn, delivery: amocrm } = account
  return createWorker({
    inbox,
    account: host,
    course: route,
    tidyUp: createLinkCheck({ inbox, client: amocrm, account: host }),
    ordersAtOnce,
    connection: {
      probe: () => inspectConnection(amocrm, connection),
      lost: connection.lost,
      isMended: async () => ['connected', 'expiring'].includes((await connection.status()).state),
      isPaused: async () => {
        const { pausedUntil, stopped } = await connection.status()
        return pausedUntil !== null || stopped !== null
      },
      async opened(afterLoss) {
        if (afterLoss) await route().forget()
        await route()
          .findMarker()
          .catch((err: unknown) => log.warn({ err }, 'marker field of leads could not be made yet'))
      },
      works: connection.works,
    },
    turn,
    now,
    random,
    log: describeDeliveries(channels, connection),
  })
}

/** One line per attempt. What nobody foresaw is told with where it came from, too. */
function describeDeliveries({ app, exceptions }: Channels, connection: Connection): WorkerLog {
  return {
    delivered(claim, effort) {
      const lead = claim.leadId ?? 0
      const line = { ...described(claim, effort), lead, outcome: 'delivered', url: leadUrl(connection.baseUrl(), lead) }
      app.info(line, 'order delivered')
    },
    failed(claim, outcome, { reason, error, logged = error }, thrown, effort) {
      const retry = outcome.kind === 'retry' && effort ? { retry_in_ms: Math.max(0, outcome.at - effort.endedAt) } : {}
      const line = { ...described(claim, effort), outcome: outcome.kind, reason, error: logged, ...retry }
      app.warn(line, 'order not delivered')
      if (reason === 'internal') exceptions.error({ err: thrown, message: claim.id }, 'order not delivered')
    },
    held: (reason, error) => app.error({ reason, error }, 'amoCRM does not let us in: orders wait'),
    resumed: () => app.info('amoCRM lets us in again: what waited goes out'),
    broken: (err) => app.error({ err }, 'delivery disturbed'),
  }
}

function described({ id, source, attempt, leadId, receivedAt }: Claim, effort: Effort | null) {
  const known = { message: id, source, attempt, lead: leadId }
  if (!effort) return known
  const { begunAt, endedAt, batch, requests } = effort
  const ms = { waited_ms: begunAt - receivedAt, attempt_ms: endedAt - begunAt, total_ms: endedAt - receivedAt }
  return { ...known, ...ms, batch, requests }
}
