import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hash } from '@node-rs/argon2'
import { afterAll, describe, expect, it } from 'vitest'
import { run } from '../support/process.ts'

const made: string[] = []
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true })
})

const secrets = {
  APP_KEY: 'q0pO7n6M5l4K3j2I1h0G9f8E7d6C5b4A3z2Y1x0W9v8=',
  WEBHOOK_TOKEN: 'kf83Jd0sLq27xVbN5tYw91ZaPm',
}

/** The configuration that ships, in a folder that nobody else may enter. */
function installation() {
  const folder = mkdtempSync(join(tmpdir(), 'parom-audit-'))
  made.push(folder)
  cpSync(join(import.meta.dirname, '../../config'), join(folder, 'config'), { recursive: true })
  mkdirSync(join(folder, 'var'))
  // Of an account that is known.
  for (const name of ['amo.config.ts', 'request.mapper.ts', 'amo-fields.mapper.ts'])
    cpSync(join(folder, 'config/local', name), join(folder, 'config/prod', name))
  const edit = (name: string, change: (text: string) => string) => {
    const file = join(folder, 'config', name)
    writeFileSync(file, change(readFileSync(file, 'utf8')))
  }
  const env = (values: Record<string, string>, mode = 0o600) => {
    const lines = Object.entries(values).map(([name, value]) => `${name}=${value}\n`)
    writeFileSync(join(folder, 'config/prod/.env'), lines.join(''), { mode })
  }
  edit('prod/amo.config.ts', (text) => text.replace('sandbox: true', 'sandbox: false'))
  return { folder, edit, env }
}

async function audit(folder: string, environment: Record<string, string> = {}, args: string[] = []) {
  const { exited, output } = run('src/cli/parom.ts', ['audit-config', ...args], {
    ENV_TYPE: 'prod',
    CONFIG_DIR: join(folder, 'config'),
    DATABASE_URL: `sqlite:${join(folder, 'var/prod.db')}`,
    STATE_DIRECTORY: join(folder, 'var'),
    ...environment,
  })
  return { code: await exited, output: output() }
}

async function codesOf(folder: string, environment: Record<string, string> = {}) {
  const { code, output } = await audit(folder, environment, ['--json'])
  const { findings } = JSON.parse(output) as { findings: { level: string; code: string }[] }
  expect(code).toBe(findings.some(({ level }) => level === 'danger') ? 1 : 0)
  return findings.map(({ level, code }) => `${level} ${code}`)
}

describe('npx parom audit-config', () => {
  it('has nothing to say of an installation behind https whose secrets are its own', async () => {
    const { folder, edit, env } = installation()
    env({ ...secrets, PUBLIC_URL: 'https://crm.example.ru', TELEGRAM_TOKEN: '123456:AAbbCCddEEff' })
    edit('users.ts', () => 'export default []')
    edit(
      'prod/alerts.config.ts',
      () => "export default { channels: { telegram: { token: '$TELEGRAM_TOKEN', chats: ['-1'] } } }",
    )
    const expected = process.getuid?.() === 0 ? ['advice runs_as_root'] : []
    expect(await codesOf(folder)).toEqual(expected)
  })

  it('names what is dangerous and how to mend it, and no secret', async () => {
    const { folder, edit, env } = installation()
    env(
      {
        ...secrets,
        WEBHOOK_TOKEN: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
        METRICS_TOKEN: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
        APP_KEY_PREVIOUS: secrets.APP_KEY,
        HOST: '0.0.0.0',
      },
      0o644,
    )
    const weak = await hash('correct horse', { memoryCost: 1024, timeCost: 2 })
    edit('users.ts', () => `export default [{ login: 'olga', name: 'Ольга', password: '${weak}', roles: ['boss'] }]`)
    edit('roles.ts', () => "export default [{ id: 'boss', desc: '', rights: ['people'] }]")
    edit('prod/app.config.ts', (text) =>
      text
        .replace(
          "trusted_proxies: ['loopback', 'socket']",
          "trusted_proxies: ['128.0.0.0/1', '0.0.0.0/128.0.0.0', '::ffff:0:0/96', '10.0.0.0/255.0.0.0']",
        )
        .replace("log_level: 'info'", "log_level: 'trace', registration: 'open', session_absolute: 9e6")
        .replace('1024 * 1024', '64 * 1024 * 1024')
        .replace("app_key: ''", `app_key: '${secrets.APP_KEY}'`),
    )
    writeFileSync(join(folder, 'var/crashes.json'), '[]', { mode: 0o644 })
    const [found, { code, output }] = await Promise.all([codesOf(folder), audit(folder)])
    expect(found.filter((code) => code !== 'advice runs_as_root')).toEqual([
      'danger proxy_is_everybody',
      'danger proxy_is_everybody',
      'danger proxy_is_everybody',
      'danger no_https',
      'danger registration_open',
      'danger token_simple',
      'danger token_simple',
      'danger token_twice',
      'danger file_open',
      'danger file_open',
      'danger file_open',
      'advice host_in_public',
      'advice secret_in_file',
      'advice previous_keys',
      'advice password_cheap',
      'advice role_powerful',
      'advice sessions_long',
      'advice bodies_large',
      'advice log_talkative',
      'advice nobody_is_told',
    ])
    expect(code).toBe(1)
    expect(output).toContain('→ chmod o-rwx')
    for (const secret of [secrets.APP_KEY, 'aaaaaaaaaaaa', weak]) expect(output).not.toContain(secret)
  })

  it('knows that a local installation on the network is open to everybody', async () => {
    const { folder } = installation()
    const found = await codesOf(folder, { ENV_TYPE: 'local', HOST: '0.0.0.0' })
    expect(found).toEqual(
      expect.arrayContaining(['danger local_in_public', 'danger password_guessable', 'advice source_open']),
    )
  })

  it('tells settings that cannot be used apart from settings that are not safe', async () => {
    const { folder } = installation()
    const [unusable, misspelt] = await Promise.all([audit(folder), audit(folder, {}, ['--yaml'])])
    expect(unusable).toMatchObject({ code: 1, output: expect.stringContaining('Настройки не подходят') })
    expect(misspelt).toMatchObject({ code: 2 })
  })
})
