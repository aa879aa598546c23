import { createAmocrmClient } from '../../src/amocrm/client.ts'
import { createHttp, type HttpOptions } from '../../src/amocrm/http.ts'

interface Options extends Partial<HttpOptions> {
  baseUrl: string
  token: string
}

/** A client with a token that never changes. */
export function clientWithToken({ baseUrl, token, ...options }: Options) {
  return createAmocrmClient({
    http: createHttp({ monotonicNow: () => performance.now(), stop: new AbortController().signal, ...options }),
    connection: {
      prepare: async () => {},
      access: async () => ({ baseUrl, token, version: 1 }),
      renew: async () => false,
      lockedOut: async () => {},
    },
    lane: 'delivery',
  })
}

/** No limit to speak of. */
export const inHaste = { delivery: 1000, people: 1000 }
