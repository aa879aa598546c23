import { createHmac } from 'node:crypto'
import { access, constants, mkdir, writeFile } from 'node:fs/promises'
import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import type { Kysely } from 'kysely'
import { v7 as uuidv7 } from 'uuid'
import type { Tables } from '../../database/tables.ts'
import type { Buyer } from './buyer.ts'
import { isUnfinished, type Traces } from './remove.ts'
import type { MessageTrace } from './traces.ts'

/** What the pages show in place of who has done it. */
const byCommand = 'npx parom erase'

interface Erased {
  buyer: Buyer
  order?: string | undefined
  traces: Traces
  /** Those that could not be erased. */
  left: MessageTrace[]
  /** Secret of the installation: without it nobody can tell of whom the digests are. */
  appKey: string
  folder: string
  at: number
  isLogEmpty: boolean
}

/** Before anything is erased: what cannot be proved later is not begun. */
export async function openProofFolder(folder: string) {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await access(folder, constants.W_OK)
}

/** Writes down what was erased without saying of whom: a file, and a line of the audit log. Gives the file. */
export async function writeProof(db: Kysely<Tables>, erased: Erased) {
  const { folder, at, traces, left } = erased
  const id = uuidv7({ msecs: at })
  const file = join(folder, `${new Date(at).toISOString().replace(/[:.]/g, '-')}-${id.slice(-8)}.json`)
  await writeFile(file, `${JSON.stringify(proofOf(erased), null, 2)}\n`, { mode: 0o600, flag: 'wx' })
  const became = JSON.stringify({ orders: traces.messages.length - left.length, proof: file.split('/').at(-1) })
  const row = { id, at, login: byCommand, address: null, action: 'buyer_erased', target: null, was: null, became }
  await db.insertInto('audit').values(row).execute()
  return file
}

function proofOf({ buyer, order, traces, left, appKey, at, isLogEmpty }: Erased) {
  const key = Buffer.from(appKey, 'base64')
  const digest = (kind: string, value: string) =>
    createHmac('sha256', key).update(`${kind}:${value}`).digest('base64url')
  const gone = traces.messages.filter(({ id }) => left.every((each) => each.id !== id))
  const ids = (isMeant: (trace: MessageTrace) => boolean) => gone.filter(isMeant).map(({ id }) => id)
  const contacts = traces.contacts.filter(({ isPartner }) => !isPartner)
  const wanted = Object.entries({ ...buyer, order }).flatMap(([kind, value]) =>
    value === undefined ? [] : [{ kind, digest: digest(kind, value) }],
  )
  return {
    at: new Date(at).toISOString(),
    by: `${userInfo().username}@${hostname()}`,
    wanted,
    digests:
      'HMAC-SHA-256 of <kind>:<value> under app_key, base64url; of a phone the last ten digits, an e-mail in lower case',
    counts: {
      orders: gone.filter(({ state }) => state !== 'rejected').length,
      refused: gone.filter(({ state }) => state === 'rejected').length,
      contacts: contacts.length,
      mentions: traces.places.length,
    },
    delivered: ids(({ state }) => state === 'delivered'),
    unfinished: ids(isUnfinished),
    refused: ids(({ state }) => state === 'rejected'),
    mentions: traces.places.map(({ table, key }) => ({ table, key: Object.values(key).join(' ') })),
    left: left.map(({ id }) => id),
    isLogEmpty,
    notErased: { amocrm: crmOf(traces), others: ['backups', 'logs', 'the shop'] },
  }
}

/** What there is of the buyer in amoCRM. */
export function crmOf({ messages, contacts }: Traces) {
  const own = messages.filter(({ isBuyers }) => isBuyers)
  const distinct = (ids: (number | null)[]) => [...new Set(ids.filter((id) => id !== null))].sort((a, b) => a - b)
  const copies = (isMeant: boolean) => contacts.filter(({ isCompany }) => isCompany === isMeant).map(({ id }) => id)
  return {
    leads: distinct(messages.map(({ lead_id }) => lead_id)),
    contacts: distinct([...own.map(({ contact_id }) => contact_id), ...copies(false)]),
    companies: distinct([...own.map(({ company_id }) => company_id), ...copies(true)]),
  }
}
