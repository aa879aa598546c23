import { randomUUID } from 'node:crypto'
import type { Request } from 'express'
import type { Context } from '../context.ts'
import { accountOf } from '../present/present.ts'
import type { Integration } from '../store/access-entities.ts'
import { accountHost } from './hosts.ts'
import { signShared } from './jwt.ts'

const life = 30 * 60

/** What a widget sends to its integration as `X-Auth-Token`, so that this knows who is there. */
export function disposableToken(context: Context, req: Request, integration: Integration, user_id: number) {
  const { id: account_id, subdomain } = accountOf(context.store)
  const now = context.clock.seconds()
  const claims = {
    iss: `https://${accountHost(context, req)}`,
    aud: new URL(integration.redirect_uri).origin,
    jti: randomUUID(),
    iat: now,
    nbf: now,
    exp: now + life,
    account_id,
    user_id,
    subdomain,
    client_uuid: integration.id,
  }
  return { token: signShared(claims, integration.client_secret), expires_at: claims.exp }
}
