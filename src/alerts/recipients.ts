import type { AlertChannels } from '../config/alerts.ts'
import { sendEmail } from './channels/email.ts'
import { sendTelegram } from './channels/telegram.ts'
import { sendWebhook } from './channels/webhook.ts'
import { describe, type Happening, type TextSettings } from './texts.ts'

interface Letter {
  /** The same when it is sent again. */
  id: string
  subject: string
  text: string
  content: object
}

export interface Recipient {
  /** `telegram:<chat>`, email or webhook. */
  id: string
  channel: 'telegram' | 'email' | 'webhook'
  /** Who it is, so far as a page may show it. */
  shown: string
  /** Gives what was answered; throws AlertFailure. */
  send: (letter: Letter, now: number) => Promise<string>
}

/** Everybody who is told. */
export function recipientsOf({ telegram, email, webhook }: AlertChannels): Recipient[] {
  const chats = (telegram?.chats ?? []).map(
    (chat): Recipient => ({
      id: `telegram:${chat}`,
      channel: 'telegram',
      shown: chat.startsWith('@') ? chat : masked(chat),
      send: ({ text }) => sendTelegram(telegram ?? { token: '', api: '' }, chat, text),
    }),
  )
  return [
    ...chats,
    ...(email
      ? [
          {
            id: 'email',
            channel: 'email' as const,
            shown: email.to.map((address) => address.replace(/^(.*<)?(.).*@/, '$2…@').replace(/>$/, '')).join(', '),
            send: ({ subject, text }: Letter) => sendEmail(email, subject, text),
          },
        ]
      : []),
    ...(webhook
      ? [
          {
            id: 'webhook',
            channel: 'webhook' as const,
            shown: new URL(webhook.url).host,
            send: ({ id, content }: Letter, now: number) => sendWebhook(webhook, id, content, now),
          },
        ]
      : []),
  ]
}

function masked(chat: string) {
  return `…${chat.slice(-4)}`
}

/** One message of all that has happened, oldest first. */
export function letterOf(
  happenings: (Happening & { id: string })[],
  settings: TextSettings & { appName: string },
): Letter {
  const texts = happenings.map((each) => describe(each, settings))
  const [first = ''] = texts[0]?.split('\n') ?? []
  const more = texts.length > 1 ? settings.translate('alerts.and_more', { count: texts.length - 1 }) : ''
  return {
    id: happenings[0]?.id ?? '',
    subject: `${settings.appName}: ${first}${more && ` ${more}`}`,
    text: `${settings.appName}\n\n${texts.join('\n\n')}`,
    content: {
      type: 'alerts',
      from: settings.base,
      alerts: happenings.map(({ id, rule, kind, at, since, details }, index) => ({
        id,
        rule,
        state: kind === 'over' ? 'ok' : 'raised',
        at: new Date(at).toISOString(),
        since: new Date(since).toISOString(),
        text: texts[index],
        details,
      })),
    },
  }
}
