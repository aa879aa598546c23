import { createHmac } from 'node:crypto'
import type { Context } from '../context.ts'
import { accountOf } from '../present/present.ts'
import type { Integration } from '../store/access-entities.ts'
import { call, withParameters } from './call.ts'

/** Takes every access back and tells the integration so, if it wants to know. */
export async function disconnect({ store, tokens }: Context, integration: Integration) {
  const revoked = store.write(() => {
    for (const { id } of store.codes.under(integration.id)) store.codes.remove(id)
    return tokens.revoke(({ client_id }) => client_id === integration.id)
  })
  const hook = integration.disconnect_url === null ? null : await tell(integration.disconnect_url)
  return { client_id: integration.id, revoked, hook }

  async function tell(url: string) {
    const account_id = String(accountOf(store).id)
    const message = `${integration.id}|${account_id}`
    const signature = createHmac('sha256', integration.client_secret).update(message).digest('hex')
    const address = withParameters(url, { account_id, client_uuid: integration.id, signature })
    return { url: address, ...(await call(address)) }
  }
}
