import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'

/** Sends a form and gives the status of the answer; what it says and where it redirects to is of no interest. */
export function postForm(address: string, body: string, signal: AbortSignal): Promise<number> {
  const url = new URL(address)
  const request = url.protocol === 'https:' ? requestHttps : requestHttp
  const headers = {
    'Content-Type': 'application/x-www-form-urlencoded',
    'Content-Length': Buffer.byteLength(body),
    'User-Agent': 'amoCRM-Webhook',
  }
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers, signal, agent: false }, (answer) => {
      answer.on('error', () => {}).resume()
      resolve(answer.statusCode ?? 0)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
