import { createHmac } from 'node:crypto'
import { AlertFailure, failureOf, withoutSecrets } from '../failure.ts'
import { postJson } from './post.ts'

interface WebhookSettings {
  url: string
  key: Buffer | null
}

/** Signed, where there is a key, as in https://www.standardwebhooks.com. Throws AlertFailure. @param now unix ms */
export async function sendWebhook({ url, key }: WebhookSettings, id: string, content: object, now: number) {
  const body = JSON.stringify(content)
  const timestamp = String(Math.floor(now / 1000))
  const signature = key && createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    ...(signature ? { 'webhook-signature': `v1,${signature}` } : {}),
  }
  // An address may hold a secret, too.
  const answer = await postJson(url, body, headers).catch((error: unknown) => {
    throw failureOf(error, [url])
  })
  const said = withoutSecrets(`${answer.status} ${answer.text}`, [url])
  if (answer.status < 200 || answer.status > 299) throw new AlertFailure(said, 1000 * (Number(answer.retryAfter) || 0))
  return said
}
