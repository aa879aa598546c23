import { openDatabase } from '../../src/database/open.ts'
import { createApiUsers } from '../../src/order-api/users.ts'
import { callApi } from './api-shops.ts'

/** What a shop registers with. */
export const newcomer = {
  name: 'Ромашка',
  email: 'shop@romashka.example',
  password: 'верёвка и мыло',
  password_confirmation: 'верёвка и мыло',
}

/** The same, by another e-mail. */
export const newcomerAt = (email: string) => ({ ...newcomer, email })

export async function register(url: string, fields: object = newcomer) {
  const { status, body } = await callApi(url, 'register', fields)
  if (status !== 201) throw new Error(`not registered: ${JSON.stringify(body)}`)
  return body.token as string
}

/** Whether the server takes it for a token that lets in. */
export async function isGood(url: string, token: string): Promise<boolean> {
  return (await callApi(url, 'test', undefined, { token, method: 'GET' })).body.isAuthenticated
}

/** What an administrator does with users, on the database of a server. */
export async function withUsers<Result>(
  databaseUrl: string,
  act: (users: ReturnType<typeof createApiUsers>) => Promise<Result>,
  now = Date.now,
) {
  const { db, close } = openDatabase(databaseUrl)
  try {
    return await act(createApiUsers(db, now))
  } finally {
    await close()
  }
}

/** Gives the code by which whom an administrator has added can register. */
export const invite = (databaseUrl: string, email: string, now?: () => number) =>
  withUsers(
    databaseUrl,
    async (users) => {
      const source = await users.add({ name: 'Приглашённый', email, password: null, by: 'admin' })
      return users.invite(source ?? '')
    },
    now,
  )
