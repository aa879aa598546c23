import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ConfigError } from '../../src/config/config-error.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { AlertsConfig } from '../../src/config/schema.ts'

describe('alerts.config', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'parom-config-'))
    cpSync(join(import.meta.dirname, '../../config'), folder, { recursive: true })
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  async function load(settings: unknown, variables: Record<string, string> = {}) {
    const file = join(folder, 'local/alerts.config.ts')
    if (settings === undefined) rmSync(file)
    else writeFileSync(file, `export default ${JSON.stringify(settings)}`)
    return (await loadConfig({ ENV_TYPE: 'local', CONFIG_DIR: folder, ...variables })).alerts
  }
  const faultsOf = (settings: unknown, variables = {}) =>
    load(settings, variables).then(
      () => expect.fail('it was taken'),
      ({ faults }: ConfigError) => faults.map(({ where, key }) => (key === '' ? where : key)),
    )

  it('is not needed: everything but the hours without orders is watched, and nobody is told', async () => {
    expect(await load(undefined)).toEqual({
      channels: { telegram: null, email: null, webhook: null },
      rules: {
        needs_person: {},
        oldest_waiting: { minutes: 15 },
        connection_lost: {},
        connection_ends: { days: 14 },
        no_orders: false,
        database: {},
        disk: { percent: 10, gigabytes: 1 },
      },
      quietHours: null,
    })
  })

  it('takes secrets from variables', async () => {
    const settings: AlertsConfig = {
      channels: {
        telegram: { token: '$BOT', chats: ['-1'] },
        email: { smtp: '$MAIL', from: 'Паром <parom@example.ru>', to: ['shop@example.ru'] },
        webhook: { url: '$HOOK', secret: '$HOOK_SECRET' },
      },
    }
    const variables = {
      BOT: '123456:AAbbCCddEEff',
      MAIL: 'smtps://user:pass@mail.example.ru',
      HOOK: 'https://example.ru/hook',
      HOOK_SECRET: `whsec_${Buffer.alloc(24, 1).toString('base64')}`,
    }
    const { channels } = await load(settings, variables)
    expect(channels).toMatchObject({
      telegram: { token: variables.BOT, api: 'https://api.telegram.org' },
      email: { smtp: variables.MAIL },
      webhook: { url: variables.HOOK, key: Buffer.alloc(24, 1) },
    })
    expect(await faultsOf(settings, { MAIL: 'http://no.mail.server' })).toEqual(
      ['BOT', 'MAIL', 'HOOK', 'HOOK_SECRET'].map((name) => `переменная ${name}`),
    )
  })

  it.each<[string, unknown, string]>([
    ['a token that is none', { channels: { telegram: { token: 'x', chats: ['1'] } } }, 'channels.telegram.token'],
    ['no chat', { channels: { telegram: { token: '$BOT', chats: [] } } }, 'channels.telegram.chats'],
    [
      'another kind of api',
      { channels: { telegram: { token: '$B', chats: ['1'], api: 'ftp://x' } } },
      'channels.telegram.api',
    ],
    [
      'no mail server',
      { channels: { email: { smtp: 'file:///etc/passwd', from: 'a@b', to: ['a@b'] } } },
      'channels.email.smtp',
    ],
    [
      'two mail addresses in one',
      { channels: { email: { smtp: '$M', from: 'a@b', to: ['a@b\r\nBcc: c@d'] } } },
      'channels.email.to.0',
    ],
    ['a webhook without http', { channels: { webhook: { url: 'file:///etc/passwd' } } }, 'channels.webhook.url'],
    ['an unknown rule', { rules: { weather: true } }, 'rules'],
    ['no hours', { rules: { no_orders: { from: '09:00' } } }, 'rules.no_orders'],
    ['a day that is none', { rules: { no_orders: { hours: 1, days: ['пн'] } } }, 'rules.no_orders'],
    ['minutes below nought', { rules: { oldest_waiting: { minutes: -1 } } }, 'rules.oldest_waiting.minutes'],
    ['no time', { quiet_hours: { from: '25:00', to: '08:00' } }, 'quiet_hours.from'],
    ['no time zone', { quiet_hours: { from: '22:00', to: '08:00', time_zone: 'Луна' } }, 'quiet_hours.time_zone'],
  ])('refuses %s', async (_what, settings, key) => {
    expect(await faultsOf(settings)).toContain(key)
  })
})
