import { markerCode } from '../amocrm/marker.ts'
import type { AccountState, Facts, Setup } from './facts.ts'
import { error, type Finding, ok, warning } from './finding.ts'

/** The field by which a lead of ours is known again. */
export function examineMarker({ fields }: AccountState, _: Setup, { connection }: Facts): Finding[] {
  const marker = fields.find(({ entity, code }) => entity === 'leads' && code === markerCode)
  if (!marker) return [connection.user.isAdmin ? ok('marker_to_be_made') : warning('marker_impossible')]
  const params = { field: marker.name, type: marker.type }
  return [marker.type === 'text' ? ok('marker_there', params) : error('marker_type', params)]
}
