import http, { type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import https from 'node:https'

/**
 * For axios: what sends a request, and asks before it does. By then there is a connection, and the bytes leave in the
 * same tick; whatever held the request up before that, and for however long, is known to who is asked.
 * @param mayGo when it says no, the request fails and not a byte of it is sent
 */
export function transportThatAsks(mayGo: () => boolean) {
  function request(options: RequestOptions, onAnswer: (answer: IncomingMessage) => void): ClientRequest {
    const isSecure = options.protocol === 'https:'
    const asked = (isSecure ? https : http).request(options, onAnswer)
    return asked.once('socket', (socket) => {
      if (asked.reusedSocket) {
        if (!mayGo()) asked.destroy()
        return
      }
      // What is written meanwhile stays in a corked socket.
      socket.cork()
      socket.once(isSecure ? 'secureConnect' : 'connect', () => {
        if (mayGo()) socket.uncork()
        else asked.destroy()
      })
    })
  }
  return { request }
}
