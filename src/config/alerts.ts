import { type AlertSettings, isBotToken, isSmtpUrl, isWebUrl, smtpUrlExpected } from './alert-schema.ts'
import type { Fault } from './config-error.ts'
import type { Variables } from './reader.ts'
import { isSigningSecret, secretExpected, signingKey, variableOf } from './source-schema.ts'

export type Alerts = ReturnType<typeof deriveAlerts>
export type AlertRules = Alerts['rules']
export type AlertChannels = Alerts['channels']

/** Which variables are named, and what has to stand in them. */
export function findAlertFaults(settings: AlertSettings | null, variables: Variables): Fault[] {
  const { telegram, email, webhook } = settings?.channels ?? {}
  const smtp = typeof email?.smtp === 'string' ? email.smtp : null
  const asked: [secret: string | null | undefined, isRight: (text: string) => boolean, expected: string][] = [
    [telegram?.token, isBotToken, 'токен бота вида 123456:AA… от @BotFather'],
    [smtp, isSmtpUrl, smtpUrlExpected],
    [webhook?.url, isWebUrl, 'адрес вида https://…'],
    [webhook?.secret, isSigningSecret, secretExpected],
  ]
  return asked.flatMap(([secret, isRight, expected]) => {
    const name = variableOf(secret ?? '')
    const isFine = name === null || isRight(variables[name]?.trim() ?? '')
    return isFine ? [] : [{ where: `переменная ${name}`, key: '', expected }]
  })
}

/** Of what, to whom and when word is sent, once everything has been checked. */
export function deriveAlerts(
  settings: AlertSettings,
  { timeZone, variables }: { timeZone: string; variables: Variables },
) {
  const { telegram, email, webhook } = settings.channels
  const known = (secret: string) => variables[variableOf(secret) ?? '']?.trim() ?? secret
  const { no_orders, ...rules } = settings.rules
  const { quiet_hours } = settings
  return {
    channels: {
      telegram: telegram ? { ...telegram, token: known(telegram.token) } : null,
      email: email ? { ...email, smtp: typeof email.smtp === 'string' ? known(email.smtp) : email.smtp } : null,
      webhook: webhook
        ? { url: known(webhook.url), key: webhook.secret ? signingKey(known(webhook.secret)) : null }
        : null,
    },
    rules: {
      ...rules,
      no_orders: no_orders && { ...no_orders, timeZone: no_orders.time_zone ?? timeZone },
    },
    quietHours: quiet_hours
      ? { from: quiet_hours.from, to: quiet_hours.to, timeZone: quiet_hours.time_zone ?? timeZone }
      : null,
  }
}
