import { createHmac } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import type { Kysely } from 'kysely'
import { v7 as uuidv7 } from 'uuid'
import type { Tables } from '../../database/tables.ts'
import type { Buyer } from './buyer.ts'
import { isUnfinished, patiently, type Traces } from './remove.ts'
import type { MessageTrace } from './traces.ts'

/** What the pages show in place of who has done it. */
const byCommand = 'npx parom erase'

interface Erasing {
  buyer: Buyer
  order?: string | undefined
  traces: Traces
  /** Secret of the installation: without it nobody can tell of whom the digests are. */
  appKey: string
  folder: string
  /** Unix ms. */
  at: number
}

interface Erased {
  /** Those that could not be erased. */
  left: MessageTrace[]
  isLogEmpty: boolean
}

/**
 * Writes down what is to be erased without saying of whom, and what of it was: a file, and a line of the audit log. The
 * file is there before anything is erased, for what cannot be proved later is not begun.
 */
export async function beginProof(erasing: Erasing) {
  const { folder, at, traces } = erasing
  const id = uuidv7({ msecs: at })
  const name = `${new Date(at).toISOString().replace(/[:.]/g, '-')}-${id.slice(-8)}.json`
  const file = join(folder, name)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await write(proofOf(erasing, null))

  async function write(proof: object) {
    await writeFile(`${file}.new`, `${JSON.stringify(proof, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
    await rename(`${file}.new`, file)
  }

  return {
    file,
    async end(db: Kysely<Tables>, erased: Erased) {
      await write(proofOf(erasing, erased))
      const became = JSON.stringify({ orders: traces.messages.length - erased.left.length, proof: name })
      const row = { id, at, login: byCommand, address: null, action: 'buyer_erased', target: null, was: null, became }
      await patiently(() => db.insertInto('audit').values(row).execute())
    },
  }
}

/** @param erased null: it is begun, and what of it is done is not known */
function proofOf({ buyer, order, traces, appKey, at }: Erasing, erased: Erased | null) {
  const left = erased?.left ?? []
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
    isFinished: erased !== null,
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
    isLogEmpty: erased?.isLogEmpty ?? false,
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
