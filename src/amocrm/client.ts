import type { Access, Connection } from './connection.ts'
import { AmocrmError, errorOfAnswer } from './errors.ts'
import type { Http, HttpAnswer } from './http.ts'
import type { Lane } from './traffic.ts'

export interface Call {
  method: 'GET' | 'POST' | 'PATCH'
  /** Below the account's host, with its query. */
  path: string
  body?: unknown
}

/** One request and what came back, as the order's page shows it. It holds no token. */
export interface Exchange {
  call: Call
  /** Of the CRM. */
  host: string
  /** Null when no answer came. */
  status: number | null
  answer: string | null
  /** When it was answered, by the CRM's clock; unix ms. */
  answeredAt: number | null
}

interface Observer {
  /** Called when nothing but the network is left to wait for; what it throws keeps the call from being sent. */
  beforeSend?: () => Promise<void>
  onExchange?: (exchange: Exchange) => void
}

export interface AmocrmClient {
  /** The answer's body; null for 204. Throws AmocrmError. */
  request(call: Call): Promise<unknown>
}

export type Amocrm = ReturnType<typeof createAmocrmClient>

interface ClientOptions {
  http: Http
  connection: Pick<Connection, 'prepare' | 'access' | 'renew' | 'lockedOut'>
  lane: Lane
}

/** The one way to the account: with its token, within its rate limit, with its refusals told apart. */
export function createAmocrmClient({ http, connection, lane }: ClientOptions) {
  async function send(call: Call, observer: Observer = {}): Promise<unknown> {
    const name = `${call.method} ${call.path.split('?')[0]}`
    const { access, answer } = await exchange(name, call, observer)
    // A token that is over, or an account that has moved: nothing was done, so it may be asked once more.
    const isTurnedAway = answer.status === 401 || answer.status === 404
    const isRenewed = isTurnedAway && (await connection.renew(access, answer.status))
    return read(name, call, isRenewed ? (await exchange(name, call, observer)).answer : answer)
  }

  async function exchange(name: string, call: Call, { beforeSend, onExchange }: Observer) {
    await connection.prepare()
    let access: Access | undefined
    const answer = await http
      .send(lane, name, async () => {
        access = await connection.access()
        await beforeSend?.()
        return { ...call, url: access.baseUrl + call.path, headers: { Authorization: `Bearer ${access.token}` } }
      })
      .catch((error: unknown) => {
        if (access && error instanceof AmocrmError)
          onExchange?.({ call, host: hostOf(access), status: null, answer: null, answeredAt: null })
        throw error
      })
    const granted = access as Access
    onExchange?.({ call, host: hostOf(granted), status: answer.status, answer: answer.text, answeredAt: answer.sentAt })
    return { access: granted, answer }
  }

  async function read(name: string, call: Call, answer: HttpAnswer) {
    const { status, body } = answer
    if (status === 204) return null
    if (status < 200 || status >= 300) {
      const error = errorOfAnswer(call.method, name, answer)
      if (error.kind === 'blocked') await connection.lockedOut(error.message)
      throw error
    }
    if (body !== undefined) return body
    const message = `${name}: the answer is cut off or no JSON`
    throw new AmocrmError('unavailable', message, { status, mayHaveHappened: true })
  }

  return {
    request: (call: Call) => send(call),
    /** The same client, telling of every exchange. */
    observed: (observer: Observer): AmocrmClient => ({ request: (call) => send(call, observer) }),
  }
}

function hostOf({ baseUrl }: Access) {
  return new URL(baseUrl).host
}
