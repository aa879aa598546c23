import type { Facts, Setup } from './facts.ts'
import { error, type Finding, ok, warning } from './finding.ts'

const day = 24 * 60 * 60_000

/** Whether the account lets us in, as whom, and for how long. */
export function examineConnection({ connection, trouble, now }: Facts, { configuredHost }: Setup): Finding[] {
  const host = new URL(connection.baseUrl).host
  const moved = host === configuredHost ? [] : [warning('host_moved', { host, configured: configuredHost })]
  const paused =
    connection.pausedUntil === null ? [] : [warning('paused', { seconds: seconds(connection.pausedUntil - now) })]
  if (trouble) return [describeTrouble(trouble), ...moved, ...paused]

  const { account, user, kind } = connection
  const who = { account: account.name ?? host, host, user: user.name ?? String(user.id ?? '—') }
  return [
    kind === 'oauth' ? ok('connected_oauth', who) : ok('connected_token', who),
    ...examineLife({ connection, now }),
    examineRights(user.isAdmin, who),
    ...moved,
    ...paused,
  ]
}

function describeTrouble({ kind, message }: NonNullable<Facts['trouble']>): Finding {
  const params = { error: message }
  switch (kind) {
    case 'not_connected':
      return error('crm_not_connected', params)
    case 'unavailable':
      return error('crm_unavailable', params)
    case 'rate_limited':
      return error('crm_rate_limited', params)
    case 'unauthorized':
      return error('crm_unauthorized', params)
    case 'payment_required':
      return error('crm_payment_required', params)
    case 'blocked':
      return error('crm_blocked', params)
    case 'forbidden':
      return error('crm_forbidden', params)
    case 'rejected':
      return error('crm_rejected', params)
  }
}

function examineRights(isAdmin: boolean | null, who: Finding['params']): Finding {
  // Administrators alone may see users, so this is most likely none.
  if (isAdmin === null) return warning('rights_unknown', who)
  return isAdmin ? ok('rights_admin', who) : warning('rights_limited', who)
}

/** A token that nobody renews ends; one that is renewed daily is known to be idle when its end comes near. */
function examineLife({ connection: { state, kind, until }, now }: Pick<Facts, 'connection' | 'now'>): Finding[] {
  if (until === null) return []
  const params = { days: String(Math.max(0, Math.floor((until - now) / day))) }
  if (state !== 'expiring') return [kind === 'oauth' ? ok('token_renewed', params) : ok('token_lasts', params)]
  return [kind === 'oauth' ? warning('token_idle', params) : warning('token_ending', params)]
}

function seconds(ms: number) {
  return String(Math.max(1, Math.ceil(ms / 1000)))
}
