import { createTransport } from 'nodemailer'
import type { AlertChannels } from '../../config/alerts.ts'
import { failureOf, withoutSecrets } from '../failure.ts'

type EmailSettings = NonNullable<AlertChannels['email']>

const patience = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 10_000, dnsTimeout: 10_000 }

/** Gives what the server answered. Throws AlertFailure. */
export async function sendEmail({ smtp, from, to }: EmailSettings, subject: string, text: string) {
  const secrets = secretsOf(smtp)
  const transport = createTransport({ ...serverOf(smtp), ...patience, disableFileAccess: true, disableUrlAccess: true })
  try {
    const { response } = await transport.sendMail({ from, to, subject, text })
    return withoutSecrets(response, secrets)
  } catch (error) {
    throw failureOf(error, secrets)
  } finally {
    transport.close()
  }
}

function serverOf(smtp: EmailSettings['smtp']) {
  if (typeof smtp !== 'string') {
    const { host, port, user, password, tls } = smtp
    return {
      host,
      port,
      secure: port === 465,
      requireTLS: tls === 'always',
      ignoreTLS: tls === 'never',
      ...(user ? { auth: { user, pass: password ?? '' } } : {}),
    }
  }
  const { protocol, hostname, port, username, password } = new URL(smtp)
  const secure = protocol === 'smtps:'
  return {
    host: hostname,
    port: Number(port) || (secure ? 465 : 587),
    secure,
    ...(username ? { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } } : {}),
  }
}

function secretsOf(smtp: EmailSettings['smtp']) {
  if (typeof smtp !== 'string') return [smtp.password]
  const { password } = new URL(smtp)
  return [smtp, password, decodeURIComponent(password)]
}
