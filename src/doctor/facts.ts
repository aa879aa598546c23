import type { ConnectionStatus } from '../amocrm/connection-status.ts'
import type { AmocrmError } from '../amocrm/errors.ts'
import type { listWebhooks } from '../amocrm/webhooks.ts'
import type { Config } from '../config/load.ts'
import type { ServerTrouble } from '../database/mysql-session.ts'
import type { CrmAccount } from '../mapping/plan.ts'
import type { Rules } from '../mapping/request.mapper.ts'

/** What the account is like right now. */
export interface AccountState extends CrmAccount {
  currency: string | null
  /** Ms that our clock is ahead of the CRM's; null when the CRM does not tell its time. */
  clockAhead: number | null
  partners: { contacts: number; withPartner: number; duplicatePartners: { partnerId: string; ids: number[] }[] }
  /** Null: the account has no list of products. */
  catalog: {
    name: string
    canLinkMultiple: boolean
    fields: { name: string; code: string | null; isRequired: boolean }[]
  } | null
  /** Null where the token may not know them. */
  webhooks: Awaited<ReturnType<typeof listWebhooks>>
  /** Of the contacts that forms name, those that are not there. */
  missingContacts: number[]
}

/** All that is examined. */
export interface Facts {
  /** Unix ms. */
  now: number
  /** Of the machine; IANA name. */
  timeZone: string
  connection: ConnectionStatus
  /** Of the database server's settings. */
  server: ServerTrouble[]
  account: AccountState | null
  /** Why there is no account. */
  trouble: { kind: AmocrmError['kind']; message: string } | null
}

/** The settings that it is compared with. */
export interface Setup {
  rules: Rules
  partnerFieldId: number
  /** Host of the account. */
  configuredHost: string
  /** Where amoCRM would reach this installation; null when nobody has said. */
  publicBase: string | null
  webhookToken: string | null
  sources: Pick<Config['sources'][number], 'id' | 'tokens' | 'signingSecrets' | 'allowedAddresses'>[]
  /** Whether shops may register for the order API. */
  mayRegister: boolean
  /** Whether there must be a proxy before it, and none is trusted. */
  isProxyUnknown: boolean
  /** Whether it stands on somebody's desk. */
  isLocal: boolean
}
