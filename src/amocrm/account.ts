import { z } from 'zod'
import { type AmocrmClient, createAmocrmClient } from './client.ts'
import type { Connection } from './connection.ts'
import { AmocrmError } from './errors.ts'
import type { Http } from './http.ts'
import { readAnswer } from './read-answer.ts'

/** Asks the account who it is and whose rights we have, and so finds out whether it lets us in. Throws AmocrmError. */
export async function inspectConnection(client: AmocrmClient, connection: Connection) {
  const account = await readAccount(client)
  const { id, name, current_user_id } = account
  const user = await readUser(client, current_user_id)
  await connection.alive({
    account_id: id,
    account_name: name,
    user_id: current_user_id,
    user_name: user?.name ?? null,
    is_admin: user?.isAdmin == null ? null : Number(user.isAdmin),
  })
  return account
}

/** Whether the account takes a token that is not in use yet. Throws AmocrmError. */
export async function checkToken(http: Http, { status, lockedOut }: Connection, token: string) {
  const { baseUrl } = await status()
  const connection = {
    prepare: async () => {},
    access: async () => ({ baseUrl, token, version: 0 }),
    renew: async () => false,
    lockedOut,
  }
  await readAccount(createAmocrmClient({ http, connection, lane: 'people' }))
}

const account = z.object({
  id: z.int(),
  name: z.string(),
  current_user_id: z.int(),
  currency: z.string().nullish(),
  _embedded: z.object({ datetime_settings: z.object({ timezone: z.string().nullish() }).nullish() }).nullish(),
})

/**
 * The account behind the token.
 * https://www.amocrm.ru/developers/content/crm_platform/account-info
 */
export async function readAccount(client: AmocrmClient) {
  const path = '/api/v4/account?with=datetime_settings'
  return readAnswer(account, await client.request({ method: 'GET', path }))
}

/** What it reckons by: an IANA zone, and a currency such as RUB or null when it does not say. */
export function localeOf({ currency, _embedded }: z.output<typeof account>) {
  return { timeZone: _embedded?.datetime_settings?.timezone ?? 'Europe/Moscow', currency: currency ?? null }
}

const user = z.object({
  name: z.string(),
  rights: z.object({ is_admin: z.boolean().optional() }).optional(),
})

/**
 * A user of the account; null where we have no right to know.
 * https://www.amocrm.ru/developers/content/crm_platform/users-api
 */
async function readUser(client: AmocrmClient, id: number) {
  try {
    const answer = await client.request({ method: 'GET', path: `/api/v4/users/${id}` })
    const { name, rights } = readAnswer(user, answer)
    return { name, isAdmin: rights?.is_admin ?? null }
  } catch (error) {
    const isWithheld = error instanceof AmocrmError && (error.kind === 'forbidden' || error.status === 404)
    if (isWithheld) return null
    throw error
  }
}
