import type { Facts } from './facts.ts'
import { error, type Finding, warning } from './finding.ts'

/** Whether the database keeps what it has taken, and takes what may come. */
export function examineServer({ server }: Pick<Facts, 'server'>): Finding[] {
  return server.map(({ kind, ...params }) =>
    kind === 'not_durable' ? error('store_not_durable', params) : warning('store_packet_small', params),
  )
}
