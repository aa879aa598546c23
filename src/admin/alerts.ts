import { randomUUID } from 'node:crypto'
import type { Request, Response } from 'express'
import type { Translate } from '../config/translate.ts'
import type { Audit } from './audit.ts'
import type { Languages } from './language.ts'
import type { Route } from './routes.ts'
import type { Render } from './views.ts'

/** The alerts, as the page sees them. Times are unix ms. */
export interface AlertsAccess {
  standings: () => Promise<{ rule: string; isWatched: boolean; standing: { state: string; since: number } | null }[]>
  /** Newest first. */
  messages: () => Promise<
    {
      rule: string
      kind: string
      at: number
      recipient: string
      due_at: number | null
      sent_at: number | null
      tries: number
      error: string | null
    }[]
  >
  recipients: () => Recipient[]
  settings: () => {
    rules: Record<string, object | false>
    quietHours: { from: string; to: string; timeZone: string } | null
    appName: string
  }
}

interface Recipient {
  id: string
  channel: string
  shown: string
  /** Gives what was answered. */
  send: (letter: { id: string; subject: string; text: string; content: object }, now: number) => Promise<string>
}

interface AlertPagesOptions {
  alerts: AlertsAccess
  env: string
  /** Whether the database lies on this machine's disk. */
  isDiskOurs: boolean
  languages: Languages
  audit: Audit
  render: Render
  /** Unix ms. */
  now: () => number
}

/** `/app/alerts`: who is told of what, and how things stand. */
export function createAlertPages(options: AlertPagesOptions): Route[] {
  const { alerts, env, isDiskOurs, languages, audit, render, now } = options
  const access = 'maintenance'
  return [
    { method: 'get', path: '/app/alerts', access, handle: (req, res) => show(req, res) },
    { method: 'post', path: '/app/alerts/tests', access, handle: test },
    {
      method: 'get',
      path: '/app/alerts/tests',
      access,
      handle: (req, res) => res.redirect(`${req.baseUrl}/app/alerts`),
    },
  ]

  async function show(req: Request, res: Response, outcome?: { text: string; isDone: boolean }) {
    const translate = languages.translateFor(req)
    const { rules, quietHours } = alerts.settings()
    const recipients = alerts.recipients()
    const shown = new Map(recipients.map(({ id, shown }) => [id, shown]))
    const messages = await alerts.messages()
    render(req, res, 'alerts/index.njk', {
      outcome,
      env,
      isDiskOurs,
      recipients,
      quietHours,
      rules: (await alerts.standings()).map((each) => ({
        ...each,
        text: textOf(each.rule, rules[each.rule], translate),
      })),
      messages: messages.map((message) => ({
        ...message,
        channel: message.recipient.split(':')[0],
        shown: shown.get(message.recipient) ?? '',
        text: textOf(message.rule, rules[message.rule], translate),
      })),
    })
  }

  async function test(req: Request, res: Response) {
    const translate = languages.translateFor(req)
    const recipient = alerts.recipients().find(({ id }) => id === req.body?.recipient)
    if (!recipient) {
      res.status(404)
      return show(req, res, { isDone: false, text: translate('alerts.test.unknown') })
    }
    await audit.record(req, { action: 'alert_tested', target: `${recipient.channel} ${recipient.shown}` })
    await show(req, res, await sendTest(recipient, req.user?.login ?? '', translate))
  }

  async function sendTest({ channel, shown, send }: Recipient, login: string, translate: Translate) {
    const to = { channel: `${translate(`alerts.channel.${channel}`)} ${shown}` }
    const { appName } = alerts.settings()
    const text = translate('alerts.test.text', { login })
    const letter = { id: randomUUID(), subject: `${appName}: ${text}`, text: `${appName}\n\n${text}` }
    try {
      const answer = await send({ ...letter, content: { type: 'test', text } }, now())
      return { isDone: true, text: translate('alerts.test.sent', { ...to, answer }) }
    } catch (error) {
      return { isDone: false, text: translate('alerts.test.failed', { ...to, error: (error as Error).message }) }
    }
  }
}

/** What a rule watches, with its own numbers. */
function textOf(rule: string, settings: object | false | undefined, translate: Translate) {
  if (!settings && rule === 'no_orders') return translate('alerts.rule.no_orders.off')
  if (!settings && rule === 'disk') return translate('alerts.rule.disk.off')
  const usual = { minutes: 15, days: 14 }
  return translate(`alerts.rule.${rule}`, { ...usual, ...(settings as Record<string, number>) })
}
