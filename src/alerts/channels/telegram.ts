import { z } from 'zod'
import { AlertFailure, failureOf, withoutSecrets } from '../failure.ts'
import { postJson } from './post.ts'

interface TelegramSettings {
  token: string
  api: string
}

/** Characters of a message. */
const longest = 4096

const answerSchema = z.object({
  ok: z.boolean(),
  description: z.string().optional(),
  parameters: z.object({ retry_after: z.number().optional() }).optional(),
})

/** Sends a text as it is: without a parse_mode nothing in it has a meaning. Throws AlertFailure. https://core.telegram.org/bots/api#sendmessage */
export async function sendTelegram({ token, api }: TelegramSettings, chat: string, text: string) {
  const url = `${api.replace(/\/+$/, '')}/bot${token}/sendMessage`
  const cut = text.length > longest ? `${text.slice(0, longest - 1).toWellFormed()}…` : text
  const body = JSON.stringify({ chat_id: chat, text: cut, link_preview_options: { is_disabled: true } })
  const answer = await postJson(url, body).catch((error: unknown) => {
    throw failureOf(error, [url, token])
  })
  const { ok, description, parameters } = readAnswer(answer.text)
  if (answer.status !== 200 || !ok)
    throw new AlertFailure(
      withoutSecrets(`${answer.status} ${description ?? ''}`, [token]),
      1000 * (parameters?.retry_after ?? 0),
    )
  return 'ok'
}

function readAnswer(text: string) {
  try {
    return answerSchema.parse(JSON.parse(text))
  } catch {
    return { ok: text.startsWith('{"ok":true') }
  }
}
