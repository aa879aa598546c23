import { inspectConnection } from './amocrm/account.ts'
import type { Connection } from './amocrm/connection.ts'
import { leadUrl } from './amocrm/leads.ts'
import type { Account } from './amocrm/open-account.ts'
import type { Config } from './config/load.ts'
import { mappingVersion } from './config/rules.ts'
import { createLinkCheck } from './delivery/check-links.ts'
import { createDeliverer } from './delivery/deliver.ts'
import { createWorker } from './delivery/worker.ts'
import type { WorkerLog } from './delivery/worker-log.ts'
import type { Inbox } from './inbox/inbox.ts'
import type { Log } from './log.ts'

interface DeliveryParts {
  log: Log
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

export function startDelivery({ inbox, account, host, route, ordersAtOnce, log, now, random }: DeliveryParts) {
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
          .catch((err: unknown) => log.warn({ err }, 'the field that marks our leads could not be made yet'))
      },
      works: connection.works,
    },
    turn,
    now,
    random,
    log: describeDeliveries(log, connection),
  })
}

function describeDeliveries(log: Log, connection: Connection): WorkerLog {
  return {
    delivered: (message, lead, ms) =>
      log.info({ message, lead, ms, url: leadUrl(connection.baseUrl(), lead) }, 'order delivered'),
    failed: (message, outcome, reason, error) => log.warn({ message, outcome, reason, error }, 'order not delivered'),
    held: (reason, error) => log.error({ reason, error }, 'amoCRM does not let us in: orders are kept until it does'),
    resumed: () => log.info('amoCRM lets us in again: what was kept goes out'),
    broken: (err) => log.error({ err }, 'the delivery is disturbed'),
  }
}
