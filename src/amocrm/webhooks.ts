import { z } from 'zod'
import type { AmocrmClient } from './client.ts'
import { nullIfForbidden } from './errors.ts'
import { readAnswer } from './read-answer.ts'

const webhook = z
  .object({ destination: z.string(), disabled: z.boolean().nullish(), settings: z.array(z.string()).nullish() })
  .transform(({ destination, disabled, settings }) => ({
    destination,
    isDisabled: disabled ?? false,
    events: settings ?? [],
  }))

const answered = z.object({ _embedded: z.object({ webhooks: z.array(webhook) }) })

/**
 * Whom the account tells of its changes; null where we have no right to know.
 * https://www.amocrm.ru/developers/content/crm_platform/webhooks-api#webhooks-list
 */
export async function listWebhooks(client: AmocrmClient) {
  return readWebhooks(client).catch(nullIfForbidden)
}

async function readWebhooks(client: AmocrmClient) {
  const answer = await client.request({ method: 'GET', path: '/api/v4/webhooks' })
  return answer === null ? [] : readAnswer(answered, answer)._embedded.webhooks
}
