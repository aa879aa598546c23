import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { rulesOf } from '../../src/config/rules.ts'
import { translateOf } from '../../src/config/translate.ts'
import type { ApiFormat } from '../../src/order/order.ts'
import type { Received } from '../../src/order/parse.ts'

const folder = join(import.meta.dirname, '../fixtures/orders')

/** The configuration that the golden orders are mapped by. */
export const goldenConfig = join(import.meta.dirname, '../fixtures/config')

export interface GoldenOrder {
  name: string
  contentType: string
  body: Buffer
  /** Of an order of the order API: what is known of it besides its body. */
  known?: { format: ApiFormat; code: string; sender: NonNullable<Received['sender']> }
  /** Holds what comes out against a file of the case, and writes it where there is none. */
  matches(file: string, result: unknown): Promise<void>
}

const contentTypes: Record<string, string> = {
  txt: 'application/x-www-form-urlencoded',
  json: 'application/json',
}

/** Every folder with a `_webhook.*` is an order as a shop posts it; its type is the file's, unless `_content-type.txt` says another. One with a `_known.json` has come by the order API. */
export function readGoldenOrders(): GoldenOrder[] {
  return readdirSync(folder).flatMap((name) => {
    const at = (file: string) => join(folder, name, file)
    const webhook = readdirSync(join(folder, name)).find((file) => file.startsWith('_webhook.'))
    if (!webhook) return []
    const contentType = existsSync(at('_content-type.txt'))
      ? readFileSync(at('_content-type.txt'), 'utf8').trim()
      : (contentTypes[webhook.split('.')[1] ?? ''] ?? '')
    const known = existsSync(at('_known.json')) ? { known: JSON.parse(readFileSync(at('_known.json'), 'utf8')) } : {}
    return [{ name, contentType, body: readFileSync(at(webhook)), ...known, matches: matcherOf(name) }]
  })
}

function matcherOf(name: string): GoldenOrder['matches'] {
  return (file, result) => expect(`${JSON.stringify(result, null, 2)}\n`).toMatchFileSnapshot(join(folder, name, file))
}

export async function readGoldenRules() {
  const config = await loadConfig({ ENV_TYPE: 'local', CONFIG_DIR: goldenConfig })
  return rulesOf(config, translateOf(config))
}

export interface CrmFault {
  name: string
  about: string
  /** As the sandbox takes them at `/__sandbox/faults`; those without `times` last until they are lifted. */
  faults?: { times?: number; effect?: string; method?: string }[]
  /** In place of the golden account's own. */
  seed?: object
  /** So many people whom nobody asks for. */
  extraContacts?: number
  /** The partner has a field of this type. */
  newFieldType?: string
  /** The lead cannot be what it is of a CRM that is well: it is shown in a `crm.json` of the case. */
  differs?: boolean
  /** How the order waits while the CRM fails. */
  meanwhile?: { state: string; reason: string }
  matches: GoldenOrder['matches']
}

/** Every folder with a `_faults.json` is the sample order that meets a CRM in trouble. */
export function readCrmFaults(): CrmFault[] {
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, '_faults.json')))
    .map((name) => {
      const spec: Omit<CrmFault, 'name' | 'matches'> = JSON.parse(
        readFileSync(join(folder, name, '_faults.json'), 'utf8'),
      )
      return { name, ...spec, matches: matcherOf(spec.differs ? name : 'opencart-sample') }
    })
}
